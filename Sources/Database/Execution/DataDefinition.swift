import SQL
import Simulation

/// Statements that change the catalog, and TRUNCATE.
struct DataDefinition {
  let run: StatementRun
  let catalog: CatalogContents
  /// Is told what was passed over, in PostgreSQL's words.
  let notice: (_ sqlState: String, _ message: String) -> Void

  private var engine: StorageEngine { run.engine }
  private var transaction: Transaction { run.transaction }

  func execute(_ statement: Statement) async throws {
    switch statement {
    case .createTable(let create): try await self.create(create)
    case .createIndex(let create): try await self.create(create)
    case .alterTable(let alter): try await self.alter(alter)
    case .drop(let drop): try await self.drop(drop)
    case .truncate(let names):
      for name in names { try await engine.truncate(try table(name), for: transaction) }
    default: preconditionFailure("\(statement.commandName) defines no data")
    }
  }

  private func table(_ name: ObjectName) throws(SQLError) -> Table {
    guard let table = catalog[name.schema ?? "public", name.name] else {
      throw .undefinedTable(name.shown)
    }
    return table
  }

  /// The table of the same name as it is now, within this transaction.
  private func current(_ table: Table) async throws -> Table {
    let schema = table.description.schema
    guard
      let current = try await engine.table(named: table.name, schema: schema, for: transaction)
    else { throw SQLError.undefinedTable(table.name) }
    return current
  }

  // MARK: CREATE

  private func create(_ create: CreateTable) async throws {
    let schema = create.name.schema ?? "public"
    guard schema == "public" else {
      throw SQLError(sqlState: "3F000", message: "schema \"\(schema)\" does not exist")
    }
    if isTaken(schema, create.name.name) {
      guard create.ifNotExists else { throw SQLError.duplicateTable(create.name.name) }
      notice("42P07", "relation \"\(create.name.name)\" already exists, skipping")
      return
    }
    var description = TableDescription(
      schema: schema, name: create.name.name,
      columns: try create.columns.map(describe), options: create.options)
    for (index, column) in create.columns.enumerated()
    where create.columns[..<index].contains(where: { $0.name == column.name }) {
      throw SQLError.duplicateColumn(column.name)
    }
    for constraint in create.constraints { try add(constraint, to: &description) }
    _ = try await engine.createTable(description, for: transaction)
  }

  private func describe(_ column: ColumnDefinition) throws(SQLError) -> ColumnDescription {
    if column.isNumbered { throw .featureNotSupported("a serial or identity column") }
    var text: String?
    if let value = column.defaultValue {
      if case .literal(.null, _) = value {} else { text = try value.sqlText() }
      var binder = Binder(scope: Scope(), parameters: ParameterTypes(count: 0))
      _ = try binder.bindAssigned(
        value, to: column.type, column: column.name, in: "DEFAULT expressions")
    }
    return ColumnDescription(
      name: column.name, type: column.type, isNotNull: column.isNotNull, defaultText: text)
  }

  /// Adds a key to the description of a table that has no rows.
  private func add(
    _ constraint: TableConstraint, to description: inout TableDescription
  ) throws(SQLError) {
    let columns = try positions(constraint.columns, of: description)
    switch constraint.kind {
    case .primaryKey:
      guard description.primaryKey.isEmpty else { throw .multiplePrimaryKeys(description.name) }
      description.primaryKey = columns
      description.primaryKeyName = constraint.name ?? "\(description.name)_pkey"
      for column in columns { description.columns[column].isNotNull = true }
    case .unique:
      description.indexes.append(
        IndexDescription(
          name: constraint.name
            ?? freeName(
              "\(description.name)_\(constraint.columns.joined(separator: "_"))_key",
              besides: description.indexes.map(\.name)),
          columns: columns, isUnique: true))
    }
  }

  private func positions(
    _ names: [String], of description: TableDescription
  ) throws(SQLError) -> [Int] {
    var columns: [Int] = []
    for name in names {
      guard let column = description.columns.firstIndex(where: { $0.name == name }) else {
        throw SQLError(
          sqlState: "42703", message: "column \"\(name)\" named in key does not exist")
      }
      if columns.contains(column) {
        throw SQLError(
          sqlState: "42701", message: "column \"\(name)\" appears twice in key constraint")
      }
      columns.append(column)
    }
    return columns
  }

  private func create(_ create: CreateIndex) async throws {
    let table = try table(create.table)
    let description = table.description
    if let name = create.name, isTaken(description.schema, name) {
      guard create.ifNotExists else { throw SQLError.duplicateTable(name) }
      notice("42P07", "relation \"\(name)\" already exists, skipping")
      return
    }
    var columns: [Int] = []
    for name in create.columns {
      guard let column = description.columns.firstIndex(where: { $0.name == name }) else {
        throw SQLError.undefinedColumn(name)
      }
      columns.append(column)
    }
    let name =
      create.name
      ?? freeName("\(table.name)_\(create.columns.joined(separator: "_"))_idx", besides: [])
    try await build(
      IndexDescription(name: name, columns: columns, isUnique: create.isUnique), on: table)
  }

