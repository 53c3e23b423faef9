import SQL
import Simulation
import Volume

/// Removing what no view can see any more.
///
/// ```
///   ended transactions, oldest first:   T3 ✓ ─ T5 ✓ ─ T4 ✗ ─ T8 ─ …
///                                                    └ a view is older than its end: purge stops here
///   for each undo record of one:   deleted row? index keys changed?  ──▶ remove row, entries
///   then its undo goes: whole pages are freed, the last one is written from its beginning again
/// ```
///
/// To look at a record twice does no harm: what is removed is compared with the record first. So
/// nothing is written about how far purge has come, but which page a slot's chain begins with.
///
/// Purge starts by itself some time after a transaction has ended that leaves it something to do.
extension StorageEngine {
  /// How long ended transactions gather, or purge waits for a view to go.
  private static var purgePause: Interval { .milliseconds(50) }

  /// Purges all that may be purged now.
  ///
  /// - Returns: how many transactions were.
  @discardableResult
  public func purge() async throws -> Int {
    while purgeQueue.isBusy { try await process.sleep(for: .milliseconds(1)) }
    purgeQueue.isBusy = true
    defer { purgeQueue.isBusy = false }
    var count = 0
    var owed = Interval.zero
    while let entry = purgeQueue.first, isSeenByAll(entry.serial, entry.transaction) {
      try await purge(entry, owed: &owed)
      purgeQueue.removeFirst()
      count += 1
    }
    try await settle(&owed)
    return count
  }

  /// Sees to it that purge is started.
  func wakePurge() {
    if purgeQueue.isScheduled || purgeQueue.isEmpty { return }
    purgeQueue.isScheduled = true
    process.schedule(at: process.now + Self.purgePause) { [self] in
      purgeQueue.isScheduled = false
      if canPurge { purgeInBackground() } else { wakePurge() }
    }
  }

  private var canPurge: Bool {
    purgeQueue.first.map { isSeenByAll($0.serial, $0.transaction) } ?? false
  }

  private func purgeInBackground() {
    process.spawn { [self] in
      do {
        try await purge()
        wakePurge()
      } catch let error as ProcessEnded {
        throw error
      } catch let error as SQLError {
        // For as long as this instance runs; sessions meet what is wrong when they come to it.
        process.simulation.emit(PurgeStopped(host: process.host.name, reason: error.message))
      } catch {
        // The volume can no longer be read or has been taken over; sessions meet the same error.
      }
    }
  }

  /// Lets go of undo for which there is nothing to do, right when its transaction ends.
  func advancePurge() {
    if purgeQueue.isBusy { return }
    while let entry = purgeQueue.first, !entry.needsWork,
      entry.slot.purged.page == entry.end.page, isSeenByAll(entry.serial, entry.transaction)
    {
      purgeQueue.removeFirst()
    }
    wakePurge()
  }

  /// Whether a view may need what the transaction left that purge would come to next.
  var isPurgeHeldBack: Bool { !purgeQueue.isEmpty && !canPurge }

  /// Whether every view that anybody has, here or on a reader, sees all of an ended transaction.
  private func isSeenByAll(_ serial: UInt64, _ transaction: TransactionID) -> Bool {
    if process.has(DatabaseDefect.purgesUnderViews) { return true }
    if let oldest = transactions.horizons.oldest, serial >= oldest { return false }
    if let oldest = oldestReaderTransaction, transaction >= oldest { return false }
    return true
  }

  private func purge(_ entry: PurgeQueue.Entry, owed: inout Interval) async throws {
    let slot = entry.slot
    var position = slot.purged
    while position != entry.end {
      let page = position.page
      if entry.needsWork {
        let limit = page == entry.end.page ? entry.end.offset : Int.max
        position = try await purgeRecords(of: slot, from: position, to: limit, owed: &owed)
        if page == entry.end.page, position != entry.end {
          throw SQLError.dataCorrupted(
            "undo of transaction \(entry.transaction.value) ends at \(position.offset) of page "
              + "\(page.value), not at \(entry.end.offset)")
        }
      } else if page == entry.end.page {
        position = entry.end
      }
      if page != entry.end.page {
        position = UndoPosition(
          page: try await freeFirstPage(of: slot), offset: UndoPage.start)
        slot.purged = position
      }
    }
  }

