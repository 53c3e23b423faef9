import ControlPlane
import Database
import Simulation

/// Looks at every instance once a second.
///
/// A reader's lag at a look is the longest that a commit took to become visible on it since the last one, or has been
/// waiting for; see ``LagMeter``, which knows every commit.
final class InstanceSampler: EventTarget {
  private(set) var samples: [InstanceSample] = []
  private let world: World
  private var usageBefore: [Processor.Usage]

  static let interval = Interval.seconds(1)

  init(world: World) {
    self.world = world
    usageBefore = world.instances.map(\.host.processor.usage)
    world.simulation.loop.schedule(after: Self.interval, self)
  }

  func fire(_ token: UInt64) {
    for (index, instance) in world.instances.enumerated() {
      let usage = instance.host.processor.usage
      let processorUse = usage.utilization(since: usageBefore[index])
      usageBefore[index] = usage
      let isReader = instance.role == .reader && instance.state == .available
      let lag = world.lagMeter.takeLongest(to: index)
      samples.append(
        InstanceSample(
          instant: world.simulation.now, instance: instance.identifier,
          processorUse: processorUse,
          lag: isReader ? lag : nil))
    }
    world.simulation.loop.schedule(after: Self.interval, self)
  }
}
