import SQL
import Simulation
import Volume

/// Keeping secondary indexes.
///
/// Entries are changed in mini-transactions of their own, after the row. In between, and after a crash
/// in between, an entry may point to a row that has moved on, or a row may lack its entry; only the
/// transaction that is at it, whose work nobody else sees, is concerned, and rollback mends it.
extension StorageEngine {
  /// An index whose entry for a row changes.
  struct IndexChange {
    let index: Index
    let old: IndexEntry
    let new: IndexEntry
  }

  func indexChanges(
    of table: Table, _ key: [UInt8], from old: [UInt8], to new: [UInt8]
  ) -> [IndexChange] {
    let kept = process.has(DatabaseDefect.keepsOneIndex) ? 1 : table.indexes.count
    return table.indexes.prefix(kept).compactMap { index in
      let before = entry(of: old, key, in: index)
      let after = entry(of: new, key, in: index)
      return before == after ? nil : IndexChange(index: index, old: before, new: after)
    }
  }

  func entry(of row: [UInt8], _ key: [UInt8], in index: Index) -> IndexEntry {
    row.withUnsafeBytes { row in
      key.withUnsafeBytes { index.encoding.entry(of: row, primaryKey: $0) }
    }
  }

  func addEntry(of row: [UInt8], _ key: [UInt8], to index: Index) async throws {
    try await putEntry(entry(of: row, key, in: index), to: index)
  }

  /// Makes an entry live: puts it in, or takes its mark away.
  func putEntry(_ entry: IndexEntry, to index: Index) async throws {
    guard entry.key.count <= Self.largestRow else {
      throw StorageError.rowTooLarge(size: entry.key.count, limit: Self.largestRow)
    }
    let value = entry.value(isDeleted: false)
    try await pool.withPages { () throws(PageMiss) in
      try entry.key.withBytes { key throws(PageMiss) in
        try value.withBytes { value throws(PageMiss) in
          let position = try index.tree.find(key)
          if position.isExact {
            if IndexEntry.isDeleted(position.value) { mark(position, isDeleted: false) }
            return
          }
          let plan = try index.tree.planInsert(key, valueCount: value.count, at: position)
          try space.reserve(plan.newPages)
          var pages = space.take(plan.newPages)[...]
          index.tree.perform(plan, key: key, value: value, pages: &pages)
          space.editor.finish()
        }
      }
    }
  }

  /// Marks an entry as one whose row has moved on, or takes the mark away.
  func markEntry(_ entry: IndexEntry, of index: Index, isDeleted: Bool) async throws {
    try await pool.withPages { () throws(PageMiss) in
      try entry.key.withBytes { key throws(PageMiss) in
        let position = try index.tree.find(key)
        if position.isExact, IndexEntry.isDeleted(position.value) != isDeleted {
          mark(position, isDeleted: isDeleted)
        }
      }
    }
  }

  private func mark(_ position: BTree.Position, isDeleted: Bool) {
    let page = position.page
    let offset =
      page.offset(of: position.slot) + SlottedPage.cellHeader + position.key.count
      + Index.entryValueSize - 1
    space.editor.write(isDeleted ? 1 : 0 as UInt8, at: offset, of: position.frame)
    space.editor.finish()
  }

  /// Takes an entry out that one version of a row had and that is no longer its, or leaves it marked if
  /// another version still has it.
  ///
  /// - Parameters:
  ///   - versions: which versions of the row count.
  ///   - onlyIfMarked: whether an entry without a mark is left alone.
  func dropEntry(
    _ entry: IndexEntry, of index: Index, unlessIn versions: VersionRange, of key: [UInt8],
    in table: Table, onlyIfMarked: Bool
  ) async throws {
    try await pool.withPages { () throws(PageMiss) in
      try entry.key.withBytes { entryKey throws(PageMiss) in
        let position = try index.tree.find(entryKey)
        if !position.isExact { return }
        let isMarked = IndexEntry.isDeleted(position.value)
        if onlyIfMarked, !isMarked { return }
        if try hasVersion(in: versions, of: key, in: table, with: entry, of: index) {
          if !isMarked { mark(position, isDeleted: true) }
          return
        }
        let plan = try index.tree.planRemove(at: position)
        index.tree.perform(plan)
        space.free(plan.emptied)
        space.editor.finish()
      }
    }
  }

  /// Versions of one row, from the newest on backwards.
  enum VersionRange {
    /// All but the newest, which is about to be taken back.
    case beforeNewest
    /// Down to the one that was made along with this undo record.
    case downTo(UndoPointer)
  }