  private func build(_ index: IndexDescription, on table: Table) async throws {
    do {
      try await engine.createIndex(index, on: table, for: transaction)
    } catch StorageError.duplicateKey(let name, let stored) {
      let row = stored.withUnsafeBytes { table.rowEncoding.decode($0) }
      throw duplicateKey(name, index.columns, row, table.description)
    }
  }

  /// Tables and indexes share their names.
  private func isTaken(_ schema: String, _ name: String) -> Bool {
    catalog[schema, name] != nil
      || catalog.tables.contains {
        $0.description.schema == schema && ($0.index(named: name) != nil || hasKey($0, name))
      }
  }

  private func hasKey(_ table: Table, _ name: String) -> Bool {
    !table.description.primaryKey.isEmpty && table.description.primaryKeyName == name
  }

  /// `name`, with a number behind it if it is taken.
  private func freeName(_ name: String, besides others: [String]) -> String {
    var candidate = name
    var number = 0
    while isTaken("public", candidate) || others.contains(candidate) {
      number += 1
      candidate = "\(name)\(number)"
    }
    return candidate
  }

  // MARK: ALTER

  private func alter(_ alter: AlterTable) async throws {
    guard let found = catalog[alter.name.schema ?? "public", alter.name.name] else {
      guard alter.ifExists else { throw SQLError.undefinedTable(alter.name.shown) }
      notice("00000", "relation \"\(alter.name.shown)\" does not exist, skipping")
      return
    }
    var table = found
    for action in alter.actions {
      table = try await current(table)
      switch action {
      case .addColumn(let column, let constraints, let ifNotExists):
        if table.description.columns.contains(where: { $0.name == column.name }) {
          let message = "column \"\(column.name)\" of relation \"\(table.name)\" already exists"
          guard ifNotExists else { throw SQLError(sqlState: "42701", message: message) }
          notice("42701", message + ", skipping")
          continue
        }
        try await add(column, to: table)
        for constraint in constraints { try await add(constraint, to: try await current(table)) }
      case .addConstraint(let constraint): try await add(constraint, to: table)
      case .rename(let name):
        if isTaken(table.description.schema, name) { throw SQLError.duplicateTable(name) }
        try await engine.alter(table, for: transaction) { $0.name = name }
      case .renameColumn(let old, let new):
        let place = try column(old, of: table)
        if table.description.columns.contains(where: { $0.name == new }) {
          throw SQLError(
            sqlState: "42701",
            message: "column \"\(new)\" of relation \"\(table.name)\" already exists")
        }
        try await engine.alter(table, for: transaction) { $0.columns[place].name = new }
      case .setDefault(let name, let value):
        let place = try column(name, of: table, inAlteration: true)
        let old = table.description.columns[place]
        let new = try describe(
          ColumnDefinition(name: name, type: old.type, defaultValue: value))
        try await engine.alter(table, for: transaction) {
          $0.columns[place].defaultText = new.defaultText
        }
      case .setNotNull(let name, let isNotNull):
        try await setNotNull(try column(name, of: table, inAlteration: true), isNotNull, of: table)
      }
    }
  }

  private func column(
    _ name: String, of table: Table, inAlteration: Bool = false
  ) throws(SQLError) -> Int {
    guard let place = table.description.columns.firstIndex(where: { $0.name == name }) else {
      throw inAlteration
        ? .undefinedColumn(name, ofRelation: table.name, position: nil) : .undefinedColumn(name)
    }
    return place
  }

  private func setNotNull(_ column: Int, _ isNotNull: Bool, of table: Table) async throws {
    let name = table.description.columns[column].name
    if !isNotNull, table.description.primaryKey.contains(column) {
      throw SQLError(sqlState: "42P16", message: "column \"\(name)\" is in a primary key")
    }
    let altered = try await engine.alter(table, for: transaction) {
      $0.columns[column].isNotNull = isNotNull
    }
    guard isNotNull else { return }
    let scan = engine.scan(altered, view: engine.view(for: transaction))
    while !scan.isAtEnd {
      var hasNull = false
      try await scan.next(BatchSize.largest) { _, stored in
        hasNull = hasNull || altered.rowEncoding.decode(stored)[column].isNull
        return true
      }
      if hasNull { throw SQLError.containsNulls(name, altered.name) }
    }
  }

  /// Adds a column; rows that are there get its default.
  private func add(_ column: ColumnDefinition, to table: Table) async throws {
    let described = try describe(column)
    let altered = try await engine.alter(table, for: transaction) { $0.columns.append(described) }
    guard described.defaultText != nil || described.isNotNull else { return }
    let planner = Planner(catalog: catalog, parameterCount: 0, declared: [])
    let value = try planner.defaultValue(of: altered.description.columns.count - 1, altered)
    let filler = try run.evaluate(value, [])
    let view = engine.view(for: transaction)
    let scan = engine.scan(altered, view: view)
    while !scan.isAtEnd {
      var rows: [(key: [UInt8], row: Row)] = []
      try await scan.next(BatchSize.largest) { key, stored in
        rows.append(([UInt8](key), altered.rowEncoding.decode(stored)))
        return true
      }
      for (key, row) in rows {
        var row = row
        row[row.count - 1] = filler
        if filler.isNull, described.isNotNull {
          throw SQLError.containsNulls(column.name, table.name)
        }
        let mode = LockMode.rowExclusive
        try await engine.lockRow(key, of: altered, mode, for: transaction, view: view) { _, _ in }
        try await engine.update(
          key, to: altered.rowEncoding.encode(row), of: altered, for: transaction)
      }
    }
  }

