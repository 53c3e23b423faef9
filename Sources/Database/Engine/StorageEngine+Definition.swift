import SQL
import Simulation
import Volume

/// The catalog: what tables there are, and DDL.
///
/// DDL is done by transactions like any other change, and undone with them. While a transaction is at
/// it, the table is locked: exclusively, or against changes of its rows for an index.
extension StorageEngine {
  // MARK: Looking

  /// The table of a name, as committed, or as the transaction itself has changed it.
  public func table(
    named name: String, schema: String = "public", for transaction: Transaction?
  ) async throws -> Table? {
    try await contents(for: transaction)[schema, name]
  }

  /// All tables, in the order of their creation.
  public func tables(for transaction: Transaction?) async throws -> [Table] {
    try await contents(for: transaction).tables
  }

  private func contents(for transaction: Transaction?) async throws -> CatalogContents {
    while let transaction, transaction.changesCatalog {
      if let own = ownCatalog(of: transaction) { return own }
      let version = catalog.version
      let contents = try await readCatalog(
        ReadView(snapshot: transactions.snapshot(), transaction: transaction, hold: hold()))
      if catalog.version == version { transaction.ownCatalog = (contents, version) }
    }
    if let cached = catalog.cached { return cached }
    while true {
      let version = catalog.version
      let contents = try await readCatalog(view())
      // DDL may have been committed while pages were awaited.
      if catalog.version == version {
        catalog.keep(contents)
        return contents
      }
    }
  }

  /// The catalog as a transaction has changed it, if that is known and nobody else has committed a change since.
  func ownCatalog(of transaction: Transaction) -> CatalogContents? {
    guard let own = transaction.ownCatalog, own.version == catalog.version else { return nil }
    return own.contents
  }

  private func hold() -> HorizonHold {
    transactions.horizons.hold(transactions.snapshot().horizon)
  }

  private func readCatalog(_ view: ReadView) async throws -> CatalogContents {
    let scan = scan(catalog.table, view: view)
    var descriptions: [TableDescription] = []
    while !scan.isAtEnd {
      try await scan.next(.max) { _, row in
        descriptions.append(Catalog.description(from: row))
        return true
      }
    }
    return CatalogContents(descriptions.map { Table($0, space: space) })
  }

  /// The newest version of a table, whoever has made it; `nil` if that says that there is none.
  func currentTable(_ id: UInt32) async throws -> Table? {
    if id == Catalog.tableID { return catalog.table }
    if catalog.changerCount == 0, let table = catalog.cached?[id] { return table }
    let key = catalog.key(of: id)
    let description = try await pool.withPages { () throws(PageMiss) -> TableDescription? in
      try key.withBytes { key throws(PageMiss) in
        let position = try catalog.table.tree.find(key)
        guard position.isExact, !RowHeader(position.value).isDeleted else { return nil }
        return Catalog.description(from: RowHeader.row(of: position.value))
      }
    }
    return description.map { Table($0, space: space) }
  }

  /// Makes it known, along with a commit, that the catalog has changed.
  func bumpCatalogVersion() {
    guard let meta = pool.resident(.meta) else { preconditionFailure("the meta page is pinned") }
    space.editor.write(
      MetaPage(meta).catalogVersion + 1, at: MetaPage.Offset.catalogVersion, of: meta)
  }

  // MARK: Tables

  /// Creates a table with its indexes.
  ///
  /// - Throws: ``StorageError/duplicateTable(_:)``, ``StorageError/duplicateIndex(_:)``,
  ///   ``StorageError/rowTooLarge(size:limit:)`` if the description does not fit a page.
  public func createTable(
    _ description: TableDescription, for transaction: Transaction
  ) async throws -> Table {
    try await beginDefinition()
    var description = description
    try await lockName(description.schema, description.name, for: transaction)
    for index in description.indexes {
      try await lockName(description.schema, index.name, for: transaction)
    }
    let present = try await contents(for: transaction)
    if present[description.schema, description.name] != nil {
      throw StorageError.duplicateTable(description.name)
    }
    for index in description.indexes { try checkIndexName(index.name, of: description, present) }
    try checkSize(description)
    description.id = try await takeObjectNumber()
    try await plantTrees(&description)
    try await lockTable(description.id, .accessExclusive, for: transaction)
    noteCatalogChange(by: transaction)
    try await insert(
      catalog.key(of: description.id), Catalog.row(of: description), into: catalog.table,
      for: transaction)
    return Table(description, space: space)
  }

