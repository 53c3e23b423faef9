/// Which transactions had been committed at one moment.
///
/// On a writer it is taken from the transactions in progress; on a reader, it came with the log and
/// belongs to a VDL.
///
/// Source: Verbitski et al., SIGMOD 2018, §3.4 (read views on replicas).
public struct Snapshot: Sendable, Equatable {
  /// All transactions before this one had ended.
  public let low: TransactionID
  /// This one and all later ones had not begun.
  public let high: TransactionID
  /// Those between that had not been committed, in ascending order.
  public let active: [TransactionID]
  /// What purge must leave alone for this snapshot. On a writer, the undo of transactions that ended
  /// with this serial number or a greater one; on a reader, of this transaction and later ones.
  let horizon: UInt64

  /// - Parameters:
  ///   - high: the next identifier that the writer would give out.
  ///   - active: in ascending order.
  public init(high: TransactionID, active: [TransactionID]) {
    self.init(high: high, active: active, horizon: (active.first ?? high).value)
  }

  init(high: TransactionID, active: [TransactionID], horizon: UInt64) {
    low = active.first ?? high
    (self.high, self.active, self.horizon) = (high, active, horizon)
  }

  @inline(__always)
  public func includes(_ transaction: TransactionID) -> Bool {
    if transaction < low { return true }
    if transaction >= high { return false }
    return !Self.contains(active, transaction)
  }

  static func contains(_ sorted: [TransactionID], _ transaction: TransactionID) -> Bool {
    let index = firstIndex(notLessThan: transaction, in: sorted)
    return index < sorted.count && sorted[index] == transaction
  }

  static func firstIndex(
    notLessThan transaction: TransactionID, in sorted: [TransactionID]
  ) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) >> 1
      if sorted[middle] < transaction { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// What one statement sees: a snapshot, and of its own transaction what was done before it began.
///
/// As long as anybody keeps a view, purge keeps the versions that it may need.
public final class ReadView {
  public let snapshot: Snapshot
  /// The transaction that looks, which sees its own work, too.
  let transaction: Transaction?
  /// As it was when the statement began; `nil` if it had written nothing.
  let own: TransactionID?
  /// The own undo records that existed when the statement began; what has a higher number, the
  /// statement has done itself and does not see.
  let ownCount: UInt32
  private let hold: HorizonHold

  init(snapshot: Snapshot, transaction: Transaction?, hold: HorizonHold) {
    (self.snapshot, self.transaction, self.hold) = (snapshot, transaction, hold)
    own = transaction?.id
    ownCount = transaction?.undoCount ?? 0
  }

  /// Whether this statement saw everything that its transaction has done up to now.
  var seesAllOwn: Bool { transaction.map { $0.undoCount <= ownCount } ?? true }
}
