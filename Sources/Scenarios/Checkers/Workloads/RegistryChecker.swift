public import Simulation

/// A table with a unique key and another index beside its primary key: what each of them gives is what the table gives.
public struct RegistryChecker: Checker {
  public enum Observation: Sendable {
    /// Rows of a kind as an index gives them and as the table does, by one statement: their number and the sum of their
    /// names.
    case compared(by: String, kind: Int64, index: [Int64], table: [Int64])
    /// All names in the table, in order.
    case names(by: String, [Int64])
    /// How many rows a name has by its index, by the table, and by the primary key of the row in the table, by one
    /// statement; and how many it must have, if that is known.
    case lookedUp(by: String, name: Int64, found: [Int64], expected: Int64?)
    /// A statement on the row of a name has changed so many rows, where so many can be right.
    case changed(by: String, name: Int64, rows: Int, of: ClosedRange<Int>)
    /// A name was said to be taken that nobody but this transaction can have.
    case refused(by: String, name: Int64)
    /// At the end: the rows that a name has in the table, and those that one finds by the name.
    case found(name: Int64, ids: [Int64], byName: [Int64])
  }

  public private(set) var comparisonCount = 0
  public private(set) var readingCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    func violation(_ invariant: Invariant, _ evidence: String) -> Violation {
      Violation(invariant, at: now, evidence: evidence)
    }
    switch observation {
    case .compared(let reader, let kind, let index, let table):
      comparisonCount += 1
      guard index != table else { return nil }
      return violation(
        .indexesAgreeWithTables,
        "\(reader) found \(Self.text(index)) of kind \(kind) by the index, and"
          + " \(Self.text(table)) in the table")
    case .names(let reader, let names):
      readingCount += 1
      guard let place = names.indices.dropFirst().first(where: { names[$0] == names[$0 - 1] })
      else {
        return nil
      }
      return violation(.uniqueKeysHold, "\(reader) read name \(names[place]) twice")
    case .lookedUp(let reader, let name, let found, let expected):
      comparisonCount += 1
      if Set(found).count > 1 {
        return violation(
          .indexesAgreeWithTables,
          "\(reader) found name \(name) \(found[0]) times by its index, \(found[1]) times in the table"
            + " and \(found[2]) times by the primary key")
      }
      guard let expected, found.first != expected else { return nil }
      return violation(
        .uniqueKeysHold,
        "\(reader) found name \(name) \(found[0]) times, and had left it \(expected) times")
    case .changed(let writer, let name, let rows, let right):
      readingCount += 1
      return right.contains(rows)
        ? nil : violation(.uniqueKeysHold, "\(writer) changed \(rows) rows of name \(name)")
    case .refused(let writer, let name):
      return violation(
        .uniqueKeysHold, "\(writer) was refused name \(name), which it had just given up itself")
    case .found(let name, let ids, let byName):
      comparisonCount += 1
      guard byName != ids else { return nil }
      return violation(
        .indexesAgreeWithTables,
        "name \(name) belongs to rows \(ids) in the table, and to \(byName) by its index")
    }
  }

  private static func text(_ rows: [Int64]) -> String {
    rows.count == 2 ? "\(rows[0]) rows with a sum of \(rows[1])" : "\(rows)"
  }
}
