import SQL

/// A statement that is ready to run, any number of times and by any session.
///
/// It holds good as long as the catalog stays as it was.
final class Plan {
  enum Body {
    case query(any PlanStep)
    case insert(InsertPlan)
    case update(UpdatePlan)
    case delete(DeletePlan)
    case copy(CopyPlan)
    /// Run by the session, the data definition, or EXPLAIN.
    case utility
  }

  let statement: Statement
  let body: Body
  /// What it returns; `nil` if it returns no rows.
  let columns: [ResultColumn]?
  let parameterTypes: [SQLType]
  /// The parameters and those that stand for columns read by correlated subqueries.
  let slotCount: Int
  let subplans: [Subplan]
  /// The tables that it reads or writes, each with the lock that this takes.
  let tables: [(table: Table, mode: LockMode)]
  /// The catalog for which it was made.
  let catalog: CatalogContents?
  let isWrite: Bool

  init(
    statement: Statement, body: Body, columns: [ResultColumn]?, parameterTypes: [SQLType],
    slotCount: Int, subplans: [Subplan], tables: [(table: Table, mode: LockMode)],
    catalog: CatalogContents?
  ) {
    self.statement = statement
    self.body = body
    self.columns = columns
    self.parameterTypes = parameterTypes
    self.slotCount = slotCount
    self.subplans = subplans
    self.tables = tables
    self.catalog = catalog
    isWrite = statement.isWrite
  }
}

/// What running a plan came to.
struct StatementResult {
  /// Of a statement that returns rows; reading them may still do the work.
  var rows: (any RowSource)?
  /// The rows inserted, updated, deleted.
  var count = 0
}

extension Plan {
  /// Runs it.
  ///
  /// - Precondition: it is no utility and no COPY.
  func execute(_ run: StatementRun) async throws -> StatementResult {
    if !subplans.isEmpty { try await run.runSubplans(of: self) }
    switch body {
    case .query(let step): return StatementResult(rows: try step.open(run))
    case .insert(let insert): return try await insert.execute(run)
    case .update(let update): return try await update.execute(run)
    case .delete(let delete): return try await delete.execute(run)
    case .copy, .utility: preconditionFailure("\(statement.commandName) is run by the session")
    }
  }
}
