import SQL

/// Makes flat rows of the stored rows of a table.
///
/// Only the columns that somebody reads are decoded; the others, and those of tables that are not joined
/// yet, are NULL.
struct TableReader {
  let table: Table
  /// Where the table's columns begin in the flat row.
  let offset: Int
  /// How many columns the flat row has.
  let width: Int
  /// Where the key of the row is put, if anywhere.
  let keyColumn: Int?
  private let isNeeded: [Bool]
  private let needsAll: Bool

  init(_ table: Table, offset: Int, width: Int, isNeeded: [Bool], keyColumn: Int? = nil) {
    self.table = table
    self.offset = offset
    self.width = width
    self.isNeeded = isNeeded
    self.keyColumn = keyColumn
    needsAll = isNeeded.allSatisfy { $0 }
  }

  /// A flat row with nothing but the columns of this table.
  func row(_ key: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer) -> Row {
    var row: Row = []
    row.reserveCapacity(width)
    for _ in 0..<offset { row.append(.null) }
    decode(stored, into: &row)
    while row.count < width { row.append(.null) }
    if let keyColumn { row[keyColumn] = .bytes([UInt8](key)) }
    return row
  }

  /// `row` with the columns of this table filled in.
  func row(
    joining outer: Row, _ key: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer
  ) -> Row {
    var row: Row = []
    row.reserveCapacity(width)
    row.append(contentsOf: outer[..<offset])
    decode(stored, into: &row)
    row.append(contentsOf: outer[row.count...])
    if let keyColumn { row[keyColumn] = .bytes([UInt8](key)) }
    return row
  }

  private func decode(_ stored: UnsafeRawBufferPointer, into row: inout Row) {
    if needsAll {
      table.rowEncoding.decode(stored, into: &row)
    } else {
      table.rowEncoding.decode(stored, into: &row, where: isNeeded)
    }
  }

  /// The scan or look-up that a path asks for, as a stream of batches.
  func open(_ path: AccessPath, _ range: KeyRange, _ run: StatementRun) -> Scan {
    let direction = path.isBackward ? ScanDirection.backward : .forward
    if let index = path.index {
      return run.engine.scan(
        table, by: index, range: range, direction: direction, view: run.view)
    }
    return run.engine.scan(table, range: range, direction: direction, view: run.view)
  }
}
