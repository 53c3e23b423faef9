import Simulation
import Volume

/// Not to run ahead of the log, nor of the processor.
///
/// Whoever writes row after row asks before each of them whether there is room for more redo. The question is two loads;
/// the wait comes between two mini-transactions, so that nothing is half done meanwhile, and the row's pages are looked
/// up after it. What a transaction has locked stays locked, as while it waits for a page.
///
/// A transaction that has written little goes on while a larger one waits. The record that ends a transaction never waits
/// here; a rollback does before each row that it takes back, and cannot be cancelled.
///
/// What is taken back or purged costs CPU time as what is written does: a slice of it is spent every few hundred rows,
/// and other sessions have their share of the processor meanwhile.
extension StorageEngine {
  /// Waits until there is room for the next row's redo.
  ///
  /// - Parameter transaction: whose wait may be cancelled; `nil` for what must be done whatever anybody wants.
  /// - Throws: ``StorageError/cancelled``, or what the store throws.
  @inline(__always)
  func awaitRoom(for transaction: Transaction?, isLarge: Bool = true) async throws {
    guard let store, isLarge ? store.isCrowded : store.isFull else { return }
    try await waitForRoom(in: store, for: transaction, isLarge)
  }

  private func waitForRoom(
    in store: any WritableVolume, for transaction: Transaction?, _ isLarge: Bool
  ) async throws {
    defer { transaction?.roomWait = nil }
    while isLarge ? store.isCrowded : store.isFull {
      try await store.waitForRoom(isLarge: isLarge) { transaction?.roomWait = $0 }
      if let transaction, transaction.roomWait == nil { throw StorageError.cancelled }
    }
  }

  /// About as much of a vCPU as an operating system gives to a process at once. A guess.
  private static var slice: Interval { .milliseconds(3) }

  /// Notes what a step of work in bulk costs, and lets the processor spend it when it is a slice.
  ///
  /// - Parameter owed: what has been noted and not spent.
  @inline(__always)
  func spend(_ cost: Interval, owed: inout Interval) async throws {
    owed = owed + cost
    if owed >= Self.slice { try await settle(&owed) }
  }

  /// Lets the processor spend what is owed.
  func settle(_ owed: inout Interval) async throws {
    let cost = owed
    owed = .zero
    try await process.compute(cost)
  }

  /// Ends the wait of a transaction for a lock or for room in the log, if it waits, with ``StorageError/cancelled``.
  public func cancelWait(of transaction: Transaction) {
    locks.cancelWait(of: transaction)
    if let wait = transaction.roomWait {
      transaction.roomWait = nil
      process.wake(wait)
    }
  }
}

extension Transaction {
  /// Whether it has written so much that it waits for smaller ones. A guess: a transaction of an application writes a few
  /// rows, one of pgbench four.
  var isLarge: Bool { undoCount >= 64 }
}