  /// An undo record that purge has to act upon, copied off its page.
  private struct Outdated {
    let table: UInt32
    let key: [UInt8]
    let oldRow: [UInt8]
    let pointer: UndoPointer
  }

  /// Purges the records of one page.
  ///
  /// - Returns: where it stopped.
  private func purgeRecords(
    of slot: RollbackSlot, from start: UndoPosition, to limit: Int, owed: inout Interval
  ) async throws -> UndoPosition {
    var position = start
    while true {
      let found = try await pool.withPages { () throws(PageMiss) -> Outdated? in
        let undoPage = UndoPage(try space.frame(of: position.page))
        let end = min(limit, undoPage.end)
        while position.offset < end {
          let record = UndoRecord(frame: undoPage.frame, offset: position.offset)
          let pointer = UndoPointer(
            page: position.page, offset: position.offset, isInsert: false)
          position.offset += record.count
          guard record.kind == .updateForPurge else { continue }
          return Outdated(
            table: record.table, key: [UInt8](record.key), oldRow: [UInt8](record.wholeOldRow),
            pointer: pointer)
        }
        return nil
      }
      guard let found else { return position }
      try await awaitRoom(for: nil)
      try await spend(costs.versionPurged, owed: &owed)
      try await remove(found)
      // Whoever takes a change back from now on must know that purge has been here.
      slot.purged = position
    }
  }

  /// Whether purge has done with a version's undo record, or whether it is gone: no view needs what was before.
  func isPurged(
    _ pointer: UndoPointer, of transaction: TransactionID
  ) throws(PageMiss) -> Bool {
    guard let record = try undo.record(at: pointer, of: transaction) else { return true }
    let purged = transactions.slots[Int(record.frame.owner)].purged
    return purged.page == pointer.page && pointer.offset < purged.offset
  }

  /// Gives the oldest page of a slot's chain back.
  ///
  /// - Returns: the page after it.
  private func freeFirstPage(of slot: RollbackSlot) async throws -> PageNumber {
    try await awaitRoom(for: nil)
    return try await pool.withPages { () throws(PageMiss) in
      let first = try space.frame(of: slot.head)
      let next = try space.frame(of: first.right)
      let segment = try space.frame(of: slot.segment)
      _ = try space.meta()
      slot.head = next.page
      space.free([first])
      space.editor.write(PageNumber.none.value, at: PageOffset.left, of: next)
      undo.writeEnds(of: slot, in: segment)
      space.editor.finish()
      return next.page
    }
  }

  private func remove(_ outdated: Outdated) async throws {
    if outdated.table == Catalog.tableID {
      try await dropTrees(replacedAt: outdated.pointer, outdated.key, outdated.oldRow)
    }
    guard let table = try await currentTable(outdated.table) else { return }
    for index in table.indexes {
      try await dropEntry(
        entry(of: outdated.oldRow, outdated.key, in: index), of: index,
        unlessIn: .downTo(outdated.pointer), of: outdated.key, in: table, onlyIfMarked: true)
    }
    try await purgeDeletedRow(outdated.key, outdated.pointer, in: table)
  }

  /// Takes a deleted row out of its tree, if its newest version is the one of this undo record.
  private func purgeDeletedRow(
    _ key: [UInt8], _ pointer: UndoPointer, in table: Table
  ) async throws {
    try await pool.withPages { () throws(PageMiss) in
      try key.withBytes { key throws(PageMiss) in
        let position = try table.tree.find(key)
        guard position.isExact else { return }
        let header = RowHeader(position.value)
        guard header.isDeleted, header.undo == pointer,
          !transactions.isActive(header.transaction)
        else { return }
        let plan = try table.tree.planRemove(at: position)
        table.tree.perform(plan)
        space.free(plan.emptied)
        space.editor.finish()
      }
    }
  }
}