  /// Drops a table; its pages are freed once no view can see it.
  public func dropTable(_ table: Table, for transaction: Transaction) async throws {
    try await beginDefinition()
    try await lockTable(table.id, .accessExclusive, for: transaction)
    _ = try await lockDescription(of: table, for: transaction)
    noteCatalogChange(by: transaction)
    try await delete(catalog.key(of: table.id), from: catalog.table, for: transaction)
  }

  /// Empties a table by giving it new trees.
  ///
  /// - Returns: the table as it is now.
  @discardableResult
  public func truncate(_ table: Table, for transaction: Transaction) async throws -> Table {
    try await beginDefinition()
    try await lockTable(table.id, .accessExclusive, for: transaction)
    var description = try await lockDescription(of: table, for: transaction)
    try await plantTrees(&description)
    return try await replaceDescription(with: description, for: transaction)
  }

  /// Changes what the catalog says of a table: names, columns, options. Trees and rows stay.
  ///
  /// - Parameter change: must not touch the columns of keys.
  /// - Returns: the table as it is now.
  @discardableResult
  public func alter(
    _ table: Table, for transaction: Transaction, _ change: (inout TableDescription) -> Void
  ) async throws -> Table {
    try await beginDefinition()
    try await lockTable(table.id, .accessExclusive, for: transaction)
    var description = try await lockDescription(of: table, for: transaction)
    let oldName = (description.schema, description.name)
    change(&description)
    if (description.schema, description.name) != oldName {
      try await lockName(description.schema, description.name, for: transaction)
      if try await contents(for: transaction)[description.schema, description.name] != nil {
        throw StorageError.duplicateTable(description.name)
      }
    }
    try checkSize(description)
    return try await replaceDescription(with: description, for: transaction)
  }

  // MARK: Indexes

  /// Creates an index and fills it. Nobody changes the table's rows meanwhile, provided that all who do
  /// have locked it.
  ///
  /// - Parameter noteEntry: is called before each entry is put in; the caller charges for it.
  /// - Throws: ``StorageError/duplicateIndex(_:)``; ``StorageError/duplicateKey(index:row:)`` if the rows
  ///   do not allow a unique index; what `noteEntry` throws.
  /// - Returns: the table as it is now.
  @discardableResult
  public func createIndex(
    _ index: IndexDescription, on table: Table, for transaction: Transaction,
    noteEntry: () async throws -> Void = {}
  ) async throws -> Table {
    try await beginDefinition()
    try await lockTable(table.id, .share, for: transaction)
    try await lockName(table.description.schema, index.name, for: transaction)
    var description = try await lockDescription(of: table, for: transaction)
    try checkIndexName(index.name, of: description, try await contents(for: transaction))
    var index = index
    index.tree = TreeDescription()
    description.indexes.append(index)
    try checkSize(description)
    try await plantTrees(&description)
    let changed = try await replaceDescription(with: description, for: transaction)
    if let created = changed.indexes.last {
      try await fill(created, of: changed, for: transaction, noteEntry)
    }
    return changed
  }

  @discardableResult
  public func dropIndex(
    _ name: String, of table: Table, for transaction: Transaction
  ) async throws -> Table {
    try await beginDefinition()
    try await lockTable(table.id, .accessExclusive, for: transaction)
    var description = try await lockDescription(of: table, for: transaction)
    guard let place = description.indexes.firstIndex(where: { $0.name == name }) else {
      throw StorageError.undefinedIndex(name)
    }
    description.indexes.remove(at: place)
    return try await replaceDescription(with: description, for: transaction)
  }

