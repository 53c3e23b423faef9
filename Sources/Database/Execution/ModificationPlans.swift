import SQL
import Simulation

/// The rows that UPDATE or DELETE is about: found as of the beginning of the statement, then locked, and
/// looked at again if they have changed meanwhile.
///
/// ```
///   find in the view ──▶ lock the newest version ─┬─ unchanged ─────────────▶ go on
///                                                 ├─ changed: still wanted? ▶ go on with the new values
///                                                 └─ gone, changed by this statement: leave it
/// ```
/// Source: PostgreSQL documentation, 13.2.1 (READ COMMITTED).
final class RowTargets {
  let table: Table
  /// How the rows are locked.
  private let mode: LockMode
  /// Rows that begin with the columns of the table and have the key of its row at `keyColumn`.
  private let source: any PlanStep
  private let keyColumn: Int
  /// All conditions of the statement.
  private let conditions: RowExpressions
  /// Set if a primary key says which row it is and nothing else is read: the row is then locked at once
  /// and found in the same step.
  private let point: KeyRangeBuilder?
  /// For a point: the conditions that the key does not fulfil.
  private let residual: [BoundExpression]

  init(
    _ table: Table, _ mode: LockMode, source: any PlanStep, keyColumn: Int,
    conditions: RowExpressions, point: AccessPath?
  ) {
    (self.table, self.mode) = (table, mode)
    self.source = source
    self.keyColumn = keyColumn
    self.conditions = conditions
    self.point = point.map { KeyRangeBuilder($0, of: table) }
    let fulfilled = point?.fulfilled ?? []
    residual = conditions.expressions.indices.filter { !fulfilled.contains($0) }
      .map { conditions.expressions[$0] }
  }

  /// Calls `body` with the key of each row and the flat row with its newest values.
  ///
  /// - Parameter readsRow: whether `body` looks at the table's columns.
  func forEach(
    _ run: StatementRun, _ body: ([UInt8], Row) async throws -> Void
  ) async throws {
    if let point { return try await forPoint(point, run, body) }
    let rows = try source.open(run)
    // A table row that meets several others is changed once, by the first.
    var seen = OrderedKeys()
    while let batch = try await rows.next() {
      for row in batch {
        guard case .bytes(let key) = row[keyColumn], seen.insert(key) else { continue }
        if let row = try await lock(key, row, run) { try await body(key, row) }
      }
    }
  }

  private func lock(_ key: [UInt8], _ row: Row, _ run: StatementRun) async throws -> Row? {
    let (found, newest) = try await run.lockRow(key, of: table, mode)
    switch found {
    case .unchanged: return row
    case .gone, .skipped, .changedByStatement: return nil
    case .changed:
      var row = row
      row.replaceSubrange(0..<newest.count, with: newest)
      if conditions.needsSubplans { try await conditions.prepare(row, run) }
      return try conditions.hold(row, run) ? row : nil
    }
  }

  private func forPoint(
    _ point: KeyRangeBuilder, _ run: StatementRun, _ body: ([UInt8], Row) async throws -> Void
  ) async throws {
    guard let key = try point.key([], run) else { return }
    run.work.rowsRead += 1
    let encoding = table.rowEncoding
    let isSnapshot = run.transaction.isolation == .repeatableRead
    if isSnapshot, try await !isVisible(key, run) { return }
    let (found, row) = try await run.engine.lockRow(
      key, of: table, mode, for: run.transaction, view: run.view
    ) { found, stored in
      (found, stored.map { encoding.decode($0) })
    }
    guard var row else { return }
    var residual = residual
    switch found {
    case .gone, .skipped, .changedByStatement: return
    case .changed:
      if try await !isVisible(key, run) { return }
      if run.engine.process.has(DatabaseDefect.checksNothingTwice) { residual = [] }
      if run.engine.process.has(DatabaseDefect.updatesFromSnapshot) {
        let seen = try await run.engine.lookup(key, in: table, view: run.view) {
          encoding.decode($0)
        }
        row = seen ?? row
      }
    case .unchanged: break
    }
    if try run.allHold(residual, row) { try await body(key, row) }
  }

  /// Whether there was such a row when the statement began.
  private func isVisible(_ key: [UInt8], _ run: StatementRun) async throws -> Bool {
    try await run.engine.lookup(key, in: table, view: run.view) { _ in true } ?? false
  }

  func explain(_ text: inout PlanText) { text.below(source) }
}

/// Keys that were met.
private struct OrderedKeys {
  private var keys = LookupTable<KeyBytes, Bool>()

  /// - Returns: whether it is new.
  mutating func insert(_ key: [UInt8]) -> Bool {
    let key = KeyBytes(bytes: key)
    if keys[key] != nil { return false }
    keys[key] = true
    return true
  }

  private struct KeyBytes: Hashable, Comparable {
    let bytes: [UInt8]
    static func < (left: KeyBytes, right: KeyBytes) -> Bool {
      left.bytes.lexicographicallyPrecedes(right.bytes)
    }
  }
}

/// UPDATE.
final class UpdatePlan {
  private let targets: RowTargets
  private let writer: TableWriter
  /// Over the flat row of the targets.
  private let assignments: RowExpressions
  private let columns: [Int]
  /// Over the flat row with the new values.
  private let returning: RowExpressions?
  /// Whether the primary key may change.
  private let mayMove: Bool

  init(
    _ targets: RowTargets, columns: [Int], assignments: RowExpressions, returning: RowExpressions?
  ) {
    self.targets = targets
    writer = TableWriter(targets.table)
    self.columns = columns
    self.assignments = assignments
    self.returning = returning
    mayMove = columns.contains(where: targets.table.description.primaryKey.contains)
  }

  func execute(_ run: StatementRun) async throws -> StatementResult {
    var result = StatementResult()
    var returned: [Row] = []
    let width = targets.table.description.columns.count
    try await targets.forEach(run) { key, row in
      if assignments.needsSubplans { try await assignments.prepare(row, run) }
      var changed = row.count == width ? row : Array(row[..<width])
      for (position, column) in columns.enumerated() {
        changed[column] = try run.evaluate(assignments.expressions[position], row)
      }
      try await writer.update(key, to: changed, mayMove: mayMove, run)
      result.count += 1
      if let returning {
        let flat = changed + row[width...]
        if returning.needsSubplans { try await returning.prepare(flat, run) }
        var output: Row = []
        try returning.evaluate(flat, run, into: &output)
        returned.append(output)
      }
    }
    try await run.settle()
    if returning != nil { result.rows = RowListSource(returned) }
    return result
  }

  func explain(_ text: inout PlanText) {
    text.step("Update on \(targets.table.name)")
    targets.explain(&text)
  }
}

/// DELETE.
final class DeletePlan {
  private let targets: RowTargets
  private let writer: TableWriter
  /// Over the flat row.
  private let returning: RowExpressions?

  init(_ targets: RowTargets, returning: RowExpressions?) {
    self.targets = targets
    writer = TableWriter(targets.table)
    self.returning = returning
  }

  func execute(_ run: StatementRun) async throws -> StatementResult {
    var result = StatementResult()
    var returned: [Row] = []
    try await targets.forEach(run) { key, row in
      try await writer.delete(key, run)
      result.count += 1
      if let returning {
        if returning.needsSubplans { try await returning.prepare(row, run) }
        var output: Row = []
        try returning.evaluate(row, run, into: &output)
        returned.append(output)
      }
    }
    try await run.settle()
    if returning != nil { result.rows = RowListSource(returned) }
    return result
  }

  func explain(_ text: inout PlanText) {
    text.step("Delete on \(targets.table.name)")
    targets.explain(&text)
  }
}
