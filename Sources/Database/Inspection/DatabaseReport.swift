/// What was found when a whole database was looked through.
public struct DatabaseReport: Sendable, Equatable {
  /// What is wrong, each in a sentence; of many, the first ``listed``.
  public internal(set) var problems: [String] = []
  /// All of them.
  public internal(set) var problemCount = 0
  /// Pages of which there was no image.
  public internal(set) var unreadableCount = 0
  /// Tables, trees and pages that were looked at.
  public internal(set) var tableCount = 0
  public internal(set) var treeCount = 0
  public internal(set) var pageCount = 0
  /// Rows that are there, as the newest version says.
  public internal(set) var rowCount = 0
  /// Entries of secondary indexes.
  public internal(set) var entryCount = 0
  /// Transactions that had not ended.
  public internal(set) var openTransactionCount = 0
  /// What purge takes away once no view can see it.
  public internal(set) var remnants = Remnants()

  /// What only older versions of rows need.
  public struct Remnants: Sendable, Equatable {
    public internal(set) var deletedRows = 0
    public internal(set) var markedEntries = 0
    /// Pages of undo but for the last of each chain, which a slot keeps.
    public internal(set) var undoPages = 0

    /// Pages that are neither in use nor free.
    public internal(set) var lostPages = 0
    /// What the first of these are.
    public internal(set) var examples: [String] = []

    public var isEmpty: Bool {
      deletedRows == 0 && markedEntries == 0 && undoPages == 0 && lostPages == 0
    }
  }

  static let listed = 10

  mutating func add(_ problem: String) {
    problemCount += 1
    if problems.count < Self.listed { problems.append(problem) }
  }
}
