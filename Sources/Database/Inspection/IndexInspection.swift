import SQL

/// Compares an index with its table: each row must have its entry, and each live entry its row.
///
/// ```
///   table, by primary key:   expect, expect, …   ── sorted ──┐
///                                                            ├─ merged: what is missing, what is too much
///   index, by its own key:   meet, meet, …      ─────────────┘
/// ```
final class IndexInspection {
  let description: IndexDescription
  private let encoding: IndexEncoding
  private var expected: [IndexEntry] = []
  /// How many of them are behind the walk.
  private var place = 0
  private var isSorted = false
  /// Keys of rows of which nothing is expected, in ascending order.
  private var skipped: [[UInt8]] = []
  private(set) var problems: [String] = []

  init(_ description: IndexDescription, of table: TableDescription) {
    self.description = description
    encoding = IndexEncoding(description, of: table)
  }

  // MARK: The table

  /// A row that must have an entry.
  func expect(_ row: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer) {
    expected.append(encoding.entry(of: row, primaryKey: key))
  }

  /// A row that may have any entries; in ascending order of the keys.
  func skip(_ key: UnsafeRawBufferPointer) { skipped.append([UInt8](key)) }

  private func isSkipped(_ key: ArraySlice<UInt8>) -> Bool {
    var candidates = skipped[...]
    while !candidates.isEmpty {
      let middle = (candidates.startIndex + candidates.endIndex) / 2
      if candidates[middle].elementsEqual(key) { return true }
      candidates =
        candidates[middle].lexicographicallyPrecedes(key)
        ? candidates[(middle + 1)...] : candidates[..<middle]
    }
    return false
  }

  // MARK: The index

  /// An entry that is not marked as deleted; in ascending order of the keys.
  func meet(_ key: UnsafeRawBufferPointer, columnsCount: Int) {
    sort()
    let key = [UInt8](key)
    while place < expected.count, expected[place].key.lexicographicallyPrecedes(key) { miss() }
    if place < expected.count, expected[place].key == key {
      if expected[place].columnsCount != columnsCount {
        problems.append("entry \(key.hexadecimal) says that its columns take \(columnsCount) bytes")
      }
      place += 1
      return
    }
    if isSkipped(key.dropFirst(columnsCount)) { return }
    problems.append("entry \(key.hexadecimal) is of a row that is not there or has another key")
  }

  /// To be called when the index has been walked.
  func finish() {
    sort()
    while place < expected.count { miss() }
  }

  private func miss() {
    let entry = expected[place]
    problems.append("there is no entry \(entry.key.hexadecimal) for a row of the table")
    place += 1
  }

  private func sort() {
    if isSorted { return }
    isSorted = true
    expected.sort { $0.key.lexicographicallyPrecedes($1.key) }
    guard description.isUnique else { return }
    for (entry, next) in zip(expected, expected.dropFirst())
    where !entry.hasNull && entry.columns == next.columns {
      problems.append("two rows have the same key \(entry.columns.hexadecimal)")
    }
  }
}

extension [UInt8] {
  /// The bytes as a person looks for them in a dump.
  var hexadecimal: String {
    "0x" + map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
