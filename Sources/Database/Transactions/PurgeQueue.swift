import DequeModule
import Simulation
import Volume

/// Committed transactions whose undo is still kept, in the order in which they ended.
struct PurgeQueue {
  struct Entry {
    /// Drawn when the transaction ended: a view whose horizon is greater sees all that it did.
    let serial: UInt64
    let transaction: TransactionID
    let slot: RollbackSlot
    /// The end of its undo, which begins where that of the slot's transaction before ends.
    let end: UndoPosition
    /// Whether there are rows or index entries to be removed.
    let needsWork: Bool
  }

  private var entries = Deque<Entry>()
  /// Whether a pass is under way.
  var isBusy = false
  /// Whether a pass will be started.
  var isScheduled = false

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  var first: Entry? { entries.first }

  mutating func append(_ entry: Entry) {
    entry.slot.pendingPurges += 1
    entries.append(entry)
  }

  mutating func removeFirst() {
    let entry = entries.removeFirst()
    entry.slot.purged = entry.end
    entry.slot.pendingPurges -= 1
    paranoid(entry.slot.pendingPurges >= 0, "undo of slot \(entry.slot.index) is purged twice")
  }

  /// Takes in what earlier incarnations of the writer left: which transactions the undo belongs to is
  /// not known any more, only that they had ended by now.
  mutating func adopt(_ table: TransactionTable) {
    for slot in table.slots where slot.tail != .none && slot.purged != slot.end {
      // A slot whose transaction was interrupted is entered once that has been rolled back.
      if table.isInterrupted(slot) { continue }
      append(
        Entry(
          serial: table.nextID.value, transaction: table.nextID, slot: slot, end: slot.end,
          needsWork: true))
    }
  }
}
