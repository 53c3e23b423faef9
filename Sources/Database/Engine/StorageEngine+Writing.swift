import SQL
import Simulation
import Volume

/// Changing rows.
///
/// ```
///   insert / update / delete
///     1  unique indexes: lock the new keys, wait for who is about to take or free them
///     2  one mini-transaction: undo record + row in the leaf (+ slot, the first time; + split)
///     3  for each index whose entry changes: mark the old entry, put the new one in; one each
/// ```
extension StorageEngine {
  /// The largest sum of a key's and its row's sizes, in bytes.
  public static let largestRow =
    SlottedPage.largestCell - SlottedPage.cellHeader - RowHeader.size - UndoRecord.headerSize

  /// Puts a row in.
  ///
  /// - Parameters:
  ///   - key: in the table's `keyEncoding`.
  ///   - row: in the table's `rowEncoding`.
  /// - Throws: ``StorageError/uniqueViolation(index:)``; what waiting for a lock can throw;
  ///   ``StorageError/rowTooLarge(size:limit:)``. What was done before an error is taken back by rolling back
  ///   to the statement's savepoint.
  public func insert(
    _ key: [UInt8], _ row: [UInt8], into table: Table, for transaction: Transaction
  ) async throws {
    try checkWrite(key, row)
    try await awaitRoom(for: transaction, isLarge: transaction.isLarge)
    if table.hasUniqueIndexes {
      // The primary key is looked at first, as its violation is the one to be reported.
      try await awaitFreeKey(key, of: table, for: transaction)
      try await awaitUniqueness(of: key, row, old: nil, in: table, for: transaction)
    }
    while true {
      let attempt = try await pool.withPages { () throws(PageMiss) -> InsertAttempt in
        try transactions.beginWriting(transaction)
        return try key.withBytes { key throws(PageMiss) in
          try row.withBytes { row throws(PageMiss) in
            let position = try table.tree.find(key)
            let attempt = keyState(at: position, key, of: table, for: transaction)
            guard case .free = attempt else { return attempt }
            try write(
              row, at: position, key, in: table, for: transaction, isDeleted: false,
              locksKey: true, isForPurge: position.isExact && !table.indexes.isEmpty)
            return .free
          }
        }
      }
      switch attempt {
      case .free:
        for index in table.indexes { try await addEntry(of: row, key, to: index) }
        return
      case .taken: throw StorageError.uniqueViolation(index: table.description.primaryKeyName)
      case .mustLock(let name):
        try await lock(name, .forUpdate, for: transaction, waiting: .wait)
      }
    }
  }

  /// Gives a row another value; the primary key stays.
  ///
  /// If a unique key changes, it waits until nobody else has locked the key.
  ///
  /// - Precondition: the row is there, and the transaction has locked it FOR NO KEY UPDATE at least.
  public func update(
    _ key: [UInt8], to row: [UInt8], of table: Table, for transaction: Transaction
  ) async throws {
    try checkWrite(key, row)
    try await awaitRoom(for: transaction, isLarge: transaction.isLarge)
    var changes: [IndexChange] = []
    if !table.indexes.isEmpty {
      let old = try await newestRow(key, of: table)
      changes = indexChanges(of: table, key, from: old, to: row)
      if table.hasUniqueIndexes, !changes.isEmpty {
        try await awaitUniqueness(of: key, row, old: old, in: table, for: transaction)
      }
    }
    let changesKey = changes.contains { $0.index.description.isUnique }
    let mayReplaceTrees =
      table.id == Catalog.tableID && !process.has(DatabaseDefect.keepsReplacedTrees)
    try await lockingKey(for: transaction) { () throws(PageMiss) in
      try transactions.beginWriting(transaction)
      return try key.withBytes { key throws(PageMiss) in
        try row.withBytes { row throws(PageMiss) in
          let position = try table.tree.find(key)
          checkLocked(position, by: transaction)
          if changesKey, let name = contendedKey(position, key, of: table, for: transaction) {
            return name
          }
          try write(
            row, at: position, key, in: table, for: transaction, isDeleted: false,
            locksKey: changesKey, isForPurge: !changes.isEmpty || mayReplaceTrees)
          return nil
        }
      }
    }
    for change in changes {
      try await markEntry(change.old, of: change.index, isDeleted: true)
      try await putEntry(change.new, to: change.index)
    }
  }

