import Simulation
public import Volume

/// What an instance lets those see who look at everything from outside, in no time; nothing of the system uses it.
extension DatabaseInstance {
  /// A page in its memory.
  public struct CachedPage {
    public let page: PageNumber
    /// As of which LSN the page is what the log makes of it.
    public let readPoint: LSN
    /// ``Page/size`` bytes. The volume's header holds nothing but the LSN while a page is in memory.
    public let bytes: UnsafeRawBufferPointer
  }

  /// Gives each page in memory to `visit`, but for those with changes that are not durable.
  public func visitCachedPages(_ visit: (CachedPage) -> Void) {
    guard let engine = engine else { return }
    let readPoint = durableLSN
    engine.pool.visitFrames { frame in
      guard frame.lsn <= readPoint else { return }
      visit(
        CachedPage(
          page: frame.page, readPoint: readPoint, bytes: UnsafeRawBufferPointer(frame.buffer)))
    }
  }

  /// What purge has left to do; `nil` unless this instance writes.
  public var purgeBacklog: PurgeBacklog? {
    guard role == .writer, state == .available, let engine = engine else { return nil }
    return engine.purgeBacklog
  }
}

/// What purge has left to do, and whether it could.
public struct PurgeBacklog: Sendable, Equatable {
  /// Ended transactions whose undo has not been looked at.
  public let transactions: Int
  /// Transactions that have not ended, interrupted ones among them.
  public let openTransactions: Int
  /// Whether a view, here or on a reader, may need what has been left by transactions that have ended.
  public let isHeldBack: Bool

  public var isEmpty: Bool { transactions == 0 }
}

extension StorageEngine {
  fileprivate var purgeBacklog: PurgeBacklog {
    PurgeBacklog(
      transactions: purgeQueue.count,
      openTransactions: transactions.activeIDs.count, isHeldBack: isPurgeHeldBack)
  }
}