  private func fill(
    _ index: Index, of table: Table, for transaction: Transaction,
    _ noteEntry: () async throws -> Void
  ) async throws {
    let view = ReadView(
      snapshot: transactions.snapshot(), transaction: transaction, hold: hold())
    let scan = scan(table, view: view)
    while !scan.isAtEnd {
      let isUnique = index.description.isUnique
      var entries: [IndexEntry] = []
      var rows: [[UInt8]] = []
      try await scan.next(256) { key, row in
        entries.append(index.encoding.entry(of: row, primaryKey: key))
        if isUnique { rows.append([UInt8](row)) }
        return true
      }
      let skipped = process.has(DatabaseDefect.skipsFirstOfBatch) ? 1 : 0
      for (place, entry) in entries.enumerated().dropFirst(skipped) {
        try await awaitRoom(for: transaction)
        try await noteEntry()
        if isUnique, !entry.hasNull, try await hasEntry(entry, in: index) {
          throw StorageError.duplicateKey(index: index.name, row: rows[place])
        }
        try await putEntry(entry, to: index)
      }
    }
  }

  private func hasEntry(_ entry: IndexEntry, in index: Index) async throws -> Bool {
    let columns = entry.columns
    let range = KeyRange(lower: columns, upper: KeyEncoding.upperBound(ofPrefix: columns))
    return try await pool.withPages { () throws(PageMiss) in
      var cursor = TreeCursor(tree: index.tree, range: range, direction: .forward)
      var isFound = false
      try cursor.advance { _, _ throws(PageMiss) in
        isFound = true
        return false
      }
      return isFound
    }
  }

  // MARK: Pieces

  /// What a crash interrupted must have been taken back before any table changes its shape.
  private func beginDefinition() async throws {
    if isReader { throw StorageError.readOnly }
    while hasInterrupted { try await process.sleep(for: .milliseconds(1)) }
  }

  private func noteCatalogChange(by transaction: Transaction) {
    if !transaction.changesCatalog { catalog.changerCount += 1 }
    transaction.changesCatalog = true
    transaction.ownCatalog = nil
  }

  /// Names of tables and indexes are one space; who takes one locks it.
  private func lockName(
    _ schema: String, _ name: String, for transaction: Transaction
  ) async throws {
    let bytes = Array(CatalogContents.fullName(schema, name).utf8)
    let lockName = bytes.withUnsafeBytes { KeyOrder.hash($0, of: 0) }
    try await lock(lockName, .forUpdate, for: transaction, waiting: .wait)
  }

  private func checkIndexName(
    _ name: String, of description: TableDescription, _ present: CatalogContents
  ) throws {
    for table in present.tables where table.description.schema == description.schema {
      if table.name == name || table.index(named: name) != nil {
        throw StorageError.duplicateIndex(name)
      }
    }
  }

  private func checkSize(_ description: TableDescription) throws {
    var size = 64 + description.schema.utf8.count + description.name.utf8.count
    size += description.primaryKeyName.utf8.count + description.primaryKey.count * 2
    for column in description.columns {
      size += 10 + column.name.utf8.count + (column.defaultText?.utf8.count ?? 0)
    }
    for index in description.indexes {
      size += 16 + index.name.utf8.count + index.columns.count * 2
    }
    for option in description.options {
      size += 4 + option.name.utf8.count + option.value.utf8.count
    }
    guard size <= Self.largestRow else {
      throw StorageError.rowTooLarge(size: size, limit: Self.largestRow)
    }
  }

  /// Locks the table's row of the catalog, and gives what it says now.
  private func lockDescription(
    of table: Table, for transaction: Transaction
  ) async throws -> TableDescription {
    let view = ReadView(
      snapshot: transactions.snapshot(), transaction: transaction, hold: hold())
    let description = try await lockRow(
      catalog.key(of: table.id), of: catalog.table, .forUpdate, for: transaction, view: view
    ) { _, row in row.map { Catalog.description(from: $0) } }
    guard let description else { throw StorageError.undefinedTable(table.name) }
    return description
  }

  private func replaceDescription(
    with description: TableDescription, for transaction: Transaction
  ) async throws -> Table {
    noteCatalogChange(by: transaction)
    let row = Catalog.row(of: description)
    try await update(
      catalog.key(of: description.id), to: row, of: catalog.table, for: transaction)
    return Table(description, space: space)
  }

  private func takeObjectNumber() async throws -> UInt32 {
    try await pool.withPages { () throws(PageMiss) in
      let meta = try space.meta()
      let number = meta.nextObject
      space.editor.write(number + 1, at: MetaPage.Offset.nextObject, of: meta.frame)
      space.editor.finish()
      return number
    }
  }
}
