import SQL
import Simulation
import Wire

/// Running statements, whichever protocol asked for them.
extension Session {
  /// The plan of a statement, for the catalog as it is now.
  func plan(
    _ entry: PlanCache.Entry, _ index: Int, declared: [SQLType?]
  ) async throws -> Plan {
    let catalog = try await engine.catalogContents(for: block.transaction)
    return try entry.plan(index, declared: declared, catalog: catalog)
  }

  /// - Throws: `25P02` if the transaction has failed and the statement would not end it.
  func checkBlock(_ statement: Statement) throws(SQLError) {
    guard block.state == .failed else { return }
    switch statement {
    case .commit, .rollback, .rollbackToSavepoint: break
    default: throw .inFailedTransaction
    }
  }

  /// Makes ready to run a plan: a transaction, the rights, the locks.
  ///
  /// - Parameter replan: makes the plan anew when the catalog has changed while a lock was awaited.
  func prepare(
    _ plan: Plan, replan: () async throws -> Plan
  ) async throws -> (plan: Plan, transaction: Transaction) {
    let transaction = ensureTransaction()
    transaction.lockTimeout = parameters.lockTimeout
    block.hasRunStatement = true
    armStatementTimeout()
    try checkForInterrupt()
    run.work.statements += 1
    hasUnchargedWork = true
    server.counters.statements += 1
    guard plan.isWrite else { return (plan, transaction) }
    if block.isReadOnly { throw SQLError.readOnlyTransaction(plan.statement.writeName) }
    var plan = plan
    while true {
      for (table, mode) in plan.tables where mode == .tableWrite {
        try await engine.lockTable(table.id, mode, for: transaction)
      }
      if try await engine.catalogContents(for: transaction) === plan.catalog { break }
      plan = try await replan()
    }
    return (plan, transaction)
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
    if let columns = plan.columns, describes {
      writer.rowDescription(Self.fields(columns, formats))
    }
    run.begin(plan, values, in: transaction, at: clockTimestamp)
    switch plan.body {
    case .copy(let copy): try await self.copy(copy)
    case .utility: try await utility(plan, formats)
    default:
      let result = try await plan.execute(run)
      var count = result.count
      if let rows = result.rows, let columns = plan.columns {
        let sent = try await send(rows, columns, formats)
        if case .select = plan.statement { count = sent }
      }
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
    server.counters.statements += 1
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
