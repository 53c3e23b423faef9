import Simulation
public import Volume

/// Beginning, ending, and what is seen in between.
extension StorageEngine {
  /// - Parameter processID: of the backend, as messages about deadlocks name it.
  public func begin(_ isolation: IsolationLevel, processID: Int32 = 0) -> Transaction {
    Transaction(isolation: isolation, processID: processID)
  }

  /// Takes the snapshot of a transaction at REPEATABLE READ, unless it has one.
  ///
  /// A statement does so before it waits for its tables, as in PostgreSQL: what is committed while it waits is not
  /// in it.
  func fixSnapshot(of transaction: Transaction) {
    if transaction.isolation == .repeatableRead, transaction.snapshot == nil {
      _ = view(for: transaction)
    }
  }

  /// What the next statement of a transaction sees; take one for each statement, and let go of it with the
  /// statement.
  ///
  /// The statement does not see what it does itself.
  public func view(for transaction: Transaction) -> ReadView {
    switch transaction.isolation {
    case .readCommitted:
      let (snapshot, hold) = currentSnapshot()
      return ReadView(snapshot: snapshot, transaction: transaction, hold: hold)
    case .repeatableRead:
      if let snapshot = transaction.snapshot, let hold = transaction.snapshotHold,
        !process.has(DatabaseDefect.snapshotsMove)
      {
        return ReadView(snapshot: snapshot, transaction: transaction, hold: hold)
      }
      let (snapshot, hold) = currentSnapshot()
      (transaction.snapshot, transaction.snapshotHold) = (snapshot, hold)
      return ReadView(snapshot: snapshot, transaction: transaction, hold: hold)
    }
  }

  /// A view of what is committed now, for nobody in particular.
  public func view() -> ReadView {
    let (snapshot, hold) = currentSnapshot()
    return ReadView(snapshot: snapshot, transaction: nil, hold: hold)
  }

  private func currentSnapshot() -> (Snapshot, HorizonHold) {
    var snapshot = replica?.snapshot ?? transactions.snapshot()
    if process.has(DatabaseDefect.seesUncommitted) {
      snapshot = Snapshot(high: snapshot.high, active: [], horizon: snapshot.horizon)
    }
    return (snapshot, transactions.horizons.hold(snapshot.horizon))
  }

  // MARK: Ending

  /// Commits: writes the commit record, waits until it is durable, and lets others see the work.
  ///
  /// - Returns: the LSN of the commit record; `nil` if there was nothing to commit.
  /// - Throws: what the store throws if durability cannot be reached; nobody knows then whether the
  ///   transaction is committed.
  @discardableResult
  public func commit(_ transaction: Transaction) async throws -> LSN? {
    let lsn = markCommitted(transaction)
    if let lsn, let store, !process.has(DatabaseDefect.commitsWithoutWaiting) {
      try await store.waitUntilDurable(lsn)
    }
    completeCommit(transaction)
    return lsn
  }

  /// The first half of a commit: one record in the log.
  ///
  /// - Returns: its LSN, which the VDL must reach before anybody may be told; `nil` if the
  ///   transaction wrote nothing.
  public func markCommitted(_ transaction: Transaction) -> LSN? {
    precondition(transaction.state == .active, "the transaction has ended")
    transaction.state = .committing
    guard transaction.isMarked, let id = transaction.id else { return nil }
    if transaction.changesCatalog { bumpCatalogVersion() }
    transactions.markIdle(transaction)
    let lsn = space.editor.finish()
    transaction.endLSN = lsn
    onTransactionEnded?(id, lsn)
    onCommitMarked?(lsn)
    return lsn
  }

  /// The second half, once the commit is durable: what was written can be seen, locks are free.
  public func completeCommit(_ transaction: Transaction) {
    precondition(transaction.state == .committing, "the commit has not been marked")
    if transaction.undoCount > 0, let id = transaction.id, let slot = transaction.slot {
      purgeQueue.append(
        PurgeQueue.Entry(
          serial: transactions.takeSerial(), transaction: id, slot: slot,
          end: slot.end, needsWork: transaction.needsPurge))
    }
    end(transaction)
    advancePurge()
  }

  /// Rolls everything back, and ends the transaction.
  public func rollback(_ transaction: Transaction) async throws {
    precondition(transaction.state == .active, "the transaction has ended")
    var rest: UInt32 = 0
    if process.has(DatabaseDefect.rollsBackAllButOne) { rest = min(1, transaction.undoCount) }
    if process.has(DatabaseDefect.rollsBackAHundred), transaction.undoCount > 100 {
      rest = transaction.undoCount - 100
    }
    try await undoRecords(of: transaction, downTo: rest)
    endRolledBack(transaction)
  }

  /// A point to which the transaction can be rolled back; every statement begins with one.
  public func savepoint(_ transaction: Transaction) -> Savepoint {
    Savepoint(undoCount: transaction.undoCount, lockSerial: transaction.lockSerial)
  }

