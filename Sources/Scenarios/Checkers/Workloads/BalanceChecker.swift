public import Simulation

/// The balances of pgbench's tables. Each transaction changes an account, a teller and a branch, drawn independently of
/// one another, by the same amount, and writes all of it down: so each of them has the sum of its own history.
public struct BalanceChecker: Checker {
  public enum Observation: Sendable {
    /// A row's balance, and the sum of the history that names it.
    case balance(table: String, id: Int64, balance: Int64, history: Int64)
  }

  public private(set) var balanceCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .balance(let table, let id, let balance, let history):
      balanceCount += 1
      guard balance != history else { return nil }
      return Violation(
        .tpcbSumsAgree, at: now,
        evidence:
          "\(table) \(id) has a balance of \(balance), and its history adds up to \(history)")
    }
  }
}
