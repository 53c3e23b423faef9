import SQL

/// A statement that is ready to run, any number of times and by any session.
///
/// It holds good as long as the catalog stays as it was.
final class Plan {
  /// A table, and how it is locked.
  typealias LockedTable = (table: Table, mode: LockMode)

  enum Body {
    case query(any PlanStep)
    case insert(InsertPlan)
    case update(UpdatePlan)
    case delete(DeletePlan)
    case copy(CopyPlan)
    case explain(Plan)
    /// Run by the session or the data definition.
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
  /// The tables that it reads, writes or locks, each with the lock that this takes.
  let tables: [LockedTable]
  /// The catalog for which it was made.
  let catalog: CatalogContents
  let isWrite: Bool
  /// Whether it does no more than to lock its tables.
  let isLock: Bool

  init(
    statement: Statement, body: Body, columns: [ResultColumn]?, parameterTypes: [SQLType],
    slotCount: Int, subplans: [Subplan], tables: [LockedTable],
    catalog: CatalogContents
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
    isLock = if case .lock = statement { true } else { false }
  }
}

/// What running a plan came to.
struct StatementResult {
  /// The rows of a statement that returns some; reading them may still do the work.
  var rows: (any RowSource)?
  /// The rows inserted, updated, deleted.
  var count = 0
}

extension Plan {
  /// Runs it.
  ///
  /// - Precondition: it is no utility, no COPY and no EXPLAIN.
  func execute(_ run: StatementRun) async throws -> StatementResult {
    if !subplans.isEmpty { try await run.runSubplans(of: self) }
    switch body {
    case .query(let step): return StatementResult(rows: try step.open(run))
    case .insert(let insert): return try await insert.execute(run)
    case .update(let update): return try await update.execute(run)
    case .delete(let delete): return try await delete.execute(run)
    case .copy, .explain, .utility:
      preconditionFailure("\(statement.commandName) is run by the session")
    }
  }
}
