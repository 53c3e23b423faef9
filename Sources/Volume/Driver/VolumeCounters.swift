/// What a driver has done since it was opened.
public struct VolumeCounters: Sendable, Equatable {
  public var records: UInt64 = 0
  /// Batches put together; each goes to six copies.
  public var batches: UInt64 = 0
  /// Bytes of batches, each counted once.
  public var bytesOfRedo: UInt64 = 0
  /// Messages to storage nodes: batches, heartbeats and retransmissions.
  public var messages: UInt64 = 0
  public var retransmissions: UInt64 = 0
  public var pagesRead: UInt64 = 0
  /// Reads sent to a second copy because the first one took long.
  public var hedgedReads: UInt64 = 0
  /// Answers to reads that were refusals, failures or damaged.
  public var failedReads: UInt64 = 0

  public init() {}
}
