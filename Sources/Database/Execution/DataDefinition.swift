import SQL
import Simulation

/// Statements that change the catalog, and TRUNCATE.
///
/// Each locks its tables first, and only then looks what there is: while it waited, another may have
/// dropped a table, or given its name to a new one.
struct DataDefinition {
  let run: StatementRun
  /// Whether a portal of the session is reading a table.
  let isInUse: (Table) -> Bool
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
    case .truncate(let names): try await truncate(names)
    default: preconditionFailure("\(statement.commandName) defines no data")
    }
  }

  /// The catalog as it is now, within this transaction.
  private func catalog() async throws -> CatalogContents {
    try await engine.catalogContents(for: transaction)
  }

  /// Finds a table and locks it; `nil` if none has the name.
  private func locked(_ name: ObjectName, _ mode: LockMode) async throws -> Table? {
    var known: Table?
    while true {
      let serial = transaction.lockSerial
      guard let table = try await catalog()[name.schema ?? "public", name.name] else { return nil }
      if table.id == known?.id { return table }
      try await engine.lockTable(table.id, mode, for: transaction)
      if try await catalog()[name.schema ?? "public", name.name]?.id != table.id {
        engine.unlockTable(table.id, of: transaction, after: serial)
      }
      known = table
    }
  }

  private func existing(_ name: ObjectName, _ mode: LockMode) async throws -> Table {
    guard let table = try await locked(name, mode) else {
      throw SQLError.undefinedTable(name.shown)
    }
    return table
  }

  /// - Throws: `55006` if a portal of this session is reading the table.
  private func checkUse(_ table: Table, _ command: String) throws(SQLError) {
    if isInUse(table) { throw .objectInUse(table.name, command: command) }
  }

  private func truncate(_ names: [ObjectName]) async throws {
    for name in names { try checkUse(try await existing(name, .accessExclusive), "TRUNCATE") }
    for name in names {
      try await engine.truncate(try await existing(name, .accessExclusive), for: transaction)
    }
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
    let catalog = try await catalog()
    if catalog.isTaken(schema, create.name.name) {
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
    for constraint in create.constraints { try add(constraint, to: &description, catalog) }
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
    _ constraint: TableConstraint, to description: inout TableDescription,
    _ catalog: CatalogContents
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
            ?? catalog.freeName(
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
    let table = try await existing(create.table, .share)
    try checkUse(table, "CREATE INDEX")
    let description = table.description
    let catalog = try await catalog()
    if let name = create.name, catalog.isTaken(description.schema, name) {
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
      ?? catalog.freeName(
        "\(table.name)_\(create.columns.joined(separator: "_"))_idx", besides: [])
    try await build(
      IndexDescription(name: name, columns: columns, isUnique: create.isUnique), on: table)
  }

  private func build(_ index: IndexDescription, on table: Table) async throws {
    do {
      try await engine.createIndex(index, on: table, for: transaction) {
        try await run.noteEntryBuilt()
      }
    } catch StorageError.duplicateKey(let name, let stored) {
      let row = stored.withUnsafeBytes { table.rowEncoding.decode($0) }
      throw duplicateKey(name, index.columns, row, table.description)
    }
  }

  // MARK: ALTER

  private func alter(_ alter: AlterTable) async throws {
    guard let found = try await locked(alter.name, .accessExclusive) else {
      guard alter.ifExists else { throw SQLError.undefinedTable(alter.name.shown) }
      notice("00000", "relation \"\(alter.name.shown)\" does not exist, skipping")
      return
    }
    var table = found
    for action in alter.actions {
      table = try await current(table)
      if !action.isRenaming { try checkUse(table, "ALTER TABLE") }
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
        if try await catalog().isTaken(table.description.schema, name) {
          throw SQLError.duplicateTable(name)
        }
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
      try await run.noteRowsScanned(BatchSize.largest)
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
    let planner = Planner(catalog: try await catalog(), parameterCount: 0, declared: [])
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
        try await run.noteRowWritten()
        let mode = LockMode.forNoKeyUpdate
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
      try add(constraint, to: &description, try await catalog())
      if let index = description.indexes.last { try await build(index, on: table) }
    case .primaryKey:
      try add(constraint, to: &description, try await catalog())
      try await rebuild(table, as: description)
    }
  }

  /// Makes the table anew in the order of its primary key.
  private func rebuild(_ table: Table, as description: TableDescription) async throws {
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
      rebuilt = try await engine.createIndex(plain, on: rebuilt, for: transaction) {
        try await run.noteEntryBuilt()
      }
    }
  }

  private func copy(_ row: Row, _ writer: TableWriter) async throws {
    let description = writer.table.description
    for column in description.primaryKey where row[column].isNull {
      let name = String(description.name.dropFirst())
      throw SQLError.containsNulls(description.columns[column].name, name)
    }
    guard let key = writer.key(of: row) else { return }
    try await run.noteRowWritten()
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
    if let table = try await locked(name, .accessExclusive) {
      try checkUse(table, "DROP TABLE")
      return try await engine.dropTable(table, for: transaction)
    }
    if try await catalog().isTaken(schema, name.name) {
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
    while let owner = try await catalog().owner(ofIndex: name.name, in: schema) {
      if owner.index(named: name.name) == nil {
        throw SQLError(
          sqlState: "2BP01",
          message: "cannot drop index \(name.name) because constraint \(name.name) on table "
            + "\(owner.name) requires it",
          hint: "You can drop constraint \(name.name) on table \(owner.name) instead.")
      }
      try await engine.lockTable(owner.id, .accessExclusive, for: transaction)
      // The index may be gone by now, or another table's.
      guard let table = try await catalog()[owner.id], table.index(named: name.name) != nil else {
        continue
      }
      try checkUse(table, "DROP INDEX")
      try await engine.dropIndex(name.name, of: table, for: transaction)
      return
    }
    if try await catalog()[schema, name.name] != nil {
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

extension AlterTable.Action {
  /// Whether it leaves the rows and their columns alone.
  fileprivate var isRenaming: Bool {
    switch self {
    case .rename, .renameColumn: true
    default: false
    }
  }
}

extension CatalogContents {
  /// Tables and indexes share their names.
  fileprivate func isTaken(_ schema: String, _ name: String) -> Bool {
    self[schema, name] != nil || owner(ofIndex: name, in: schema) != nil
  }

  /// The table of an index, or of the key that a primary key is.
  fileprivate func owner(ofIndex name: String, in schema: String) -> Table? {
    tables.first { table in
      let isKey =
        !table.description.primaryKey.isEmpty && table.description.primaryKeyName == name
      return table.description.schema == schema && (isKey || table.index(named: name) != nil)
    }
  }

  /// `name`, with a number behind it if it is taken.
  fileprivate func freeName(_ name: String, besides others: [String]) -> String {
    var candidate = name
    var number = 0
    while isTaken("public", candidate) || others.contains(candidate) {
      number += 1
      candidate = "\(name)\(number)"
    }
    return candidate
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
