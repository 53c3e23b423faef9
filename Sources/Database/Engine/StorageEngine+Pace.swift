import Simulation
import Volume

/// Not to run ahead of the log.
///
/// Whoever writes row after row asks before each of them whether there is room for more redo. The question is two loads;
/// the wait comes between two mini-transactions, so that nothing is half done meanwhile, and the row's pages are looked
/// up after it. What a transaction has locked stays locked, as while it waits for a page.
///
/// A transaction that has written little goes on while a larger one waits. The record that ends a transaction never waits
/// here; a rollback does before each row that it takes back, and cannot be cancelled.
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
