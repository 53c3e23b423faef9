import SQL
import Simulation
import Wire

/// Running statements, whichever protocol asked for them.
extension Session {
  /// The plan of a statement, for the catalog as it is now.
  ///
  /// A statement that does not fit its tables may fit what somebody is making of them: it waits for
  /// that before it fails.
  func plan(
    _ entry: PlanCache.Entry, _ index: Int, declared: [SQLType?]
  ) async throws -> Plan {
    var tables: [Plan.LockedTable] = []
    while true {
      let catalog = try await engine.catalogContents(for: block.transaction)
      do throws(SQLError) {
        return try entry.plan(index, declared: declared, catalog: catalog, tables: &tables)
      } catch {
        guard engine.hasStrongTableLocks else { throw error }
        let transaction = transactionForLocks()
        for (table, mode) in tables {
          try await engine.lockTable(table.id, mode, for: transaction)
        }
        if engine.isCurrent(catalog, for: transaction) { throw error }
      }
    }
  }

  /// Locks the tables of a statement that is parsed or bound, as far as that can matter before it is executed:
  /// in a transaction block, or if somebody is changing tables.
  ///
  /// - Returns: a plan for the tables as they are then.
  func lockAhead(_ plan: Plan, replan: () async throws -> Plan) async throws -> Plan {
    // To plan may have armed it, too: see `plan(_:_:declared:)`.
    defer { disarmStatementTimeout() }
    guard !plan.isLock, !plan.tables.isEmpty, block.isOpen || engine.hasStrongTableLocks else {
      return plan
    }
    let transaction = transactionForLocks()
    block.hasRunStatement = true
    engine.fixSnapshot(of: transaction)
    return try await lockTables(of: plan, for: transaction, replan)
  }

  /// The transaction at hand, ready to wait for locks.
  private func transactionForLocks() -> Transaction {
    let transaction = ensureTransaction()
    transaction.lockTimeout = parameters.lockTimeout
    transaction.deadlockTimeout = parameters.deadlockTimeout
    armStatementTimeout()
    return transaction
  }

  /// - Throws: `25P02` if the transaction has failed and the statement would not end it.
  func checkBlock(_ statement: Statement) throws(SQLError) {
    guard block.state == .failed else { return }
    switch statement {
    case .commit, .rollback, .rollbackToSavepoint: break
    default: throw .inFailedTransaction
    }
  }

  /// Makes ready to run a plan: a transaction, the rights, the locks on its tables.
  ///
  /// - Parameter replan: makes the plan anew when the catalog has changed while a lock was awaited.
  func prepare(
    _ plan: Plan, replan: () async throws -> Plan
  ) async throws -> (plan: Plan, transaction: Transaction) {
    if case .lock(let lock) = plan.statement { try checkLock(lock) }
    let transaction = transactionForLocks()
    // LOCK TABLE takes no snapshot, so that the first query may see what was committed while it waited.
    if !plan.isLock {
      block.hasRunStatement = true
      engine.fixSnapshot(of: transaction)
    }
    try checkForInterrupt()
    run.work.statements += 1
    hasUnchargedWork = true
    server.meters.statements += 1
    if plan.isWrite, block.isReadOnly {
      throw SQLError.readOnlyTransaction(plan.statement.writeName)
    }
    return (try await lockTables(of: plan, for: transaction, replan), transaction)
  }

  /// Locks the tables of a plan. While it waits for one, another transaction may change that: then the plan is
  /// made anew, and fails if the table is gone.
  ///
  /// - Returns: a plan for the catalog as it is, all tables of which are locked.
  private func lockTables(
    of plan: Plan, for transaction: Transaction, _ replan: () async throws -> Plan
  ) async throws -> Plan {
    var plan = plan
    let serial = transaction.lockSerial
    while !plan.tables.isEmpty {
      for (table, mode) in plan.tables
      where !engine.tryHoldTable(table.id, mode, for: transaction) {
        try await lock(table, mode, plan, for: transaction)
      }
      if engine.isCurrent(plan.catalog, for: transaction) { break }
      let old = plan
      plan = try await replan()
      for (table, _) in old.tables where !plan.tables.contains(where: { $0.table.id == table.id }) {
        engine.unlockTable(table.id, of: transaction, after: serial)
      }
    }
    return plan
  }

  private func lock(
    _ table: Table, _ mode: LockMode, _ plan: Plan, for transaction: Transaction
  ) async throws {
    guard case .lock(let lock) = plan.statement, lock.isNoWait else {
      return try await engine.lockTable(table.id, mode, for: transaction)
    }
    do {
      try await engine.lockTable(table.id, mode, for: transaction, waiting: .fail)
    } catch StorageError.lockNotAvailable {
      throw SQLError.lockNotAvailable(table: table.name)
    }
  }

