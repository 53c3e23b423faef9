import Volume

/// Rows in the order of a table's keys or of an index, as one view sees them, in batches.
///
/// Between two batches anything may happen to the tree; the scan goes on behind the last row it gave.
public final class Scan {
  private let engine: StorageEngine
  private let table: Table
  private let index: Index?
  private let view: ReadView
  private var cursor: TreeCursor
  private var entry: [UInt8] = []
  private var sawUnknown = false

  init(
    engine: StorageEngine, table: Table, index: Index?, range: KeyRange, direction: ScanDirection,
    view: ReadView
  ) {
    (self.engine, self.table, self.index, self.view) = (engine, table, index, view)
    cursor = TreeCursor(tree: index?.tree ?? table.tree, range: range, direction: direction)
  }

  /// Whether there are no more rows.
  public var isAtEnd: Bool { cursor.isAtEnd }

  /// Visits the next rows.
  ///
  /// - Parameters:
  ///   - limit: how many rows at most; at least one.
  ///   - visit: is given primary key and row where they lie, once for each row; must not keep the
  ///     pointers nor call the engine. Returns whether to go on with this batch.
  /// - Returns: how many rows were visited; fewer than `limit` if the scan is at its end, or `visit`
  ///   has had enough.
  @discardableResult
  public func next(
    _ limit: Int, _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) async throws -> Int {
    precondition(limit > 0, "a batch of no rows")
    var count = 0
    try await engine.pool.withPages { () throws(PageMiss) in
      if count == limit { return }
      try cursor.advance { page, slot throws(PageMiss) in
        let goesOn: Bool?
        if let index {
          goesOn = try visitEntry(index, page, slot, visit)
        } else {
          goesOn = try visitRow(page.key(at: slot), page.value(at: slot), visit)
        }
        guard let goesOn else { return !sawUnknown }
        count += 1
        return goesOn && count < limit
      }
    }
    if sawUnknown { throw StorageError.snapshotTooOld }
    return count
  }

  /// - Returns: what `visit` returned; `nil` if the view sees no row.
  private func visitRow(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
    _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) throws(PageMiss) -> Bool? {
    switch try engine.versions.version(of: value, in: view) {
    case .row(let row): return visit(key, row)
    case .absent: return nil
    case .unknown:
      sawUnknown = true
      return nil
    }
  }

  /// An entry counts if the version that the view sees has the entry's key.
  private func visitEntry(
    _ index: Index, _ page: SlottedPage, _ slot: Int,
    _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) throws(PageMiss) -> Bool? {
    let key = page.key(at: slot)
    let columnsCount = IndexEntry.columnsCount(of: page.value(at: slot))
    let primaryKey = UnsafeRawBufferPointer(rebasing: key[columnsCount...])
    let position = try table.tree.find(primaryKey)
    if !position.isExact { return nil }
    switch try engine.versions.version(of: position.value, in: view) {
    case .row(let row):
      entry.removeAll(keepingCapacity: true)
      index.encoding.appendColumns(of: row, to: &entry)
      let columns = UnsafeRawBufferPointer(rebasing: key[..<columnsCount])
      let isCurrent = entry.withUnsafeBytes { KeyOrder.compare($0, columns) == 0 }
      return isCurrent ? visit(primaryKey, row) : nil
    case .absent: return nil
    case .unknown:
      sawUnknown = true
      return nil
    }
  }
}