  private func add(_ constraint: TableConstraint, to table: Table) async throws {
    var description = table.description
    switch constraint.kind {
    case .unique:
      try add(constraint, to: &description)
      if let index = description.indexes.last { try await build(index, on: table) }
    case .primaryKey:
      try add(constraint, to: &description)
      try await rebuild(table, as: description)
    }
  }

  /// Makes the table anew in the order of its primary key.
  private func rebuild(_ table: Table, as description: TableDescription) async throws {
    try await engine.lockTable(table.id, .tableExclusive, for: transaction)
    var fresh = description
    fresh.name = "\u{1}\(description.name)"
    fresh.indexes = []
    var rebuilt = try await engine.createTable(fresh, for: transaction)
    let writer = TableWriter(rebuilt)
    let scan = engine.scan(table, view: engine.view(for: transaction))
    while !scan.isAtEnd {
      var rows: [Row] = []
      try await scan.next(BatchSize.largest) { _, stored in
        rows.append(table.rowEncoding.decode(stored))
        return true
      }
      for row in rows { try await copy(row, writer) }
    }
    try await engine.dropTable(table, for: transaction)
    rebuilt = try await engine.alter(rebuilt, for: transaction) { $0.name = description.name }
    for index in description.indexes {
      let plain = IndexDescription(
        name: index.name, columns: index.columns, isUnique: index.isUnique)
      rebuilt = try await engine.createIndex(plain, on: rebuilt, for: transaction)
    }
  }

  private func copy(_ row: Row, _ writer: TableWriter) async throws {
    let description = writer.table.description
    for column in description.primaryKey where row[column].isNull {
      let name = String(description.name.dropFirst())
      throw SQLError.containsNulls(description.columns[column].name, name)
    }
    guard let key = writer.key(of: row) else { return }
    do {
      try await engine.insert(
        key, writer.table.rowEncoding.encode(row), into: writer.table, for: transaction)
    } catch StorageError.uniqueViolation {
      throw duplicateKey(description.primaryKeyName, description.primaryKey, row, description)
    }
  }

  private func duplicateKey(
    _ index: String, _ columns: [Int], _ row: Row, _ description: TableDescription
  ) -> SQLError {
    .duplicateKey(
      index: index, columns: columns.map { description.columns[$0].name },
      values: columns.map { row[$0].text(as: description.columns[$0].type) ?? "null" })
  }

  // MARK: DROP

  private func drop(_ drop: Drop) async throws {
    for name in drop.names {
      switch drop.kind {
      case .table: try await dropTable(name, drop.ifExists)
      case .index: try await dropIndex(name, drop.ifExists)
      }
    }
  }

  private func dropTable(_ name: ObjectName, _ ifExists: Bool) async throws {
    let schema = name.schema ?? "public"
    if let table = catalog[schema, name.name] {
      return try await engine.dropTable(table, for: transaction)
    }
    if isTaken(schema, name.name) {
      throw SQLError(
        sqlState: "42809", message: "\"\(name.name)\" is not a table",
        hint: "Use DROP INDEX to remove an index.")
    }
    guard ifExists else {
      throw SQLError(sqlState: "42P01", message: "table \"\(name.name)\" does not exist")
    }
    notice("00000", "table \"\(name.name)\" does not exist, skipping")
  }

  private func dropIndex(_ name: ObjectName, _ ifExists: Bool) async throws {
    let schema = name.schema ?? "public"
    for table in catalog.tables where table.description.schema == schema {
      if table.index(named: name.name) != nil {
        try await engine.dropIndex(name.name, of: try await current(table), for: transaction)
        return
      }
      if hasKey(table, name.name) {
        throw SQLError(
          sqlState: "2BP01",
          message: "cannot drop index \(name.name) because constraint \(name.name) on table "
            + "\(table.name) requires it",
          hint: "You can drop constraint \(name.name) on table \(table.name) instead.")
      }
    }
    if catalog[schema, name.name] != nil {
      throw SQLError(
        sqlState: "42809", message: "\"\(name.name)\" is not an index",
        hint: "Use DROP TABLE to remove a table.")
    }
    guard ifExists else {
      throw SQLError(sqlState: "42704", message: "index \"\(name.name)\" does not exist")
    }
    notice("00000", "index \"\(name.name)\" does not exist, skipping")
  }
}

extension SQLError {
  fileprivate static func multiplePrimaryKeys(_ table: String) -> SQLError {
    SQLError(
      sqlState: "42P16", message: "multiple primary keys for table \"\(table)\" are not allowed")
  }

  fileprivate static func containsNulls(_ column: String, _ table: String) -> SQLError {
    SQLError(
      sqlState: "23502",
      message: "column \"\(column)\" of relation \"\(table)\" contains null values")
  }
}
