import Simulation
import Volume

/// Taking back what a transaction did, the last thing first.
///
/// ```
///   for each undo record, backwards:
///     1  index entries: those of the newer version go, those of the older come back   one each
///     2  one mini-transaction: the older version back into the leaf, the record out of the undo log
/// ```
///
/// As the record goes in the same mini-transaction in which its change is taken back, a crash in the
/// middle of a rollback, and one in the middle of the rollback after that, find what is left to do
/// and nothing else. The steps on indexes may be done twice.
extension StorageEngine {
  /// What an undo record says, copied off its page.
  struct Undone {
    let kind: UndoRecord.Kind
    let table: UInt32
    let key: [UInt8]
    let oldHeader: RowHeader
  }

  /// Names, in the lock table, of rows that a rollback to a savepoint has set back.
  struct RestoredRows {
    /// Their newest version is not the transaction's any more.
    var left: [UInt64] = []
    /// It is, but their keys are as they were.
    var weakened: [UInt64] = []
  }

  /// Takes back the transaction's changes until `count` of them are left.
  @discardableResult
  func undoRecords(
    of transaction: Transaction, downTo count: UInt32
  ) async throws -> RestoredRows {
    var restored = RestoredRows()
    var owed = Interval.zero
    let isLarge = transaction.isLarge
    while transaction.undoCount > count, let pointer = transaction.lastUndo {
      try await awaitRoom(for: nil, isLarge: isLarge)
      try await spend(costs.rowWritten, owed: &owed)
      let undone = try await pool.withPages { () throws(PageMiss) in
        let record = try lastRecord(at: pointer, of: transaction)
        let isInsert = record.kind == .insert
        return Undone(
          kind: record.kind, table: record.table, key: [UInt8](record.key),
          oldHeader: isInsert
            ? RowHeader(transaction: .none, undo: .none, isDeleted: true) : record.oldHeader)
      }
      guard let table = try await currentTable(undone.table) else {
        preconditionFailure("table \(undone.table) has changes to be taken back, but is gone")
      }
      if undone.table == Catalog.tableID {
        try await dropTreesOfNewest(undone.key, undone.kind)
        transaction.ownCatalog = nil
      }
      if !table.indexes.isEmpty { try await undoEntries(undone, in: table) }
      try await restore(undone, in: table, for: transaction, pointer)
      let name = undone.key.withUnsafeBytes { KeyOrder.hash($0, of: undone.table) }
      if undone.oldHeader.transaction != transaction.id {
        restored.left.append(name)
      } else if !undone.oldHeader.locksKey {
        restored.weakened.append(name)
      }
    }
    try await settle(&owed)
    return restored
  }

  private func lastRecord(
    at pointer: UndoPointer, of transaction: Transaction
  ) throws(PageMiss) -> UndoRecord {
    guard let id = transaction.id, let record = try undo.record(at: pointer, of: id) else {
      preconditionFailure("undo of transaction \(transaction.id ?? .none) is not where it was put")
    }
    return record
  }

  /// The newest and the version before it, as rows; `nil` where there is none that lives.
  private func lastTwoVersions(
    of key: [UInt8], _ kind: UndoRecord.Kind, in table: Table
  ) async throws -> (newest: [UInt8]?, older: [UInt8]?) {
    try await pool.withPages { () throws(PageMiss) in
      try key.withBytes { key throws(PageMiss) in
        let position = try table.tree.find(key)
        precondition(position.isExact, "a row to be restored is not there")
        let header = RowHeader(position.value)
        let row = RowHeader.row(of: position.value)
        let newest = header.isDeleted ? nil : [UInt8](row)
        var turn = 0
        guard kind != .insert,
          let older = try versions.older(than: header, row, turn: &turn),
          !older.header.isDeleted
        else { return (newest, nil) }
        return (newest, [UInt8](older.row))
      }
    }
  }

  private func undoEntries(_ undone: Undone, in table: Table) async throws {
    let (newest, older) = try await lastTwoVersions(of: undone.key, undone.kind, in: table)
    for index in table.indexes {
      let new = newest.map { entry(of: $0, undone.key, in: index) }
      let old = older.map { entry(of: $0, undone.key, in: index) }
      if new == old { continue }
      if let new {
        try await dropEntry(
          new, of: index, unlessIn: .beforeNewest, of: undone.key, in: table, onlyIfMarked: false)
      }
      if let old { try await putEntry(old, to: index) }
    }
  }

  /// Puts the version before back, and takes its undo record away.
  ///
  /// If the version before says that there is no row, and purge has come by meanwhile, the row goes: purge will not come
  /// again.
  private func restore(
    _ undone: Undone, in table: Table, for transaction: Transaction, _ pointer: UndoPointer
  ) async throws {
    guard let slot = transaction.slot else { preconditionFailure("undo without a slot") }
    try await pool.withPages { () throws(PageMiss) in
      try undone.key.withBytes { key throws(PageMiss) in
        let record = try lastRecord(at: pointer, of: transaction)
        let removal = try undo.planRemoval(of: record, from: slot)
        let position = try table.tree.find(key)
        precondition(
          position.isExact && RowHeader(position.value).undo == pointer,
          "a row to be restored has another version")
        var isGone = undone.kind == .insert
        if !isGone, undone.oldHeader.isDeleted {
          isGone = try isPurged(undone.oldHeader.undo, of: undone.oldHeader.transaction)
        }
        guard !isGone else {
          let plan = try table.tree.planRemove(at: position)
          undo.perform(removal, for: transaction, slot: slot)
          table.tree.perform(plan)
          space.free(removal.emptied + plan.emptied)
          space.editor.finish()
          return
        }
        var turn = 0
        let newest = RowHeader(position.value)
        guard
          let older = try versions.older(
            than: newest, RowHeader.row(of: position.value), turn: &turn)
        else { preconditionFailure("a row to be restored has no version before") }
        let valueCount = RowHeader.size + older.row.count
        let plan = try table.tree.planReplace(valueCount: valueCount, at: position)
        try space.reserve(plan.newPages)
        var pages = space.exchange(taking: plan.newPages, freeing: removal.emptied)[...]
        undo.perform(removal, for: transaction, slot: slot)
        let value = space.editor.withScratch(valueCount) { scratch in
          if let target = scratch.baseAddress { older.header.store(to: target) }
          UnsafeMutableRawBufferPointer(rebasing: scratch[RowHeader.size...])
            .copyMemory(from: older.row)
        }
        table.tree.perform(plan, key: key, value: value, pages: &pages)
        space.editor.finish()
      }
    }
  }
}
