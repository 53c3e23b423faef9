public import Volume

/// Where pages come from.
///
/// The writer's driver and the reader's face of the volume are two; a test may bring its own.
public protocol ReadableVolume: AnyObject {
  /// A page as of `readPoint`: ``Page/size`` bytes, all zero if it was never written.
  func read(_ page: PageNumber, at readPoint: LSN) async throws -> [UInt8]
}

/// What a writing engine needs of the volume: a log to append to and pages made from it.
///
/// Back-pressure and durability are the store's business.
public protocol WritableVolume: ReadableVolume {
  /// Appends a mini-transaction to the log.
  ///
  /// - Returns: the LSNs of its records, in their order; the last is a consistency point.
  func append(_ miniTransaction: MiniTransaction) -> ClosedRange<LSN>

  /// Waits until the VDL has reached `lsn`.
  func waitUntilDurable(_ lsn: LSN) async throws

  /// VDL: the log is durable up to here, and may be read up to here.
  var volumeDurableLSN: LSN { get }
}
