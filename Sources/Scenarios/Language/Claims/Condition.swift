import Simulation

extension Scenario {
  /// A state that the cluster reaches.
  ///
  /// Each is a file of its own, which says how one can tell; its name in ``all`` makes it known.
  public struct Condition: Sendable {
    /// How it is known whether a condition holds.
    enum Evidence: Sendable {
      /// Somebody looks once a second while the run goes on; what a look has seen counts until the next.
      case looks(@Sendable (World) -> Bool)
      /// It follows from what was recorded: from which instant on it holds, of a stretch of absolute time.
      case record(@Sendable (Measurement, ClosedRange<Instant>) -> Finding)
    }

    /// What a record says of a condition.
    enum Finding {
      /// It holds from this instant on.
      case holds(since: Instant)
      /// It could have come true, and did not.
      case neverHeld
      /// Nothing that happened could have shown it.
      case unseen(because: String)
    }

    /// As a scenario writes it.
    public let name: String
    /// Why it cannot come true in any run of a scenario; `nil` if it can. Such a claim is refused.
    let impossibility: @Sendable (Scenario) -> String?
    let evidence: Evidence

    init(
      _ name: String, impossibility: @escaping @Sendable (Scenario) -> String? = { _ in nil },
      _ evidence: Evidence
    ) {
      (self.name, self.impossibility, self.evidence) = (name, impossibility, evidence)
    }

    /// Every condition that a scenario can name.
    public static let all: [Self] = [.writesOK, .instancesOK, .allCopiesComplete]
  }
}

extension Scenario.Condition: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
