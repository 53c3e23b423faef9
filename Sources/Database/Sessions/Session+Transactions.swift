import SQL
import Simulation
import Wire

/// Beginning and ending transactions.
extension Session {
  /// The transaction at hand, or a new one around the next statements.
  func ensureTransaction() -> Transaction {
    if let transaction = block.transaction { return transaction }
    return begin(TransactionModes(), state: .implicit)
  }

  @discardableResult
  private func begin(_ modes: TransactionModes, state: TransactionBlock.State) -> Transaction {
    block.state = state
    block.isolation = modes.isolation ?? parameters.defaultIsolation
    block.isReadOnly =
      server.services.isReader || (modes.isReadOnly ?? parameters.defaultIsReadOnly)
    block.hasRunStatement = false
    block.timestamp = clockTimestamp
    let transaction = engine.begin(block.isolation.engineLevel, processID: key.processID)
    block.transaction = transaction
    lanes?.beginTransaction()
    return transaction
  }

  /// Runs BEGIN, COMMIT and their kin.
  ///
  /// - Returns: the command's tag; `nil` if the statement is of another kind.
  func controlTransaction(_ statement: Statement) async throws -> String? {
    switch statement {
    case .begin(let modes):
      try checkModes(modes)
      switch block.state {
      case .idle: begin(modes, state: .open)
      case .implicit:
        block.state = .open
        try changeModes(modes)
      case .open, .failed:
        notice("WARNING", "25001", "there is already a transaction in progress")
      }
      return "BEGIN"
    case .commit:
      let hasFailed = block.state == .failed
      if !block.isOpen { notice("WARNING", "25P01", "there is no transaction in progress") }
      if hasFailed { try await rollbackTransaction() } else { try await commitTransaction() }
      return hasFailed ? "ROLLBACK" : "COMMIT"
    case .rollback:
      if !block.isOpen { notice("WARNING", "25P01", "there is no transaction in progress") }
      try await rollbackTransaction()
      return "ROLLBACK"
    case .savepoint(let name):
      guard block.state == .open, let transaction = block.transaction else {
        throw SQLError.noActiveTransaction("SAVEPOINT")
      }
      block.savepoints.append(
        TransactionBlock.NamedSavepoint(
          name: name, point: engine.savepoint(transaction), parameters: parameters))
      return "SAVEPOINT"
    case .releaseSavepoint(let name):
      guard block.isOpen else { throw SQLError.noActiveTransaction("RELEASE SAVEPOINT") }
      block.savepoints.removeSubrange(try place(ofSavepoint: name)...)
      return "RELEASE"
    case .rollbackToSavepoint(let name):
      guard block.isOpen, let transaction = block.transaction else {
        throw block.isOpen
          ? SQLError.undefinedSavepoint(name)
          : SQLError.noActiveTransaction("ROLLBACK TO SAVEPOINT")
      }
      let place = try place(ofSavepoint: name)
      let savepoint = block.savepoints[place]
      block.savepoints.removeSubrange((place + 1)...)
      try await rollBack(transaction, to: savepoint.point)
      parameters.restore(savepoint.parameters)
      block.state = .open
      return "ROLLBACK"
    default: return nil
    }
  }

  private func place(ofSavepoint name: String) throws(SQLError) -> Int {
    guard let place = block.savepoints.lastIndex(where: { $0.name == name }) else {
      throw .undefinedSavepoint(name)
    }
    return place
  }

  // MARK: Modes

  func setTransaction(_ modes: TransactionModes) throws(SQLError) {
    try checkModes(modes)
    guard block.isOpen else {
      notice("WARNING", "25P01", "SET TRANSACTION can only be used in transaction blocks")
      return
    }
    try changeModes(modes)
  }

