/// The promises that checkers watch: the one numbered list of the project.
public enum Invariant: String, CaseIterable, Codable, Sendable {
  case noAcknowledgedCommitLost = "no_acknowledged_commit_lost"
  case singleWriter = "single_writer"
  case copiesAgree = "copies_agree"
  case bankTotalConstant = "bank_total_constant"
  case isolation = "isolation"
  case rolledBackLeavesNothing = "rolled_back_leaves_nothing"

  /// Its place in the list, from 1; never given to another.
  public var number: Int {
    switch self {
    case .noAcknowledgedCommitLost: 1
    case .singleWriter: 2
    case .copiesAgree: 3
    case .bankTotalConstant: 4
    case .isolation: 5
    case .rolledBackLeavesNothing: 6
    }
  }

  /// Such as `INV-1`.
  public var label: String { "INV-\(number)" }

  /// The promise in one sentence.
  public var statement: String {
    switch self {
    case .noAcknowledgedCommitLost: "no acknowledged commit is lost"
    case .singleWriter: "each volume epoch has at most one writer, and epochs never go back"
    case .copiesAgree: "all copies of a page agree at an LSN at or below the VDL"
    case .bankTotalConstant: "the total of all accounts never changes"
    case .isolation: "transactions are isolated as their level promises"
    case .rolledBackLeavesNothing: "a transaction that was rolled back leaves nothing behind"
    }
  }

  /// Where the promise is made.
  public var source: String {
    switch self {
    case .noAcknowledgedCommitLost: "Verbitski et al., SIGMOD 2017, §4.2.2"
    case .singleWriter: "Verbitski et al., SIGMOD 2018, §2.4"
    case .copiesAgree: "Verbitski et al., SIGMOD 2017, §3.3"
    case .bankTotalConstant: "the workload's own arithmetic: transfers move money, and make none"
    case .rolledBackLeavesNothing: "ISO/IEC 9075-2, rollback statement"
    case .isolation: "Adya, Liskov and O'Neil, ICDE 2000; Kingsbury and Alvaro, VLDB 2020"
    }
  }
}
