public import Simulation

/// What a transaction keeps of its parts: those that it did not roll back to a savepoint, and all of them or none.
public struct PartialRollbackChecker: Checker {
  public enum Observation: Sendable {
    /// A transaction has looked at its own parts.
    case own(TransactionToken, expected: [Int64], found: [Int64])
    /// At the end: what is there of a transaction that kept `expected`.
    case left(TransactionToken, expected: [Int64], found: [Int64], outcome: Outcome)
    /// At the end: a tally, and the parts that count in it.
    case tally(Int64, value: Int64, parts: Int64)
  }

  public enum Outcome: Sendable {
    case committed, rolledBack, inDoubt
  }

  public private(set) var checkCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .own(let token, let expected, let found):
      checkCount += 1
      guard expected != found else { return nil }
      return violation(now, "\(token) saw its own parts \(found) instead of \(expected)")
    case .left(let token, let expected, let found, let outcome):
      checkCount += 1
      let isRight =
        switch outcome {
        case .committed: found == expected
        case .rolledBack: found.isEmpty
        case .inDoubt: found == expected || found.isEmpty
        }
      guard !isRight else { return nil }
      return violation(
        now, "\(token), \(outcome), has left the parts \(found), and had kept \(expected)")
    case .tally(let tally, let value, let parts):
      guard value != parts else { return nil }
      return violation(now, "tally \(tally) is \(value), with \(parts) parts")
    }
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.partialRollbackExact, at: now, evidence: evidence)
  }
}
