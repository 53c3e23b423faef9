public import Simulation

/// Definitions are part of their transaction: a table is there, with its rows, exactly if the transaction that made it is
/// committed and none that dropped it is; and an index that was made beside writers has every row.
public struct DefinitionChecker: Checker {
  public enum Observation: Sendable {
    /// At the end: whether a table should be there, and how many rows it has, by its table and by its index; `nil` if
    /// there is no such table.
    case table(name: String, isMade: Bool, rows: [Int64]?)
    /// Rows of one key in the shared table, by the index that is made anew and by the table.
    case compared(by: String, key: Int64, index: Int64, table: Int64)
  }

  private let rowsPerTable: Int
  public private(set) var tableCount = 0
  public private(set) var comparisonCount = 0

  public init(rowsPerTable: Int) { self.rowsPerTable = rowsPerTable }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .table(let name, let isMade, let rows):
      tableCount += 1
      let expected = isMade ? [Int64(rowsPerTable), Int64(rowsPerTable)] : nil
      guard rows != expected else { return nil }
      let found = rows.map { "has \($0[0]) rows, and \($0[1]) by its index" } ?? "is not there"
      return violation(
        now,
        "table \(name) \(found), though it was \(isMade ? "made with \(rowsPerTable)" : "never made, or dropped")"
      )
    case .compared(let reader, let key, let index, let table):
      comparisonCount += 1
      guard index != table else { return nil }
      return violation(
        now, "\(reader) found \(index) rows of key \(key) by the index, and \(table) in the table")
    }
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.definitionsAreAtomic, at: now, evidence: evidence)
  }
}
