public import Simulation

/// Judges a run from outside, from what was observed and never from the state of the system.
///
/// A checker is a value: it owns no clock, schedules nothing and asks nobody, so that it can be
/// tested with a list of observations and run again over a saved history.
public protocol Checker: Sendable {
  associatedtype Observation

  /// Takes in one observation, in order of time.
  ///
  /// - Returns: the violation that this observation proves, if it can be told at once.
  mutating func observe(_ observation: Observation, at now: Instant) -> Violation?

  /// Judges what can only be told when everything has been seen.
  mutating func finish(at end: Instant) -> [Violation]
}

extension Checker {
  public mutating func finish(at end: Instant) -> [Violation] { [] }
}
