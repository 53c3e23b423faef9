import Volume

/// Finds the version of a row that a view may see.
///
/// ```
///   leaf:  T9 ─undo─▶ T7 ─undo─▶ T4 ─undo─▶ (insert: there was no row)
///          └── the first one whose transaction the view includes ──┘
/// ```
final class VersionReader {
  private let undo: UndoLog
  /// Two rows in turn: each older version is put together from the one after it.
  private let buffers: [UnsafeMutableRawBufferPointer]

  init(undo: UndoLog) {
    self.undo = undo
    buffers = (0..<2).map { _ in .allocate(byteCount: Page.size, alignment: 16) }
  }

  deinit { for buffer in buffers { buffer.deallocate() } }

  enum Version {
    /// Good until the next version is asked for or a page is edited.
    case row(UnsafeRawBufferPointer)
    case absent
    /// The undo that leads there is gone.
    case unknown
  }

  /// The version that `view` sees.
  ///
  /// - Parameter value: of the row's cell: header and row.
  @inline(__always)
  func version(
    of value: UnsafeRawBufferPointer, in view: ReadView
  ) throws(PageMiss) -> Version {
    let header = RowHeader(value)
    if view.own != header.transaction, view.snapshot.includes(header.transaction) {
      return header.isDeleted ? .absent : .row(RowHeader.row(of: value))
    }
    return try olderVersion(of: value, header, in: view)
  }

  /// Whether the view sees what `header` heads.
  func isVisible(_ header: RowHeader, in view: ReadView) throws(PageMiss) -> Bool {
    guard header.transaction == view.own else { return view.snapshot.includes(header.transaction) }
    if view.seesAllOwn { return true }
    guard let record = try undo.record(at: header.undo, of: header.transaction) else { return true }
    return record.number < view.ownCount
  }

  private func olderVersion(
    of value: UnsafeRawBufferPointer, _ newest: RowHeader, in view: ReadView
  ) throws(PageMiss) -> Version {
    var header = newest
    var row = RowHeader.row(of: value)
    var turn = 0
    while true {
      if try isVisible(header, in: view) { return header.isDeleted ? .absent : .row(row) }
      guard let older = try older(than: header, row, turn: &turn) else {
        return header.undo.isInsert ? .absent : .unknown
      }
      (header, row) = older
    }
  }

  /// The version before; `nil` if there is none, or if it is known no more.
  func older(
    than header: RowHeader, _ row: UnsafeRawBufferPointer, turn: inout Int
  ) throws(PageMiss) -> (header: RowHeader, row: UnsafeRawBufferPointer)? {
    if header.undo.isInsert { return nil }
    guard let record = try undo.record(at: header.undo, of: header.transaction),
      record.kind != .insert
    else { return nil }
    let buffer = buffers[turn & 1]
    turn += 1
    let count = record.oldRow(from: row, into: buffer)
    return (record.oldHeader, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
}