  /// Says that a row is no more. It stays where it is until no view can see it.
  ///
  /// It waits until nobody else has locked the key.
  ///
  /// - Precondition: the row is there, and the transaction has locked it FOR NO KEY UPDATE at least.
  public func delete(
    _ key: [UInt8], from table: Table, for transaction: Transaction
  ) async throws {
    if isReader { throw StorageError.readOnly }
    try await awaitRoom(for: transaction, isLarge: transaction.isLarge)
    let old = table.indexes.isEmpty ? [] : try await newestRow(key, of: table)
    try await lockingKey(for: transaction) { () throws(PageMiss) in
      try transactions.beginWriting(transaction)
      return try key.withBytes { key throws(PageMiss) in
        let position = try table.tree.find(key)
        checkLocked(position, by: transaction)
        if let name = contendedKey(position, key, of: table, for: transaction) { return name }
        try write(
          RowHeader.row(of: position.value), at: position, key, in: table, for: transaction,
          isDeleted: true, locksKey: true, isForPurge: true)
        return nil
      }
    }
    for index in table.indexes where !process.has(DatabaseDefect.leavesEntriesLive) {
      let entry = old.withUnsafeBytes { row in
        key.withUnsafeBytes { index.encoding.entry(of: row, primaryKey: $0) }
      }
      try await markEntry(entry, of: index, isDeleted: true)
    }
  }

  /// Runs `body` until nobody is in the way of the key that it changes.
  ///
  /// - Parameter body: returns the name of the lock that it could not get.
  private func lockingKey(
    for transaction: Transaction, _ body: () throws(PageMiss) -> UInt64?
  ) async throws {
    while let name = try await pool.withPages(body) {
      try await lock(name, .forUpdate, for: transaction, waiting: .wait)
    }
  }

  /// Locks the key of a row that the transaction has locked already, as far as it must not change meanwhile.
  ///
  /// - Returns: the name of the lock if others share it.
  private func contendedKey(
    _ position: BTree.Position, _ key: UnsafeRawBufferPointer, of table: Table,
    for transaction: Transaction
  ) -> UInt64? {
    let header = RowHeader(position.value)
    if header.transaction == transaction.id, header.locksKey { return nil }
    let name = KeyOrder.hash(key, of: table.id)
    return locks.tryRequest(name, .forUpdate, for: transaction) ? nil : name
  }

  /// A key for a row of a table without a primary key.
  public func nextRowKey(of table: Table) async throws -> [UInt8] {
    let number = try await pool.withPages { () throws(PageMiss) in
      try transactions.takeRowNumber()
    }
    return table.key(ofRow: number)
  }

  // MARK: The one write

