import SQL
import Simulation

/// One execution of a statement: its parameters, what it sees, and what it has done so far.
///
/// A session has one and uses it for every statement anew.
final class StatementRun: EvaluationContext {
  let engine: StorageEngine
  /// Answers what is no business of a statement.
  unowned let host: any StatementHost
  /// The values of the statement's parameters, then room for the columns that correlated subqueries read.
  var parameters: [Value] = []
  private var current: (transaction: Transaction, view: ReadView)?
  var work = WorkCounter()
  private var subqueries: [[Value]] = []
  private var workingTables: [[Row]] = []
  private(set) var statementTimestamp: Int64 = 0
  /// How long `pg_sleep` was asked to wait and has not waited yet.
  var owedSleep = Interval.zero

  init(engine: StorageEngine, host: any StatementHost) {
    self.engine = engine
    self.host = host
  }

  var transaction: Transaction {
    guard let current else { preconditionFailure("no statement is running") }
    return current.transaction
  }

  /// What the statement sees.
  var view: ReadView {
    guard let current else { preconditionFailure("no statement is running") }
    return current.view
  }

  /// Begins an execution.
  func begin(
    _ plan: Plan, _ parameters: [Value], in transaction: Transaction, at timestamp: Int64
  ) {
    self.parameters = parameters
    owedSleep = .zero
    while self.parameters.count < plan.slotCount { self.parameters.append(.null) }
    current = (transaction, engine.view(for: transaction))
    statementTimestamp = timestamp
    if !plan.subplans.isEmpty || !subqueries.isEmpty {
      subqueries = Array(repeating: [], count: plan.subplans.count)
    }
  }

  /// The rows of the last round of a recursive query.
  func workingTable(_ number: Int) -> [Row] { workingTables[number] }

  func setWorkingTable(_ number: Int, _ rows: [Row]) {
    while workingTables.count <= number { workingTables.append([]) }
    workingTables[number] = rows
  }

  /// What a statement that began now would see.
  func freshView() -> ReadView { engine.view(for: transaction) }

  /// Lets go of what the execution saw, so that old versions can be purged.
  func end() { current = nil }

  /// Runs the subqueries that depend on no row.
  func runSubplans(of plan: Plan) async throws {
    for subplan in plan.subplans where !subplan.isCorrelated {
      try await subplan.run([], for: [], in: self)
    }
  }

  /// Whether all conditions hold for a row; none of them has a subquery that depends on it.
  @inline(__always)
  func allHold(_ conditions: [BoundExpression], _ row: Row) throws(SQLError) -> Bool {
    for condition in conditions
    where try !condition.holds(row: row, parameters: parameters, context: self) {
      return false
    }
    return true
  }

  func evaluate(_ expression: BoundExpression, _ row: Row) throws(SQLError) -> Value {
    try expression.evaluate(row: row, parameters: parameters, context: self)
  }

  /// Locks a row and reads it if it has changed since the statement began.
  func lockRow(
    _ key: [UInt8], of table: Table, _ mode: LockMode, waiting: LockWaiting = .wait
  ) async throws -> (LockedRow, Row) {
    work.rowsRead += 1
    do {
      return try await engine.lockRow(
        key, of: table, mode, for: transaction, view: view, waiting: waiting
      ) { found, stored in
        guard found == .changed, let stored else { return (found, []) }
        return (found, table.rowEncoding.decode(stored))
      }
    } catch StorageError.lockNotAvailable where waiting == .fail {
      throw SQLError.lockNotAvailable(relation: table.name)
    }
  }

  /// Counts a row that is about to be written.
  @inline(__always)
  func noteRowWritten() async throws {
    try await keepPace()
    work.rowsWritten += 1
  }

  /// Counts a row that is about to get its entry in a new index.
  func noteEntryBuilt() async throws {
    try await keepPace()
    work.entriesBuilt += 1
  }

  /// Counts rows that are looked at by a statement which changes a table.
  func noteRowsScanned(_ count: Int) async throws {
    try await keepPace()
    work.rowsScanned += count
  }

  /// Lets the processor spend what the statement has cost, if that has become much, and throws if somebody wants the
  /// statement to end: a long one occupies the processor as it goes, and can be cancelled then.
  @inline(__always)
  func keepPace() async throws { if work.isMuch { try await spend() } }

  private func spend() async throws {
    let done = work
    work = WorkCounter()
    try await host.spend(done)
  }

  /// Throws if somebody wants the statement to end.
  func checkForInterrupt() throws(SQLError) { try host.checkForInterrupt() }

  /// Sleeps as long as expressions evaluated since the last time asked for.
  func settle() async throws {
    guard owedSleep > .zero else { return }
    let interval = owedSleep
    owedSleep = .zero
    try await host.sleep(for: interval)
  }

  // MARK: EvaluationContext

  var transactionTimestamp: Int64 { host.transactionTimestamp }
  var clockTimestamp: Int64 { host.clockTimestamp }
  func randomDouble() -> Double { host.randomDouble() }
  func subqueryRows(_ index: Int) -> [Value] { subqueries[index] }
  func setSubqueryRows(_ index: Int, _ rows: [Value]) { subqueries[index] = rows }

  func systemFunction(_ name: String, _ arguments: [Value]) throws(SQLError) -> Value {
    try host.systemFunction(name, arguments, in: self)
  }
}

/// What a statement asks of the session that runs it.
protocol StatementHost: AnyObject {
  var transactionTimestamp: Int64 { get }
  var clockTimestamp: Int64 { get }
  func randomDouble() -> Double
  func checkForInterrupt() throws(SQLError)
  func sleep(for interval: Interval) async throws
  /// Lets the processor do this work, and throws if somebody wants the statement to end; then the rest is not done.
  func spend(_ work: WorkCounter) async throws
  func systemFunction(
    _ name: String, _ arguments: [Value], in run: StatementRun
  ) throws(SQLError) -> Value
  func tableFunction(_ function: TableFunction, _ arguments: [Value]) throws(SQLError) -> [Row]
}
