import Simulation

/// Looks, once a second, at the conditions that a scenario wants to come true eventually.
final class ConditionWatch: EventTarget {
  private(set) var observations: [(condition: Scenario.Condition, instant: Instant, holds: Bool)] =
    []
  /// Those that have to be looked at, in the order of the reference.
  private let looks: [(condition: Scenario.Condition, holds: (World) -> Bool)]
  private let world: World

  private static let interval = Interval.seconds(1)

  init(scenario: Scenario, world: World) {
    self.world = world
    let wanted = scenario.claims.eventually.flatMap(\.conditions)
    looks = Scenario.Condition.all.filter(wanted.contains).compactMap { condition in
      if case .looks(let holds) = condition.evidence { (condition, holds) } else { nil }
    }
    world.simulation.loop.schedule(after: Self.interval, self)
  }

  func fire(_ token: UInt64) {
    for (condition, holds) in looks {
      observations.append((condition, world.simulation.now, holds(world)))
    }
    world.simulation.loop.schedule(after: Self.interval, self)
  }
}
