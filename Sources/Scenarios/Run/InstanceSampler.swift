import ControlPlane
import Database
import Simulation

/// Looks at every instance once a second.
final class InstanceSampler: EventTarget {
  private(set) var samples: [InstanceSample] = []
  private let world: World
  private var busyBefore: [Interval]

  static let interval = Interval.seconds(1)

  init(world: World) {
    self.world = world
    busyBefore = world.instances.map(\.host.processor.busy)
    world.simulation.loop.schedule(after: Self.interval, self)
  }

  func fire(_ token: UInt64) {
    for (index, instance) in world.instances.enumerated() {
      let processor = instance.host.processor
      let spent = processor.busy - busyBefore[index]
      busyBefore[index] = processor.busy
      let isReader = instance.role == .reader && instance.state == .available
      samples.append(
        InstanceSample(
          instant: world.simulation.now, instance: instance.identifier,
          processorUse: spent.seconds / (Self.interval.seconds * processor.capacity),
          lag: isReader ? instance.lag : nil))
    }
    world.simulation.loop.schedule(after: Self.interval, self)
  }
}
