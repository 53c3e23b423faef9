public import Simulation
import Statistics

/// Names a transaction by what it left in the database: who wrote it, and which of its it was.
///
/// A workload writes the token into a row of the same transaction, so that what survives can be
/// found by reading the database through SQL, as a user would.
public struct TransactionToken: Hashable, Comparable, Codable, Sendable {
  /// The number of the connection or of the simulated user.
  public var client: Int
  /// Counts that client's attempts; a retry is another attempt and has another number.
  public var sequence: Int

  public init(client: Int, sequence: Int) {
    self.client = client
    self.sequence = sequence
  }

  public static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.client, lhs.sequence) < (rhs.client, rhs.sequence)
  }
}

extension TransactionToken: CustomStringConvertible {
  public var description: String { "client \(client), transaction \(sequence)" }
}

/// Holds what clients were told against what is there at the end.
///
/// A commit that was acknowledged has to be there. One that was refused has to be absent. One in
/// doubt, whose connection broke after the commit was sent, may be either, and is only counted.
///
/// Source: Verbitski et al., SIGMOD 2017, §4.2.2: a commit is complete once the VDL has passed it.
public struct CommitLedger: Checker {
  public enum Observation: Sendable {
    /// A client received the answer to its commit.
    case acknowledged(TransactionToken, bytes: Int, lsn: UInt64?)
    /// A client sent a commit and will never receive an answer.
    case inDoubt(TransactionToken)
    /// A client was told that the transaction was rolled back.
    case rolledBack(TransactionToken)
    /// A fault took the writer away: the instant from which a recovery point is reckoned.
    case writerLost
    /// The token was found when the database was read at the end.
    case survived(TransactionToken)
    /// The database was read to its end; without this nothing can be called lost.
    case survivorsComplete
  }

  private struct Entry: Sendable {
    let token: TransactionToken
    let instant: Instant
    let bytes: Int
    let lsn: UInt64?
  }

  /// How many lost transactions are listed one by one.
  private static let listed = 100

  private var acknowledged: [Entry] = []
  private var inDoubt: [TransactionToken] = []
  private var rolledBack: [TransactionToken] = []
  private var losses: [Instant] = []
  private var survivors = LookupTable<TransactionToken, Bool>()
  /// Whether the final reading was complete; if not, ``finish(at:)`` judges nothing.
  public private(set) var isComplete = false

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .acknowledged(let token, let bytes, let lsn):
      acknowledged.append(Entry(token: token, instant: now, bytes: bytes, lsn: lsn))
    case .inDoubt(let token): inDoubt.append(token)
    case .rolledBack(let token): rolledBack.append(token)
    case .writerLost: losses.append(now)
    case .survived(let token): survivors[token] = true
    case .survivorsComplete: isComplete = true
    }
    return nil
  }

  public func finish(at end: Instant) -> [Violation] {
    guard isComplete else { return [] }
    var violations: [Violation] = []
    let lost = self.lost
    if let first = lost.first {
      var evidence =
        "\(FixedPoint.grouped(lost.count)) of \(FixedPoint.grouped(acknowledged.count))"
        + " acknowledged commits are missing:"
      for entry in lost.prefix(5) {
        evidence += "\n  \(entry.token), acknowledged at \(entry.instant)"
        if let lsn = entry.lsn { evidence += " with LSN \(lsn)" }
      }
      if lost.count > 5 { evidence += "\n  and \(FixedPoint.grouped(lost.count - 5)) more" }
      violations.append(
        Violation(.noAcknowledgedCommitLost, at: first.instant, evidence: evidence))
    }
    let risen = rolledBack.filter { survivors[$0] != nil }
    if let first = risen.first {
      violations.append(
        Violation(
          .rolledBackLeavesNothing, at: end,
          evidence:
            "\(FixedPoint.grouped(risen.count)) transactions are there though their clients were told that "
            + "they were rolled back; the first is \(first)"))
    }
    return violations
  }

  /// Commits of which clients were told.
  public var acknowledgedCount: Int { acknowledged.count }

  /// Transactions of which clients were told that they were rolled back.
  public var rolledBackCount: Int { rolledBack.count }

  /// The recovery point as numbers.
  ///
  /// - Parameter end: the end of the run, from which a loss is reckoned that no failure explains.
  /// - Returns: `nil` if the database was not read to its end.
  public func ledger(at end: Instant) -> RecoveryPointLedger? {
    guard isComplete else { return nil }
    let lost = self.lost
    var ledger = RecoveryPointLedger()
    ledger.isComplete = true
    ledger.acknowledgedCount = acknowledged.count
    ledger.inDoubtCount = inDoubt.count
    ledger.survivingCount = acknowledged.count - lost.count
    ledger.lostCount = lost.count
    ledger.lostBytes = lost.reduce(0) { $0 + $1.bytes }
    ledger.lostTime = lost.map { age(of: $0, end: end) }.max() ?? .zero
    ledger.inDoubtSurvivingCount = inDoubt.count { survivors[$0] != nil }
    ledger.lost = lost.prefix(Self.listed).map { entry in
      RecoveryPointLedger.LostTransaction(
        label: entry.token.description, acknowledged: entry.instant, bytes: entry.bytes)
    }
    return ledger
  }

  /// In order of acknowledgement.
  private var lost: [Entry] { acknowledged.filter { survivors[$0.token] == nil } }

  /// How old a lost commit was at the first failure after it.
  private func age(of entry: Entry, end: Instant) -> Interval {
    entry.instant.duration(to: losses.first { $0 >= entry.instant } ?? end)
  }
}
