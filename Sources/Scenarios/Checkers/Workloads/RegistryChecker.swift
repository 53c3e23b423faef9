public import Simulation

/// A table with a unique key and another index beside its primary key: what each of them gives is what the table gives.
public struct RegistryChecker: Checker {
  public enum Observation: Sendable {
    /// Rows of a kind as an index gives them and as the table does, by one statement: their number and the sum of their
    /// names.
    case compared(by: String, kind: Int64, index: [Int64], table: [Int64])
    /// All names in the table, in order.
    case names(by: String, [Int64])
    /// At the end: a row of the table, and what one finds by its name.
    case found(name: Int64, id: Int64, byName: [Int64])
  }

  public private(set) var comparisonCount = 0
  public private(set) var readingCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .compared(let reader, let kind, let index, let table):
      comparisonCount += 1
      guard index != table else { return nil }
      return Violation(
        .indexesAgreeWithTables, at: now,
        evidence: "\(reader) found \(Self.text(index)) of kind \(kind) by the index, and"
          + " \(Self.text(table)) in the table")
    case .names(let reader, let names):
      readingCount += 1
      guard let place = names.indices.dropFirst().first(where: { names[$0] == names[$0 - 1] })
      else {
        return nil
      }
      return Violation(
        .uniqueKeysHold, at: now, evidence: "\(reader) read name \(names[place]) twice")
    case .found(let name, let id, let byName):
      comparisonCount += 1
      guard byName != [id] else { return nil }
      return Violation(
        .indexesAgreeWithTables, at: now,
        evidence: "name \(name) belongs to row \(id) in the table, and to \(byName) by its index")
    }
  }

  private static func text(_ rows: [Int64]) -> String {
    rows.count == 2 ? "\(rows[0]) rows with a sum of \(rows[1])" : "\(rows)"
  }
}