  /// Takes back what was done after the savepoint.
  ///
  /// - Parameter keepsLocks: whether rows and tables that were locked after it stay locked.
  public func rollback(
    _ transaction: Transaction, to savepoint: Savepoint, keepsLocks: Bool = true
  ) async throws {
    var rest = savepoint.undoCount
    if process.has(DatabaseDefect.keepsFirstOfSavepoint), rest < transaction.undoCount { rest += 1 }
    let restored = try await undoRecords(of: transaction, downTo: rest)
    guard !keepsLocks else { return }
    locks.release(
      of: transaction, after: savepoint.lockSerial, noLongerWritten: restored.left)
    for name in restored.weakened { locks.weaken(name, of: transaction, to: .forNoKeyUpdate) }
  }

  /// Rolls back what a crash interrupted; new transactions that want the same rows wait meanwhile.
  public func rollBackInterrupted() async throws {
    while let transaction = interrupted.last {
      process.probe(DatabaseProbe.interruptedRolledBack)
      if !process.has(DatabaseDefect.keepsInterrupted) {
        try await undoRecords(of: transaction, downTo: 0)
      }
      if let slot = transaction.slot, slot.purged != slot.end {
        purgeQueue.append(
          PurgeQueue.Entry(
            serial: transactions.takeSerial(), transaction: transaction.id ?? .none, slot: slot,
            end: slot.end, needsWork: true))
      }
      endRolledBack(transaction)
      catalog.changerCount -= 1
      forgetInterrupted(transaction)
    }
    wakePurge()
  }

  /// Whether transactions that a crash interrupted are still to be rolled back.
  public var hasInterrupted: Bool { !interrupted.isEmpty }

  private func endRolledBack(_ transaction: Transaction) {
    if transaction.isMarked {
      transactions.markIdle(transaction)
      let lsn = space.editor.finish()
      transaction.endLSN = lsn
      if let id = transaction.id { onTransactionEnded?(id, lsn) }
    }
    end(transaction)
    wakePurge()
  }

  private func end(_ transaction: Transaction) {
    if transaction.changesCatalog {
      catalog.changerCount -= 1
      catalog.invalidate()
    }
    if transaction.endLSN == nil, let id = transaction.id { onTransactionEnded?(id, .zero) }
    transactions.remove(transaction, durableLSN: store?.volumeDurableLSN ?? .zero)
    transaction.state = .ended
    transaction.snapshot = nil
    transaction.snapshotHold = nil
    transaction.ownCatalog = nil
    locks.releaseAll(of: transaction)
  }

  // MARK: Locks on tables

  /// Locks a table if that takes no more than a note, as it does for reading and writing rows while
  /// nobody changes a table itself.
  @inline(__always)
  func tryHoldTable(_ table: UInt32, _ mode: LockMode, for transaction: Transaction) -> Bool {
    locks.tryHold(table, mode, for: transaction)
  }

  /// Locks a table until the transaction ends, or is rolled back to a savepoint before.
  public func lockTable(
    _ table: UInt32, _ mode: LockMode, for transaction: Transaction, waiting: LockWaiting = .wait
  ) async throws {
    if locks.tryHold(table, mode, for: transaction) { return }
    try await lock(
      LockManager.name(ofTable: table), mode, for: transaction, waiting: waiting, table: table)
  }

  /// Whether anybody has or wants a table in a mode that keeps others from reading or writing it.
  var hasStrongTableLocks: Bool { locks.strongCount > 0 }

  /// Lets go of a table that turned out not to be the one that was meant.
  ///
  /// - Parameter serial: what the transaction counted before it locked the table.
  func unlockTable(_ table: UInt32, of transaction: Transaction, after serial: UInt32) {
    locks.release(table: table, of: transaction, after: serial)
  }

  /// - Returns: whether the lock was got; `false` only if the caller would rather skip.
  @discardableResult
  func lock(
    _ name: UInt64, _ mode: LockMode, for transaction: Transaction, waiting: LockWaiting,
    table: UInt32 = 0
  ) async throws -> Bool {
    if waiting != .wait {
      if locks.tryRequest(name, mode, for: transaction, table: table) { return true }
      if waiting == .skip { return false }
      throw StorageError.lockNotAvailable
    }
    do {
      switch locks.request(name, mode, for: transaction, table: table) {
      case .granted: break
      case .waits(let number):
        process.probe(DatabaseProbe.lockWaited)
        try await locks.wait(for: number, timeout: transaction.lockTimeout)
      case .deadlock(let detail): throw StorageError.deadlock(detail: detail)
      }
    } catch let error as StorageError {
      if case .deadlock = error { process.probe(DatabaseProbe.deadlock) }
      throw error
    }
    return true
  }

  // MARK: For the stream to readers

  /// The identifier that the next transaction to write will get.
  public var nextTransaction: TransactionID { transactions.nextID }

  /// Transactions that had begun and not ended as of `lsn`, ascending.
  public func activeTransactions(asOf lsn: LSN) -> [TransactionID] {
    transactions.activeIDs(asOf: lsn)
  }
}
