import ControlPlane
import Database
import DequeModule
import Simulation
import Volume

/// Looks at every instance once a second.
///
/// A reader's lag is the longest that a commit took to become visible on it since the last look; while
/// what was durable at an earlier look is still not visible, it is at least the time since then. Where
/// there is nothing to show, because nobody commits, there is no lag either.
final class InstanceSampler: EventTarget {
  private(set) var samples: [InstanceSample] = []
  private let world: World
  private var busyBefore: [Interval]
  /// For each instance the earlier looks at the writer's durable LSN that it has not reached yet.
  private var unseen: [Deque<(instant: Instant, durable: LSN)>]

  static let interval = Interval.seconds(1)

  init(world: World) {
    self.world = world
    busyBefore = world.instances.map(\.host.processor.busy)
    unseen = world.instances.map { _ in Deque() }
    world.simulation.loop.schedule(after: Self.interval, self)
  }

  func fire(_ token: UInt64) {
    for (index, instance) in world.instances.enumerated() {
      let processor = instance.host.processor
      let spent = processor.busy - busyBefore[index]
      busyBefore[index] = processor.busy
      if instance.role != .reader { unseen[index].removeAll() }
      let isReader = instance.role == .reader && instance.state == .available
      samples.append(
        InstanceSample(
          instant: world.simulation.now, instance: instance.identifier,
          processorUse: spent.seconds / (Self.interval.seconds * processor.capacity),
          lag: isReader ? lag(of: instance, index) : nil))
    }
    if let writer = world.writer {
      for index in unseen.indices {
        unseen[index].append((world.simulation.now, writer.durableLSN))
      }
    }
    world.simulation.loop.schedule(after: Self.interval, self)
  }

  private func lag(of reader: DatabaseInstance, _ index: Int) -> Interval? {
    while let look = unseen[index].first, look.durable <= reader.durableLSN {
      unseen[index].removeFirst()
    }
    let behind = unseen[index].first.map { world.simulation.now - $0.instant }
    let replay = reader.takeSlowestReplay()
    return behind.map { max($0, replay ?? .zero) } ?? replay
  }
}
