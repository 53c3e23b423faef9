public import Simulation
public import Volume

/// What a reader does with the writer's log.
extension StorageEngine {
  /// Applies records to pages in memory.
  ///
  /// - Parameter records: one or more whole mini-transactions, encoded, in LSN order, none above the
  ///   VDL. What they changed is seen from the next ``advance(to:snapshot:)`` on, before which nothing may
  ///   be awaited.
  /// - Throws: `ByteReader.Malformed` if the bytes are not records.
  public func apply(_ records: [UInt8]) throws(ByteReader.Malformed) {
    precondition(isReader, "a writer makes its own changes")
    try records.withUnsafeBufferPointer { buffer throws(ByteReader.Malformed) in
      let bytes = UnsafeRawBufferPointer(buffer)
      var offset = 0
      while offset < bytes.count {
        guard let record = LogRecord(bytes, at: offset) else {
          throw ByteReader.Malformed(offset: offset, wanted: LogRecord.headerSize)
        }
        offset = record.edits.upperBound
        if process.has(DatabaseDefect.readerSkipsRecords), record.lsn.value % 50 == 0 { continue }
        pool.apply(
          UnsafeRawBufferPointer(rebasing: bytes[record.edits]), to: record.page, lsn: record.lsn)
      }
    }
  }

  /// Moves the read point to where the log has been applied.
  ///
  /// - Parameter snapshot: which transactions had ended there.
  public func advance(to readPoint: LSN, snapshot: Snapshot) {
    guard var view = replica else { preconditionFailure("a writer reads as of its own VDL") }
    precondition(readPoint >= view.readPoint, "the read point went back to \(readPoint)")
    (view.readPoint, view.snapshot) = (readPoint, snapshot)
    if let meta = pool.resident(.meta) {
      let version = MetaPage(meta).catalogVersion
      if version != view.catalogVersion { catalog.invalidate() }
      view.catalogVersion = version
    } else {
      catalog.invalidate()
    }
    replica = view
  }

  /// The oldest transaction whose past this reader may still have to see, for the writer to know.
  public var oldestTransactionNeeded: TransactionID {
    guard let replica else { return transactions.nextID }
    return min(TransactionID(transactions.horizons.oldest ?? .max), replica.snapshot.low)
  }
}
