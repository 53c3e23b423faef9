import SQL
import Simulation

/// Puts rows into a table, changes and removes them, checking what the table demands of a row.
struct TableWriter {
  let table: Table
  private let keyColumns: [Int]
  private let notNullColumns: [Int]

  init(_ table: Table) {
    self.table = table
    keyColumns = table.description.primaryKey
    notNullColumns = table.description.columns.indices.filter {
      table.description.columns[$0].isNotNull
    }
  }

  /// The key of a row; `nil` if the engine numbers the rows.
  func key(of row: Row) -> [UInt8]? {
    if keyColumns.isEmpty { return nil }
    var key: [UInt8] = []
    key.reserveCapacity(16)
    for (position, column) in keyColumns.enumerated() {
      KeyEncoding.append(row[column], table.keyEncoding.types[position], to: &key)
    }
    return key
  }

  func insert(_ row: Row, _ run: StatementRun) async throws {
    try checkNotNull(row)
    let key: [UInt8]
    if let own = self.key(of: row) {
      key = own
    } else {
      key = try await run.engine.nextRowKey(of: table)
    }
    try await run.noteRowWritten()
    do {
      try await run.engine.insert(
        key, table.rowEncoding.encode(row), into: table, for: run.transaction)
    } catch StorageError.uniqueViolation(let index) {
      throw violation(of: index, row)
    }
  }

  /// Gives a locked row other values.
  func update(
    _ key: [UInt8], to row: Row, mayMove: Bool, _ run: StatementRun
  ) async throws {
    try checkNotNull(row)
    try await run.noteRowWritten()
    do {
      if mayMove, let newKey = self.key(of: row), newKey != key {
        try await run.engine.delete(key, from: table, for: run.transaction)
        try await run.engine.insert(
          newKey, table.rowEncoding.encode(row), into: table, for: run.transaction)
      } else {
        try await run.engine.update(
          key, to: table.rowEncoding.encode(row), of: table, for: run.transaction)
      }
    } catch StorageError.uniqueViolation(let index) {
      throw violation(of: index, row)
    }
  }

  /// Removes a locked row.
  func delete(_ key: [UInt8], _ run: StatementRun) async throws {
    try await run.noteRowWritten()
    try await run.engine.delete(key, from: table, for: run.transaction)
  }

  func checkNotNull(_ row: Row) throws(SQLError) {
    for column in notNullColumns where row[column].isNull {
      throw .notNullViolation(
        column: table.description.columns[column].name, table: table.name,
        row: row.enumerated().map { $1.text(as: table.description.columns[$0].type) })
    }
  }

  private func violation(of index: String, _ row: Row) -> SQLError {
    let columns =
      table.index(named: index)?.description.columns ?? table.description.primaryKey
    return .uniqueViolation(
      constraint: index, table: table.name,
      columns: columns.map { table.description.columns[$0].name },
      values: columns.map { row[$0].text(as: table.description.columns[$0].type) ?? "null" })
  }
}
