import Simulation
import Volume

/// Writes and reads the undo of transactions.
///
/// An undo record goes to the log in the same mini-transaction as the change that it takes back; so
/// there is no change without its undo, and no undo without its change, at any point at which a crash can cut
/// the log.
final class UndoLog {
  private let space: PageSpace

  init(space: PageSpace) { self.space = space }

  /// Everything that writing one record will touch.
  struct Plan {
    /// The page of the record; `nil` if it will be a new one.
    let frame: Frame?
    let offset: Int
    /// The slot's page, if it has to learn of the transaction or of a new undo page.
    let segment: Frame?
    let tail: Frame?

    var newPages: Int { frame == nil ? 1 : 0 }
  }

  /// Plans to write a record of `count` bytes.
  ///
  /// - Precondition: the transaction has a slot.
  @inline(__always)
  func plan(_ count: Int, for transaction: Transaction) throws(PageMiss) -> Plan {
    guard let slot = transaction.slot else {
      preconditionFailure("a transaction without a slot has no undo log")
    }
    precondition(count <= UndoPage.capacity, "an undo record of \(count) bytes")
    let tail = slot.tail == .none ? nil : try space.frame(of: slot.tail)
    var offset = UndoPage.start
    if tail != nil {
      let isPurged =
        !transaction.isMarked && slot.pendingPurges == 0 && slot.purged == slot.end
      offset = isPurged ? UndoPage.start : slot.tailEnd
    }
    let fits = tail != nil && Page.size - offset >= count
    let segment =
      transaction.isMarked && fits ? nil : try space.frame(of: slot.segment)
    return Plan(
      frame: fits ? tail : nil, offset: fits ? offset : UndoPage.start, segment: segment,
      tail: tail)
  }

  /// Where the record of a plan will be.
  func position(of plan: Plan, pages: ArraySlice<Frame>) -> UndoPosition {
    guard let frame = plan.frame ?? pages.first else {
      preconditionFailure("a page was planned for, but not taken")
    }
    return UndoPosition(page: frame.page, offset: plan.offset)
  }

  /// Writes a record, with its transaction's slot where that changes.
  ///
  /// - Parameter pages: those taken; the plan's own are removed from the front.
  func perform(
    _ plan: Plan, _ content: UndoContent, for transaction: Transaction,
    pages: inout ArraySlice<Frame>
  ) -> UndoPointer {
    guard let slot = transaction.slot, let id = transaction.id else {
      preconditionFailure("a transaction without a slot has no undo log")
    }
    let editor = space.editor
    let isNewPage = plan.frame == nil
    let frame = plan.frame ?? pages.removeFirst()
    if isNewPage {
      if let tail = plan.tail { editor.write(frame.page.value, at: PageOffset.right, of: tail) }
      UndoPage.format(frame, slot: slot, older: slot.tail, with: editor)
    }
    let isFirstOfPage = plan.offset == UndoPage.start
    let previous = isFirstOfPage ? 0 : UndoPage(frame).lastRecord
    content.store(
      to: frame, at: plan.offset, previous: previous, number: transaction.undoCount,
      transaction: id)
    editor.note(plan.offset, content.count, of: frame)
    UndoPage.setEnd(
      plan.offset + content.count, lastRecord: plan.offset, of: frame, with: editor)
    slot.tailEnd = plan.offset + content.count
    paranoid(
      UndoPage(frame).hasRecord(at: plan.offset)
        && UndoRecord(frame: frame, offset: plan.offset).transaction == id,
      "the undo record at \(plan.offset) of \(frame.page) cannot be found again")
    if let segment = plan.segment {
      updateSlot(slot, in: segment, of: transaction, id, frame.page, plan.offset, isNewPage)
    }
    let pointer = UndoPointer(
      page: frame.page, offset: plan.offset, isInsert: content.kind == .insert)
    transaction.lastUndo = pointer
    transaction.undoCount += 1
    if content.kind == .updateForPurge { transaction.needsPurge = true }
    return pointer
  }