  /// Writes a version of a row, with the undo that leads back to the one before.
  private func write(
    _ row: UnsafeRawBufferPointer, at position: BTree.Position, _ key: UnsafeRawBufferPointer,
    in table: Table, for transaction: Transaction, isDeleted: Bool, locksKey: Bool,
    isForPurge: Bool
  ) throws(PageMiss) {
    let content: UndoContent
    var locksKey = locksKey
    if position.isExact {
      let old = position.value
      let header = RowHeader(old)
      if header.transaction == transaction.id, header.locksKey { locksKey = true }
      content = UndoContent(
        updateOf: table.id, key: key, oldHeader: header, oldRow: RowHeader.row(of: old),
        newRow: row, isForPurge: isForPurge)
    } else {
      content = UndoContent(insertInto: table.id, key: key)
    }
    let undoPlan = try undo.plan(content.count, for: transaction)
    let valueCount = RowHeader.size + row.count
    let leafPlan =
      position.isExact
      ? try table.tree.planReplace(valueCount: valueCount, at: position)
      : try table.tree.planInsert(key, valueCount: valueCount, at: position)
    let newPages = undoPlan.newPages + leafPlan.newPages
    try space.reserve(newPages)

    var pages = space.take(newPages)[...]
    let pointer = undo.perform(undoPlan, content, for: transaction, pages: &pages)
    let header = RowHeader(
      transaction: transaction.id ?? .none, undo: pointer, isDeleted: isDeleted,
      locksKey: locksKey)
    let value = space.editor.withScratch(valueCount) { scratch in
      if let target = scratch.baseAddress { header.store(to: target) }
      UnsafeMutableRawBufferPointer(rebasing: scratch[RowHeader.size...]).copyMemory(from: row)
    }
    table.tree.perform(leafPlan, key: key, value: value, pages: &pages)
    space.editor.finish()
  }

  private func checkWrite(_ key: [UInt8], _ row: [UInt8]) throws {
    if isReader { throw StorageError.readOnly }
    guard key.count + row.count <= Self.largestRow else {
      throw StorageError.rowTooLarge(size: key.count + row.count, limit: Self.largestRow)
    }
  }

  private func checkLocked(_ position: BTree.Position, by transaction: Transaction) {
    precondition(position.isExact, "the row to be changed is not there")
    let header = RowHeader(position.value)
    precondition(!header.isDeleted, "the row to be changed has been deleted")
    precondition(
      header.transaction == transaction.id || !transactions.isActive(header.transaction),
      "the row to be changed was not locked")
  }

  /// A copy of a row's newest version; empty if there is none.
  func newestRow(_ key: [UInt8], of table: Table) async throws -> [UInt8] {
    try await pool.withPages { () throws(PageMiss) in
      try key.withBytes { key throws(PageMiss) in
        let position = try table.tree.find(key)
        return position.isExact ? [UInt8](RowHeader.row(of: position.value)) : []
      }
    }
  }

  // MARK: Keys that must be free

  private enum InsertAttempt {
    case free
    case taken
    /// Somebody is about to free the key, or to take it.
    case mustLock(UInt64)
  }

  /// Whether a row may be put in here.
  private func keyState(
    at position: BTree.Position, _ key: UnsafeRawBufferPointer, of table: Table,
    for transaction: Transaction
  ) -> InsertAttempt {
    let name = KeyOrder.hash(key, of: table.id)
    if position.isExact {
      let header = RowHeader(position.value)
      if header.transaction != transaction.id,
        let holder = transactions.transaction(header.transaction)
      {
        locks.enterImplicit(name, header.lockMode, for: holder)
        return .mustLock(name)
      }
      if !header.isDeleted { return .taken }
    }
    // What is put in is locked by having been written; a request is only needed if others want the key.
    if locks.isContended(name, besides: transaction) {
      if !locks.tryRequest(name, .forUpdate, for: transaction) { return .mustLock(name) }
    }
    return .free
  }

  /// Waits until nobody is about to take or free the primary key.
  private func awaitFreeKey(
    _ key: [UInt8], of table: Table, for transaction: Transaction
  ) async throws {
    while true {
      let attempt = try await pool.withPages { () throws(PageMiss) -> InsertAttempt in
        try key.withBytes { key throws(PageMiss) in
          keyState(at: try table.tree.find(key), key, of: table, for: transaction)
        }
      }
      switch attempt {
      case .free: return
      case .taken: throw StorageError.uniqueViolation(index: table.description.primaryKeyName)
      case .mustLock(let name):
        try await lock(name, .forUpdate, for: transaction, waiting: .wait)
      }
    }
  }
}
