import Simulation
import Volume

/// How a row was found once it was locked.
public enum LockedRow: Sendable, Equatable {
  /// As the view sees it.
  case unchanged
  /// Another transaction, committed after the view was taken, has changed it: at READ COMMITTED, the
  /// predicate must be looked at again.
  case changed
  /// This very statement has changed it already; PostgreSQL leaves such a row alone.
  case changedByStatement
  /// There is no such row any more.
  case gone
  /// Somebody else has it, and the caller would rather skip it.
  case skipped
}

/// Locks on rows.
extension StorageEngine {
  /// Locks the newest version of a row for the transaction.
  ///
  /// - Parameters:
  ///   - view: in which the row was found.
  ///   - mode: one of a row's.
  ///   - body: is given how the row was found and, unless it is gone, the newest version where it lies;
  ///     called once.
  /// - Throws: ``StorageError/concurrentUpdate`` and ``StorageError/concurrentDelete`` at REPEATABLE READ,
  ///   ``StorageError/deadlock(detail:)``, ``StorageError/lockNotAvailable``, ``StorageError/cancelled``.
  public func lockRow<Result>(
    _ key: [UInt8], of table: Table, _ mode: LockMode, for transaction: Transaction,
    view: ReadView, waiting: LockWaiting = .wait,
    _ body: (LockedRow, UnsafeRawBufferPointer?) -> Result
  ) async throws -> Result {
    if isReader { throw StorageError.readOnly }
    while true {
      let attempt = try await pool.withPages { () throws(PageMiss) -> LockAttempt<Result> in
        try key.withBytes { key throws(PageMiss) in
          try tryLock(key, of: table, mode, for: transaction, view, body)
        }
      }
      switch attempt {
      case .done(let result): return result
      case .refused(let error): throw error
      case .mustLock(let name):
        let isLocked = try await lock(name, mode, for: transaction, waiting: waiting)
        if !isLocked { return body(.skipped, nil) }
      }
    }
  }

  private enum LockAttempt<Result> {
    case done(Result)
    case refused(StorageError)
    /// Somebody is in the way of this lock.
    case mustLock(UInt64)
  }

  private func tryLock<Result>(
    _ key: UnsafeRawBufferPointer, of table: Table, _ mode: LockMode,
    for transaction: Transaction, _ view: ReadView,
    _ body: (LockedRow, UnsafeRawBufferPointer?) -> Result
  ) throws(PageMiss) -> LockAttempt<Result> {
    let position = try table.tree.find(key)
    let name = KeyOrder.hash(key, of: table.id)
    guard position.isExact else { return .done(body(.gone, nil)) }
    let header = RowHeader(position.value)
    let isOwn = header.transaction == transaction.id
    if !isOwn, let holder = transactions.transaction(header.transaction) {
      locks.enterImplicit(name, header.lockMode, for: holder)
      if mode.conflicts(with: header.lockMode) { return .mustLock(name) }
      return try tryLock(versionBefore: holder, position, name, mode, for: transaction, view, body)
    }
    // Page misses come before the lock is requested: a repeated attempt finds it granted.
    let isVisible = try versions.isVisible(header, in: view)
    if !isOwn || !header.lockMode.covers(mode) {
      guard locks.tryRequest(name, mode, for: transaction) else { return .mustLock(name) }
    }
    if !isVisible, isOwn {
      return .done(
        body(header.isDeleted ? .gone : .changedByStatement, RowHeader.row(of: position.value)))
    }
    if !isVisible, transaction.isolation == .repeatableRead {
      return .refused(header.isDeleted ? .concurrentDelete : .concurrentUpdate)
    }
    if header.isDeleted { return .done(body(.gone, nil)) }
    return .done(body(isVisible ? .unchanged : .changed, RowHeader.row(of: position.value)))
  }

  /// Locks the key of a row that another transaction is changing, but for its key: what is locked is the row as
  /// it was before.
  private func tryLock<Result>(
    versionBefore holder: Transaction, _ position: BTree.Position, _ name: UInt64,
    _ mode: LockMode, for transaction: Transaction, _ view: ReadView,
    _ body: (LockedRow, UnsafeRawBufferPointer?) -> Result
  ) throws(PageMiss) -> LockAttempt<Result> {
    var header = RowHeader(position.value)
    var row = RowHeader.row(of: position.value)
    var turn = 0
    while header.transaction == holder.id {
      guard let older = try versions.older(than: header, row, turn: &turn) else {
        return .done(body(.gone, nil))
      }
      (header, row) = older
    }
    let isVisible = try versions.isVisible(header, in: view)
    guard locks.tryRequest(name, mode, for: transaction) else { return .mustLock(name) }
    if !isVisible, transaction.isolation == .repeatableRead {
      return .refused(header.isDeleted ? .concurrentDelete : .concurrentUpdate)
    }
    if header.isDeleted { return .done(body(.gone, nil)) }
    return .done(body(isVisible ? .unchanged : .changed, row))
  }
}
