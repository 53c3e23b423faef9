import Volume

/// Looking up and scanning rows.
extension StorageEngine {
  /// Finds the row of a key, as the view sees it.
  ///
  /// - Parameter body: is given the row where it lies; called once, and only if there is a row. It must
  ///   not keep the pointer.
  /// - Returns: what `body` returned; `nil` if the view sees no row.
  public func lookup<Result>(
    _ key: [UInt8], in table: Table, view: ReadView,
    _ body: (UnsafeRawBufferPointer) -> Result
  ) async throws -> Result? {
    let tree = table.tree
    let found = try await pool.withPages { () throws(PageMiss) -> Found<Result> in
      try key.withBytes { key throws(PageMiss) in
        let position = try tree.find(key)
        if !position.isExact { return .absent }
        switch try versions.version(of: position.value, in: view) {
        case .row(let row): return .row(body(row))
        case .absent: return .absent
        case .unknown: return .unknown
        }
      }
    }
    switch found {
    case .row(let result): return result
    case .absent: return nil
    case .unknown: throw StorageError.snapshotTooOld
    }
  }

  private enum Found<Result> {
    case row(Result)
    case absent
    case unknown
  }

  /// A scan of a table in the order of its keys.
  public func scan(
    _ table: Table, range: KeyRange = .all, direction: ScanDirection = .forward, view: ReadView
  ) -> Scan {
    Scan(engine: self, table: table, index: nil, range: range, direction: direction, view: view)
  }

  /// A scan of a table in the order of an index.
  ///
  /// - Parameter range: of the index's columns; see `KeyEncoding.upperBound(ofPrefix:)`.
  public func scan(
    _ table: Table, by index: Index, range: KeyRange = .all, direction: ScanDirection = .forward,
    view: ReadView
  ) -> Scan {
    Scan(engine: self, table: table, index: index, range: range, direction: direction, view: view)
  }
}

extension [UInt8] {
  /// The bytes in place, for a body that may miss a page.
  @inline(__always)
  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(PageMiss) -> Result
  ) throws(PageMiss) -> Result {
    try withUnsafeBufferPointer { buffer throws(PageMiss) in
      try body(UnsafeRawBufferPointer(buffer))
    }
  }
}
