import SQL

/// How the entry of a row in a secondary index is put together from the bytes of the row.
struct IndexEncoding {
  /// Of the index's columns; an entry's key goes on with the primary key.
  let columns: KeyEncoding
  private let positions: [Int]
  private let row: RowEncoding

  init(_ description: IndexDescription, of table: TableDescription) {
    positions = description.columns
    columns = KeyEncoding(types: positions.map { table.columns[$0].type })
    row = RowEncoding(types: table.columns.map(\.type))
  }

  /// Appends the index columns of a row.
  ///
  /// - Returns: whether one of them is NULL, so that the entry cannot violate uniqueness.
  @discardableResult
  func appendColumns(of row: UnsafeRawBufferPointer, to bytes: inout [UInt8]) -> Bool {
    var hasNull = false
    for (place, column) in positions.enumerated() {
      let value = self.row.decode(column: column, from: row)
      if value.isNull { hasNull = true }
      KeyEncoding.append(value, columns.types[place], to: &bytes)
    }
    return hasNull
  }

  /// The whole key of a row's entry.
  func entry(of row: UnsafeRawBufferPointer, primaryKey: UnsafeRawBufferPointer) -> IndexEntry {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    let hasNull = appendColumns(of: row, to: &bytes)
    let columnsCount = bytes.count
    bytes.append(contentsOf: primaryKey)
    return IndexEntry(key: bytes, columnsCount: columnsCount, hasNull: hasNull)
  }
}
