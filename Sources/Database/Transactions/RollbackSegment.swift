import Volume

/// The slots in which the volume remembers transactions in progress.
///
/// ```
///   page:  header (40) ┬ slot 0 ┬ slot 1 ┬ …
///   slot:  0             8       9      12     16     20
///          ├ transaction ┼ state ┼ pad ─┼ head ┼ tail ┤
///                                        undo pages
/// ```
///
/// A slot owns a chain of undo pages, oldest first, which it keeps from one transaction to the next.
/// Transactions that follow one another in a slot write their undo behind one another, and purge takes it
/// away from the front; when it has caught up, the slot's last page is written from its beginning
/// again. So a busy slot that nobody's view holds back lives on one page.
enum RollbackSegment {
  static let slotSize = 20
  static let slotsPerPage = (Page.size - PageOffset.body) / slotSize

  enum Offset {
    static let transaction = 0
    static let state = 8
    static let head = 12
    static let tail = 16
  }

  static let idle: UInt8 = 0
  static let active: UInt8 = 1

  static func format(_ frame: Frame, with editor: PageEditor) {
    if frame.kind != .unused { editor.clear(frame) }
    editor.write(PageKind.rollbackSegment.rawValue, at: PageOffset.kind, of: frame)
  }
}

/// A place in a chain of undo pages.
struct UndoPosition: Equatable {
  var page: PageNumber
  var offset: Int

  init(page: PageNumber, offset: Int) { (self.page, self.offset) = (page, offset) }
  init(_ pointer: UndoPointer) { (page, offset) = (pointer.page, pointer.offset) }
}

/// One slot, in memory.
final class RollbackSlot {
  /// The place of the slot among all of the volume.
  let index: Int
  let segment: PageNumber
  let offset: Int
  var head: PageNumber
  var tail: PageNumber
  /// Where the next record goes on the last page.
  var tailEnd = UndoPage.start
  /// Undo before this has been purged.
  var purged: UndoPosition
  /// Whether undo behind ``purged`` waits for purge; else the tail may be written from its beginning.
  var pendingPurges = 0

  init(index: Int, segment: PageNumber, head: PageNumber, tail: PageNumber) {
    self.index = index
    self.segment = segment
    offset =
      PageOffset.body + index % RollbackSegment.slotsPerPage * RollbackSegment.slotSize
    (self.head, self.tail) = (head, tail)
    purged = UndoPosition(page: head, offset: UndoPage.start)
  }

  /// Behind the last record.
  var end: UndoPosition { UndoPosition(page: tail, offset: tailEnd) }
}

/// A page of an undo log: records one behind the other.
///
/// The header's `slot count` is where the next record goes, its `heap start` where the last one begins;
/// `left` and `right` are the older and the newer page.
struct UndoPage {
  static let start = PageOffset.body
  static let capacity = Page.size - start

  let frame: Frame

  init(_ frame: Frame) { self.frame = frame }

  var end: Int { Int(frame.load(UInt16.self, at: PageOffset.slotCount)) }
  /// 0 if there is none.
  var lastRecord: Int { Int(frame.load(UInt16.self, at: PageOffset.heapStart)) }
  var isEmpty: Bool { lastRecord == 0 }
  var freeBytes: Int { Page.size - end }

  /// Whether a record begins at `offset`, where both of its neighbours must meet it.
  ///
  /// A pointer may be older than what is on the page now. Then anything may lie where it points: the middle of a
  /// record, too, and in it the very transaction that is looked for, as the writer of the version before.
  func hasRecord(at offset: Int) -> Bool {
    guard offset >= Self.start, offset + UndoRecord.headerSize <= end else { return false }
    let record = UndoRecord(frame: frame, offset: offset)
    let next = offset + record.count
    guard record.count >= UndoRecord.headerSize, next <= end else { return false }
    let meetsNext =
      next == end
      ? lastRecord == offset
      : next + UndoRecord.headerSize <= end
        && UndoRecord(frame: frame, offset: next).previous == offset
    guard meetsNext else { return false }
    let previous = record.previous
    if previous == 0 { return offset == Self.start }
    return previous >= Self.start && previous < offset
      && previous + UndoRecord(frame: frame, offset: previous).count == offset
  }

  static func format(
    _ frame: Frame, slot: RollbackSlot, older: PageNumber, with editor: PageEditor
  ) {
    if frame.kind != .unused { editor.clear(frame) }
    let bytes = frame.bytes
    bytes.storeBytes(of: PageKind.undo.rawValue, toByteOffset: PageOffset.kind, as: UInt8.self)
    bytes.storeBytes(
      of: UInt16(start).littleEndian, toByteOffset: PageOffset.slotCount, as: UInt16.self)
    bytes.storeBytes(of: older.value.littleEndian, toByteOffset: PageOffset.left, as: UInt32.self)
    bytes.storeBytes(
      of: UInt32(slot.index).littleEndian, toByteOffset: PageOffset.owner, as: UInt32.self)
    editor.note(PageOffset.kind, PageOffset.owner + 4 - PageOffset.kind, of: frame)
  }

  static func setEnd(_ end: Int, lastRecord: Int, of frame: Frame, with editor: PageEditor) {
    frame.bytes.storeBytes(
      of: UInt16(end).littleEndian, toByteOffset: PageOffset.slotCount, as: UInt16.self)
    frame.bytes.storeBytes(
      of: UInt16(lastRecord).littleEndian, toByteOffset: PageOffset.heapStart, as: UInt16.self)
    editor.note(PageOffset.slotCount, 4, of: frame)
  }
}
