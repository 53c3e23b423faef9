public import Simulation

/// Something in a history that some isolation level forbids, with the transactions that show it.
public struct Anomaly: Codable, Equatable, Sendable {
  /// The phenomena, the most basic ones first.
  ///
  /// The names with a G are Adya's, which define the levels by what cycles the dependencies may
  /// form; G-nonadjacent is the rest of what snapshot isolation forbids (Cerone and Gotsman).
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// A list held a value that nobody ever appended.
    case unknownElement = "unknown element"
    /// A list held one value twice.
    case duplicateElement = "duplicate element"
    /// A transaction did not see what it had appended itself.
    case internalInconsistency = "internal inconsistency"
    /// Two readings of a list of which neither is the beginning of the other.
    case incompatibleOrder = "incompatible order"
    /// An acknowledged append is missing when all is over.
    case lostAppend = "lost append"
    /// A committed transaction saw what a transaction that was rolled back had appended.
    case abortedRead = "G1a"
    /// A transaction saw a state that another one left behind on its way, not at its end.
    case intermediateRead = "G1b"
    /// A cycle of appends after appends.
    case writeCycle = "G0"
    /// A cycle of appends and of readings of them.
    case informationCycle = "G1c"
    /// A transaction read one list twice and saw another transaction come in between.
    case unrepeatableRead = "unrepeatable read"
    /// Two transactions read the same state of a list and both appended to it.
    case lostUpdate = "lost update"
    /// A cycle with one reading of a state that another transaction had yet to change.
    case singleAntiDependency = "G-single"
    /// A cycle with several of them, no two in a row: two orders of the same events.
    case nonadjacentAntiDependencies = "G-nonadjacent"
    /// A cycle with two of them in a row, such as write skew.
    case antiDependencyCycle = "G2-item"

    /// What it is, for a reader who does not know Adya's names.
    public var explanation: String {
      switch self {
      case .unknownElement: "a value that nobody appended"
      case .duplicateElement: "one value twice in a list"
      case .internalInconsistency: "a transaction does not see its own appends"
      case .incompatibleOrder: "two readings that no single order explains"
      case .lostAppend: "an acknowledged append is missing"
      case .abortedRead: "aborted read"
      case .intermediateRead: "intermediate read"
      case .writeCycle: "dirty write: a cycle of appends"
      case .informationCycle: "a cycle of appends and readings of them"
      case .unrepeatableRead: "two readings in one transaction differ"
      case .lostUpdate: "two appends to the same reading"
      case .singleAntiDependency: "read skew: a cycle with one anti-dependency"
      case .nonadjacentAntiDependencies: "long fork: a cycle of separate anti-dependencies"
      case .antiDependencyCycle: "write skew: a cycle with adjacent anti-dependencies"
      }
    }
  }

  public var kind: Kind
  /// When the last of the transactions that show it had completed.
  public var instant: Instant
  /// Their places in the history, from 0.
  public var transactions: [Int]
  /// The proof in sentences, over several lines.
  public var witness: String

  public init(kind: Kind, instant: Instant, transactions: [Int], witness: String) {
    self.kind = kind
    self.instant = instant
    self.transactions = transactions
    self.witness = witness
  }
}
