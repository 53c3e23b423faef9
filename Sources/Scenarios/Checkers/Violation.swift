public import Simulation

/// A promise of the database that was broken, when, and how that was seen.
public struct Violation: Codable, Equatable, Sendable {
  public var invariant: Invariant
  public var instant: Instant
  /// What a reader needs in order to believe it; may have several lines.
  public var evidence: String

  public init(_ invariant: Invariant, at instant: Instant, evidence: String) {
    self.invariant = invariant
    self.instant = instant
    self.evidence = evidence
  }
}

extension Violation: CustomStringConvertible {
  public var description: String {
    "\(invariant.label) \(invariant.statement): at \(instant): \(evidence)"
  }
}
