public import Simulation
import Statistics

/// Transfers move money and make none: every consistent reading of all accounts has one total.
public struct BankChecker: Checker {
  /// One reading of all accounts in one transaction, or in one statement.
  public struct Observation: Sendable {
    /// Who read, such as `client 3 on r1` or `the final read`.
    public var reader: String
    /// How many accounts were seen.
    public var accounts: Int
    /// The sum of their balances.
    public var total: Int64

    public init(reader: String, accounts: Int, total: Int64) {
      self.reader = reader
      self.accounts = accounts
      self.total = total
    }
  }

  private let accounts: Int
  private let total: Int64
  /// How many readings were judged; none proves nothing.
  public private(set) var readCount = 0

  public init(accounts: Int, total: Int64) {
    self.accounts = accounts
    self.total = total
  }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    readCount += 1
    if observation.accounts != accounts {
      return Violation(
        .bankTotalConstant, at: now,
        evidence: "\(observation.reader) saw \(observation.accounts) accounts of \(accounts)")
    }
    if observation.total != total {
      return Violation(
        .bankTotalConstant, at: now,
        evidence:
          "\(observation.reader) saw a total of \(Self.amount(observation.total)) instead of "
          + "\(Self.amount(total)): \(observation.total > total ? "+" : "")"
          + Self.amount(observation.total - total))
    }
    return nil
  }

  private static func amount(_ value: Int64) -> String { FixedPoint.grouped(Int(value)) }
}
