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
      /// It follows from what was recorded: the instant, in absolute time, from which it holds at or after
      /// a beginning.
      case record(@Sendable (Measurement, _ beginning: Instant) -> Instant?)
    }

    /// As a scenario writes it.
    public let name: String
    let evidence: Evidence

    init(_ name: String, _ evidence: Evidence) { (self.name, self.evidence) = (name, evidence) }

    /// Every condition that a scenario can name.
    public static let all: [Self] = [.writesOK, .instancesOK, .allCopiesComplete]
  }
}

extension Scenario.Condition: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
