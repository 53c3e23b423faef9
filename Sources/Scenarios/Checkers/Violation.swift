public import Simulation

/// A promise of the database that was broken, when, and how that was seen.
public struct Violation: Codable, Equatable, Sendable {
  public var invariant: Invariant
  public var instant: Instant
  /// What a reader needs in order to believe it; may have several lines.
  public var evidence: String
  /// For ``Invariant/isolation``: the weakest level that forbids what was seen. It breaks the promise of
  /// that level and of every stronger one.
  public var level: Scenario.IsolationLevel?
  /// For ``Invariant/isolation``: what was seen.
  public var anomaly: Anomaly.Kind?

  public init(
    _ invariant: Invariant, at instant: Instant, evidence: String,
    level: Scenario.IsolationLevel? = nil, anomaly: Anomaly.Kind? = nil
  ) {
    self.anomaly = anomaly
    self.invariant = invariant
    self.instant = instant
    self.evidence = evidence
    self.level = level
  }
}

extension Violation: CustomStringConvertible {
  public var description: String {
    "\(invariant.label) \(invariant.statement): at \(instant): \(evidence)"
  }
}
