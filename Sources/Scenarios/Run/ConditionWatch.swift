import ControlPlane
import Simulation

/// Watches, once a second, the conditions that a scenario wants to come true eventually.
final class ConditionWatch: EventTarget {
  private(set) var observations: [(condition: Scenario.Condition, instant: Instant, holds: Bool)] =
    []
  private let conditions: [Scenario.Condition]
  private let world: World

  private static let interval = Interval.seconds(1)

  init(scenario: Scenario, world: World) {
    self.world = world
    let wanted = scenario.claims.eventually.flatMap(\.conditions)
    // Whether writes are well follows from the commits that clients saw.
    conditions = Scenario.Condition.allCases.filter { wanted.contains($0) && $0 != .writesOK }
    world.simulation.loop.schedule(after: Self.interval, self)
  }

  func fire(_ token: UInt64) {
    for condition in conditions {
      let holds =
        switch condition {
        case .writesOK: true
        case .instancesOK: world.isWhole
        case .allCopiesComplete: world.copiesAreComplete
        }
      observations.append((condition, world.simulation.now, holds))
    }
    world.simulation.loop.schedule(after: Self.interval, self)
  }
}
