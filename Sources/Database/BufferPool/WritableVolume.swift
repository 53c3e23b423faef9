public import Simulation
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
/// The store says when there is so much that is not durable yet that its callers had better wait: ``append(_:)`` itself
/// never does.
public protocol WritableVolume: ReadableVolume {
  /// Appends a mini-transaction to the log.
  ///
  /// - Returns: the LSNs of its records, in their order; the last is a consistency point.
  func append(_ miniTransaction: MiniTransaction) -> ClosedRange<LSN>

  /// Waits until the VDL has reached `lsn`.
  func waitUntilDurable(_ lsn: LSN) async throws

  /// Whether a transaction that has written much should wait before it writes more.
  var isCrowded: Bool { get }

  /// Whether every transaction should.
  var isFull: Bool { get }

  /// Waits until that may have changed, or until somebody wakes the task by the token given to `register`.
  func waitForRoom(isLarge: Bool, _ register: (WaitToken) -> Void) async throws

  /// VDL: the log is durable up to here, and may be read up to here.
  var volumeDurableLSN: LSN { get }
}