  private func updateSlot(
    _ slot: RollbackSlot, in segment: Frame, of transaction: Transaction, _ id: TransactionID,
    _ page: PageNumber, _ offset: Int, _ isNewPage: Bool
  ) {
    let bytes = segment.bytes + slot.offset
    if !transaction.isMarked {
      bytes.storeBytes(of: id.value.littleEndian, as: UInt64.self)
      bytes.storeBytes(
        of: RollbackSegment.active, toByteOffset: RollbackSegment.Offset.state, as: UInt8.self)
      space.editor.note(slot.offset, RollbackSegment.Offset.state + 1, of: segment)
      transaction.isMarked = true
      // The tail is written from its beginning: what was purged there is gone.
      if offset == UndoPage.start, !isNewPage {
        slot.purged = UndoPosition(page: page, offset: offset)
      }
    }
    if isNewPage {
      if slot.head == .none {
        slot.head = page
        slot.purged = UndoPosition(page: page, offset: UndoPage.start)
      }
      slot.tail = page
      writeEnds(of: slot, in: segment)
    }
  }

  /// Writes which pages the slot's chain begins and ends with.
  func writeEnds(of slot: RollbackSlot, in segment: Frame) {
    let bytes = segment.bytes + slot.offset
    bytes.storeBytes(
      of: slot.head.value.littleEndian, toByteOffset: RollbackSegment.Offset.head, as: UInt32.self)
    bytes.storeBytes(
      of: slot.tail.value.littleEndian, toByteOffset: RollbackSegment.Offset.tail, as: UInt32.self)
    space.editor.note(slot.offset + RollbackSegment.Offset.head, 8, of: segment)
  }

  /// The record at `pointer`, if it is still that of `transaction`.
  ///
  /// Purge may have taken it away, and other undo may lie there: the page tells where records begin, and the record
  /// tells whose it is.
  func record(
    at pointer: UndoPointer, of transaction: TransactionID
  ) throws(PageMiss) -> UndoRecord? {
    let frame = try space.frame(of: pointer.page)
    guard frame.kind == .undo, UndoPage(frame).hasRecord(at: pointer.offset) else { return nil }
    let record = UndoRecord(frame: frame, offset: pointer.offset)
    return record.transaction == transaction ? record : nil
  }

  // MARK: Taking back

  /// Everything that taking away a transaction's last record will touch.
  struct Removal {
    let record: UndoRecord
    /// The page before, if the record's page becomes empty and is given back.
    let older: Frame?
    let segment: Frame?

    /// Pages that the caller must free, in the same mini-transaction.
    var emptied: [Frame] { older == nil ? [] : [record.frame] }
  }

  func planRemoval(of record: UndoRecord, from slot: RollbackSlot) throws(PageMiss) -> Removal {
    let frame = record.frame
    guard record.previous == 0, frame.page != slot.head else {
      return Removal(record: record, older: nil, segment: nil)
    }
    _ = try space.meta()
    return Removal(
      record: record, older: try space.frame(of: frame.left),
      segment: try space.frame(of: slot.segment))
  }

  /// Takes away the last record of a transaction that is being rolled back.
  func perform(_ removal: Removal, for transaction: Transaction, slot: RollbackSlot) {
    let editor = space.editor
    let record = removal.record
    let frame = record.frame
    transaction.undoCount = record.number
    if let older = removal.older, let segment = removal.segment {
      let last = UndoPage(older).lastRecord
      transaction.lastUndo =
        transaction.undoCount == 0 ? nil : pointer(to: last, of: older)
      editor.write(PageNumber.none.value, at: PageOffset.right, of: older)
      slot.tail = older.page
      slot.tailEnd = UndoPage(older).end
      writeEnds(of: slot, in: segment)
      return
    }
    let previous = record.previous
    let isFirst = transaction.undoCount == 0
    let offset = record.offset
    UndoPage.setEnd(offset, lastRecord: previous, of: frame, with: editor)
    slot.tailEnd = offset
    transaction.lastUndo = isFirst ? nil : pointer(to: previous, of: frame)
  }

  private func pointer(to offset: Int, of frame: Frame) -> UndoPointer {
    let record = UndoRecord(frame: frame, offset: offset)
    return UndoPointer(page: frame.page, offset: offset, isInsert: record.kind == .insert)
  }
}