  /// Whether any of these versions has the entry.
  private func hasVersion(
    in range: VersionRange, of key: [UInt8], in table: Table, with entry: IndexEntry,
    of index: Index
  ) throws(PageMiss) -> Bool {
    try key.withBytes { key throws(PageMiss) in
      let position = try table.tree.find(key)
      if !position.isExact { return false }
      var header = RowHeader(position.value)
      var row = RowHeader.row(of: position.value)
      var turn = 0
      var isCounted = true
      if case .beforeNewest = range { isCounted = false }
      var current: [UInt8] = []
      while true {
        if isCounted, !header.isDeleted {
          current.removeAll(keepingCapacity: true)
          index.encoding.appendColumns(of: row, to: &current)
          if current == entry.columns { return true }
        }
        isCounted = true
        if case .downTo(let pointer) = range, header.undo == pointer { return false }
        if try isPurged(header.undo, of: header.transaction) { return false }
        guard let older = try versions.older(than: header, row, turn: &turn) else { return false }
        (header, row) = older
      }
    }
  }

  // MARK: Uniqueness

  /// Locks the keys that a row will have in unique indexes, and waits until each is certain to be free.
  ///
  /// Whoever takes a key in a unique index holds its lock until the end, so that two who take the same
  /// come one after the other. Who frees a key has locked the row.
  ///
  /// - Parameter old: the row before; keys that stay are not looked at.
  func awaitUniqueness(
    of key: [UInt8], _ row: [UInt8], old: [UInt8]?, in table: Table, for transaction: Transaction
  ) async throws {
    for index in table.indexes where index.description.isUnique {
      let new = entry(of: row, key, in: index)
      if new.hasNull { continue }
      if let old, entry(of: old, key, in: index) == new { continue }
      let columns = new.columns
      let name = columns.withUnsafeBytes { KeyOrder.hash($0, of: index.description.tree.id) }
      try await lock(name, .forUpdate, for: transaction, waiting: .wait)
      while true {
        let attempt = try await uniqueness(of: columns, key, in: index, of: table, transaction)
        switch attempt {
        case .free: break
        case .taken where process.has(DatabaseDefect.ignoresTakenKeys): break
        case .taken: throw StorageError.uniqueViolation(index: index.name)
        case .mustLock(let name):
          // Only to wait for whoever changes the row: the row itself is no concern of this transaction.
          let serial = transaction.lockSerial
          try await lock(name, .forShare, for: transaction, waiting: .wait)
          locks.release(name, of: transaction, after: serial)
          continue
        }
        break
      }
    }
  }

  private enum Uniqueness {
    case free
    case taken
    /// The owner of an entry is being changed.
    case mustLock(UInt64)
  }

  private func uniqueness(
    of columns: [UInt8], _ ownKey: [UInt8], in index: Index, of table: Table,
    _ transaction: Transaction
  ) async throws -> Uniqueness {
    let range = KeyRange(lower: columns, upper: KeyEncoding.upperBound(ofPrefix: columns))
    return try await pool.withPages { () throws(PageMiss) -> Uniqueness in
      var cursor = TreeCursor(tree: index.tree, range: range, direction: .forward)
      var result = Uniqueness.free
      try cursor.advance { page, slot throws(PageMiss) in
        let key = page.key(at: slot)
        let primaryKey = UnsafeRawBufferPointer(
          rebasing: key[IndexEntry.columnsCount(of: page.value(at: slot))...])
        result = try ownerState(primaryKey, columns, ownKey, index, table, transaction)
        if case .free = result { return true }
        return false
      }
      return result
    }
  }

  /// Whether the row that an entry points to has the entry's key, now and for certain.
  private func ownerState(
    _ primaryKey: UnsafeRawBufferPointer, _ columns: [UInt8], _ ownKey: [UInt8], _ index: Index,
    _ table: Table, _ transaction: Transaction
  ) throws(PageMiss) -> Uniqueness {
    if ownKey.withUnsafeBytes({ KeyOrder.compare($0, primaryKey) == 0 }) { return .free }
    let position = try table.tree.find(primaryKey)
    if !position.isExact { return .free }
    let header = RowHeader(position.value)
    if header.transaction != transaction.id,
      let holder = transactions.transaction(header.transaction)
    {
      let name = KeyOrder.hash(primaryKey, of: table.id)
      locks.enterImplicit(name, header.lockMode, for: holder)
      return .mustLock(name)
    }
    if header.isDeleted { return .free }
    var current: [UInt8] = []
    index.encoding.appendColumns(of: RowHeader.row(of: position.value), to: &current)
    return current == columns ? .taken : .free
  }
}
