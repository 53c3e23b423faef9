import SQL
import Simulation

/// INSERT: rows that have all columns of the table, defaults included, and what to do with them.
final class InsertPlan {
  enum Source {
    /// Lists of values, each for one row.
    case values([RowExpressions])
    case query(any PlanStep)
  }

  /// ON CONFLICT.
  struct Conflict {
    enum Action {
      case nothing
      /// Over the row that is there and, behind it, the one proposed.
      case update([(column: Int, value: BoundExpression)], filter: BoundExpression?)
    }

    /// The name of the unique index, or primary key, that arbitrates; `nil` for any.
    let arbiter: String?
    let action: Action
  }

  let writer: TableWriter
  private let source: Source
  private let conflict: Conflict?
  /// Over the new row.
  private let returning: RowExpressions?
  private var table: Table { writer.table }

  init(
    _ table: Table, source: Source, conflict: Conflict?, returning: RowExpressions?
  ) {
    writer = TableWriter(table)
    self.source = source
    self.conflict = conflict
    self.returning = returning
  }

  func execute(_ run: StatementRun) async throws -> StatementResult {
    var result = StatementResult()
    var returned: [Row] = []
    switch source {
    case .values(let rows):
      for expressions in rows {
        var row: Row = []
        row.reserveCapacity(expressions.expressions.count)
        try expressions.evaluate([], run, into: &row)
        try await add(row, run, &result, &returned)
      }
      try await run.settle()
    case .query(let step):
      let rows = try step.open(run)
      while let batch = try await rows.next() {
        for row in batch { try await add(row, run, &result, &returned) }
      }
    }
    if returning != nil { result.rows = RowListSource(returned) }
    return result
  }

  private func add(
    _ row: Row, _ run: StatementRun, _ result: inout StatementResult, _ returned: inout [Row]
  ) async throws {
    var stored: Row? = row
    if let conflict {
      stored = try await insert(row, unless: conflict, run)
    } else {
      try await writer.insert(row, run)
    }
    guard let stored else { return }
    result.count += 1
    if let returning {
      var output: Row = []
      if returning.needsSubplans { try await returning.prepare(stored, run) }
      try returning.evaluate(stored, run, into: &output)
      returned.append(output)
    }
  }

  /// - Returns: the row as it is now; `nil` if nothing was done.
  private func insert(
    _ row: Row, unless conflict: Conflict, _ run: StatementRun
  ) async throws -> Row? {
    while true {
      let savepoint = run.engine.savepoint(run.transaction)
      do {
        try await writer.insert(row, run)
        return row
      } catch let error as SQLError where error.sqlState == "23505" {
        // Whoever was waited for keeps its row: it is locked below if it is to be changed.
        try await run.engine.rollback(run.transaction, to: savepoint, keepsLocks: false)
        guard conflict.arbiter == nil || conflict.arbiter == error.constraint else { throw error }
        guard case .update(let assignments, let filter) = conflict.action else {
          try await checkVisible(row, error.constraint ?? "", run)
          return nil
        }
        guard let key = try await owner(of: error.constraint ?? "", row, run.freshView(), run)
        else {
          // It is gone again, or not to be seen at this isolation level.
          if run.transaction.isolation == .repeatableRead { throw SQLError.serializationFailure }
          continue
        }
        switch try await update(key, row, assignments, filter, run) {
        case .done(let row): return row
        case .gone: continue
        }
      }
    }
  }

  private enum Outcome {
    case done(Row?)
    /// The row in the way has vanished.
    case gone
  }

  private func update(
    _ key: [UInt8], _ proposed: Row, _ assignments: [(column: Int, value: BoundExpression)],
    _ filter: BoundExpression?, _ run: StatementRun
  ) async throws -> Outcome {
    let encoding = table.rowEncoding
    let changesKey = assignments.contains { table.keyColumns.contains($0.column) }
    let (found, existing) = try await run.engine.lockRow(
      key, of: table, changesKey ? .forUpdate : .forNoKeyUpdate, for: run.transaction,
      view: run.view
    ) { found, stored in (found, stored.map { encoding.decode($0) }) }
    if found == .changedByStatement { throw SQLError.affectsRowTwice }
    guard let existing, found != .gone else { return .gone }
    let both = existing + proposed
    if let filter, try !filter.holds(row: both, parameters: run.parameters, context: run) {
      return .done(nil)
    }
    var row = existing
    for (column, value) in assignments { row[column] = try run.evaluate(value, both) }
    try await writer.update(key, to: row, mayMove: true, run)
    return .done(row)
  }

  /// DO NOTHING at REPEATABLE READ may not depend on a row that the transaction does not see.
  private func checkVisible(_ row: Row, _ constraint: String, _ run: StatementRun) async throws {
    guard run.transaction.isolation == .repeatableRead else { return }
    if try await owner(of: constraint, row, run.freshView(), run) == nil {
      throw SQLError.serializationFailure
    }
  }

  /// The key of the row that has the same values under a constraint.
  private func owner(
    of constraint: String, _ row: Row, _ view: ReadView, _ run: StatementRun
  ) async throws -> [UInt8]? {
    guard let index = table.index(named: constraint) else {
      guard let key = writer.key(of: row) else { return nil }
      return try await run.engine.lookup(key, in: table, view: view) { _ in key }
    }
    let prefix = index.keyEncoding.encode(index.description.columns.map { row[$0] })
    let range = KeyRange(lower: prefix, upper: KeyEncoding.upperBound(ofPrefix: prefix))
    var owner: [UInt8]?
    try await run.engine.scan(table, by: index, range: range, view: view).next(1) { key, _ in
      owner = [UInt8](key)
      return true
    }
    return owner
  }

  func explain(_ text: inout PlanText) {
    text.step("Insert on \(table.name)")
    if let conflict {
      switch conflict.action {
      case .nothing: text.detail("Conflict Resolution", "NOTHING")
      case .update: text.detail("Conflict Resolution", "UPDATE")
      }
      if let arbiter = conflict.arbiter { text.detail("Conflict Arbiter Indexes", arbiter) }
    }
    switch source {
    case .values(let rows): text.below(ValuesStep(rows))
    case .query(let step): text.below(step)
    }
  }
}

extension SQLError {
  fileprivate static var affectsRowTwice: SQLError {
    SQLError(
      sqlState: "21000", message: "ON CONFLICT DO UPDATE command cannot affect row a second time",
      hint: "Ensure that no rows proposed for insertion within the same command have duplicate "
        + "constrained values.")
  }
}