  private func changeModes(_ modes: TransactionModes) throws(SQLError) {
    try checkModes(modes)
    if let isolation = modes.isolation, isolation != block.isolation {
      if block.hasRunStatement {
        throw SQLError(
          sqlState: "25001",
          message: "SET TRANSACTION ISOLATION LEVEL must be called before any query")
      }
      if !block.savepoints.isEmpty {
        throw SQLError(
          sqlState: "25001",
          message: "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction")
      }
      block.isolation = isolation
      // It may hold locks already: LOCK TABLE is no query.
      block.transaction?.isolation = isolation.engineLevel
    }
    if let isReadOnly = modes.isReadOnly {
      if !isReadOnly, block.isReadOnly, block.hasRunStatement {
        throw SQLError(
          sqlState: "25001", message: "transaction read-write mode must be set before any query")
      }
      block.isReadOnly = isReadOnly || server.services.isReader
    }
  }

  /// What nobody can do, and what a reader cannot.
  private func checkModes(_ modes: TransactionModes) throws(SQLError) {
    let isReader = server.services.isReader
    if isReader, modes.isReadOnly == false {
      throw SQLError(
        sqlState: "0A000", message: "cannot set transaction read-write mode during recovery")
    }
    guard modes.isolation == .serializable else { return }
    if !isReader { throw .serializableNotSupported }
    throw SQLError(
      sqlState: "0A000", message: "cannot use serializable mode in a hot standby",
      hint: "You can use REPEATABLE READ instead.")
  }

  // MARK: Ending

  /// Commits what is at hand: the processor first does the work, then the log must be durable.
  func commitTransaction() async throws {
    portals.removeAll()
    if let transaction = block.transaction {
      if transaction.id != nil {
        run.work.commits += 1
        hasUnchargedWork = true
        try await charge()
      }
      waitsFor = .durability
      defer { waitsFor = nil }
      try await engine.commit(transaction)
      server.meters.commits += 1
    }
    endBlock(commits: true)
  }

  func rollbackTransaction() async throws {
    portals.removeAll()
    defer { endBlock(commits: false) }
    guard let transaction = block.transaction else { return }
    // Out of the block first: if rolling back fails, nobody must try again.
    block.transaction = nil
    try await rollBack(transaction)
    server.meters.rollbacks += 1
  }

  /// Takes back what was done, since a savepoint or all of it: the processor's work, row by row.
  private func rollBack(_ transaction: Transaction, to savepoint: Savepoint? = nil) async throws {
    waitsFor = .processor
    defer { waitsFor = nil }
    if let savepoint {
      try await engine.rollback(transaction, to: savepoint, keepsLocks: false)
    } else {
      try await engine.rollback(transaction)
    }
  }

  private func endBlock(commits: Bool) {
    lanes?.endTransaction()
    block.transaction = nil
    block.state = .idle
    block.savepoints.removeAll()
    parameters.endTransaction(commits: commits)
  }

  /// After an error: takes the transaction back, as far as the client cannot go on with it.
  func abortTransaction() async throws {
    run.end()
    disarmStatementTimeout()
    guard block.state == .open || block.state == .failed else {
      return try await rollbackTransaction()
    }
    portals.removeAll()
    if server.process.has(DatabaseDefect.forgetsPrepared) { statements.removeAll() }
    guard block.state == .open else { return }
    if server.process.has(DatabaseDefect.goesOnAfterErrors) { return }
    block.state = .failed
    guard let transaction = block.transaction else { return }
    if let last = block.savepoints.last {
      try await rollBack(transaction, to: last.point)
    } else {
      // Its locks are free from now on, whenever the client says ROLLBACK.
      block.transaction = nil
      try await rollBack(transaction)
      server.meters.rollbacks += 1
    }
  }
}

extension SQL.IsolationLevel {
  /// What the storage engine calls it.
  ///
  /// - Precondition: it is not SERIALIZABLE, which is refused wherever it may be asked for.
  var engineLevel: IsolationLevel {
    switch self {
    case .readUncommitted, .readCommitted: .readCommitted
    case .repeatableRead: .repeatableRead
    case .serializable: preconditionFailure("a transaction began at SERIALIZABLE")
    }
  }
}