  /// - Throws: `25P01` outside a transaction block, where the lock would be free again at once; `25006` on a
  ///   reader, for a mode that keeps others from writing.
  private func checkLock(_ lock: LockTable) throws(SQLError) {
    if block.state == .idle { throw .noActiveTransaction("LOCK TABLE") }
    if server.services.isReader, lock.mode.rawValue > LockTable.Mode.rowExclusive.rawValue {
      throw .inRecovery("LOCK TABLE")
    }
  }

  /// Runs a plan from beginning to end and writes all its rows and its tag.
  ///
  /// - Parameter describes: whether a row description goes before the rows.
  func complete(
    _ plan: Plan, _ values: [Value], formats: FormatCodes, describes: Bool,
    replan: () async throws -> Plan
  ) async throws {
    if plan.statement.isSetting { return try await apply(plan, formats, describes: describes) }
    let (plan, transaction) = try await prepare(plan, replan: replan)
    if plan.isLock {
      disarmStatementTimeout()
      return writeTag(plan.statement, 0)
    }
    if let columns = plan.columns, describes {
      writer.rowDescription(Self.fields(columns, formats))
    }
    run.begin(plan, values, in: transaction, at: clockTimestamp)
    switch plan.body {
    case .copy(let copy): try await self.copy(copy)
    case .explain(let inner): try await explain(inner, plan, formats)
    case .utility: try await utility(plan, formats)
    default:
      let result = try await plan.execute(run)
      var count = result.count
      if let rows = result.rows, let columns = plan.columns {
        let sent = try await send(rows, columns, formats)
        if case .select = plan.statement { count = sent }
      }
      try await run.settle()
      // What it has cost is part of the statement: it holds its locks meanwhile, and may be told to end.
      try await run.keepPace()
      writeTag(plan.statement, count)
    }
    run.end()
    disarmStatementTimeout()
  }

  /// Runs a statement that is about the session alone.
  private func apply(_ plan: Plan, _ formats: FormatCodes, describes: Bool) async throws {
    if let columns = plan.columns, describes {
      writer.rowDescription(Self.fields(columns, formats))
    }
    run.work.statements += 1
    hasUnchargedWork = true
    server.meters.statements += 1
    try await utility(plan, formats)
  }

  /// - Returns: how many rows there were.
  private func send(
    _ rows: any RowSource, _ columns: [ResultColumn], _ formats: FormatCodes
  ) async throws -> Int {
    var count = 0
    while let batch = try await rows.next() {
      for row in batch { try write(row, columns, formats) }
      count += batch.count
      run.work.rowsSent += batch.count
      try await flushIfLarge()
    }
    return count
  }

  func write(_ row: Row, _ columns: [ResultColumn], _ formats: FormatCodes) throws(SQLError) {
    writer.row(columns: columns.count)
    for index in columns.indices {
      try ValueFormats.write(row[index], columns[index].type, formats[index], to: &writer)
    }
    writer.endRow()
  }

  func writeTag(_ statement: Statement, _ count: Int) {
    switch statement {
    case .select: writer.commandComplete("SELECT", rows: count)
    case .insert: writer.commandComplete("INSERT 0", rows: count)
    case .update: writer.commandComplete("UPDATE", rows: count)
    case .delete: writer.commandComplete("DELETE", rows: count)
    case .copy: writer.commandComplete("COPY", rows: count)
    default: writer.commandComplete(statement.commandName)
    }
  }

  static func fields(_ columns: [ResultColumn], _ formats: FormatCodes) -> [FieldDescription] {
    columns.enumerated().map { index, column in
      FieldDescription(
        name: column.name, type: column.type, tableOID: column.tableID,
        columnNumber: column.columnNumber, format: formats[index])
    }
  }
}

extension Statement {
  /// Whether it is about the session alone: it needs no transaction, and comes before the first query of
  /// one without fixing its modes.
  fileprivate var isSetting: Bool {
    switch self {
    case .set, .reset, .show, .setTransaction, .setSessionCharacteristics, .deallocate, .discard:
      true
    default: false
    }
  }

  /// The command as the refusal of a read-only transaction names it.
  fileprivate var writeName: String {
    guard case .select(let query) = self, let clause = query.locking.first else {
      return commandName
    }
    return "SELECT \(clause.strength.clauseName)"
  }
}
