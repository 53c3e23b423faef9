import OrderedCollections
import SQL
import Simulation

/// Passes on the rows for which all conditions hold.
final class FilterStep: PlanStep {
  private let input: any PlanStep
  private let conditions: RowExpressions

  init(_ input: any PlanStep, _ conditions: RowExpressions) {
    (self.input, self.conditions) = (input, conditions)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(input: try input.open(run), conditions: conditions, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step("Filter")
    text.below(input)
  }

  private final class Source: RowSource {
    let input: any RowSource
    let conditions: RowExpressions
    let run: StatementRun

    init(input: any RowSource, conditions: RowExpressions, run: StatementRun) {
      (self.input, self.conditions, self.run) = (input, conditions, run)
    }

    func next() async throws -> [Row]? {
      while let batch = try await input.next() {
        var kept: [Row] = []
        for row in batch {
          if conditions.needsSubplans { try await conditions.prepare(row, run) }
          if try conditions.hold(row, run) { kept.append(row) }
        }
        try await run.settle()
        if !kept.isEmpty { return kept }
      }
      return nil
    }
  }
}

/// Makes new rows of the values of expressions.
final class ProjectStep: PlanStep {
  private let input: any PlanStep
  private let outputs: RowExpressions

  init(_ input: any PlanStep, _ outputs: RowExpressions) {
    (self.input, self.outputs) = (input, outputs)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(input: try input.open(run), outputs: outputs, run: run)
  }

  // PostgreSQL has no step for it either.
  func explain(_ text: inout PlanText) { input.explain(&text) }

  private final class Source: RowSource {
    let input: any RowSource
    let outputs: RowExpressions
    let run: StatementRun

    init(input: any RowSource, outputs: RowExpressions, run: StatementRun) {
      (self.input, self.outputs, self.run) = (input, outputs, run)
    }

    func next() async throws -> [Row]? {
      guard let batch = try await input.next() else { return nil }
      var rows: [Row] = []
      rows.reserveCapacity(batch.count)
      for row in batch {
        if outputs.needsSubplans { try await outputs.prepare(row, run) }
        var values: Row = []
        values.reserveCapacity(outputs.expressions.count)
        try outputs.evaluate(row, run, into: &values)
        rows.append(values)
      }
      try await run.settle()
      return rows
    }
  }
}

/// The rows of VALUES, or the one row without columns of a SELECT without FROM.
final class ValuesStep: PlanStep {
  private let rows: [RowExpressions]

  init(_ rows: [RowExpressions]) { self.rows = rows }

  static var oneEmptyRow: [RowExpressions] { [RowExpressions([], [])] }

  func open(_ run: StatementRun) throws -> any RowSource { Source(rows: rows, run: run) }

  func explain(_ text: inout PlanText) {
    text.step(rows.count == 1 ? "Result" : "Values Scan on \"*VALUES*\"")
  }

  private final class Source: RowSource {
    let rows: [RowExpressions]
    let run: StatementRun
    private var index = 0

    init(rows: [RowExpressions], run: StatementRun) { (self.rows, self.run) = (rows, run) }

    func next() async throws -> [Row]? {
      guard index < rows.count else { return nil }
      var batch: [Row] = []
      while index < rows.count, batch.count < BatchSize.largest {
        var values: Row = []
        if rows[index].needsSubplans { try await rows[index].prepare([], run) }
        try rows[index].evaluate([], run, into: &values)
        batch.append(values)
        index += 1
      }
      try await run.settle()
      return batch
    }
  }
}

/// The rows of a function in FROM.
final class FunctionScanStep: PlanStep {
  private let function: TableFunction
  private let arguments: [BoundExpression]

  init(_ function: TableFunction, _ arguments: [BoundExpression]) {
    (self.function, self.arguments) = (function, arguments)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    var values: [Value] = []
    for argument in arguments {
      values.append(try argument.evaluate(row: [], parameters: run.parameters, context: run))
    }
    if let series = try function.series(values) { return SeriesSource(series, run) }
    return RowListSource(try run.host.tableFunction(function, values))
  }

  func explain(_ text: inout PlanText) { text.step("Function Scan on \(function.name)") }

  private final class SeriesSource: RowSource {
    private var series: Series
    private let run: StatementRun

    init(_ series: Series, _ run: StatementRun) { (self.series, self.run) = (series, run) }

    func next() async throws -> [Row]? {
      var batch: [Row] = []
      while batch.count < BatchSize.largest, let value = series.next() { batch.append([value]) }
      run.work.rowsScanned += batch.count
      try await run.keepPace()
      return batch.isEmpty ? nil : batch
    }
  }
}

/// Rows that are there already.
final class RowListSource: RowSource {
  private var rows: [Row]?

  init(_ rows: [Row]) { self.rows = rows.isEmpty ? nil : rows }

  func next() async throws -> [Row]? {
    defer { rows = nil }
    return rows
  }
}

/// Drops every row that equals one before it.
final class DistinctStep: PlanStep {
  private let input: any PlanStep
  /// What makes rows equal; `nil` if all of their columns do.
  private let keys: RowExpressions?

  init(_ input: any PlanStep, on keys: RowExpressions? = nil) {
    (self.input, self.keys) = (input, keys)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(input: try input.open(run), keys: keys, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step(keys == nil ? "HashAggregate" : "Unique")
    text.below(input)
  }

  private final class Source: RowSource {
    let input: any RowSource
    let keys: RowExpressions?
    let run: StatementRun
    private var seen = OrderedSet<Row>()

    init(input: any RowSource, keys: RowExpressions?, run: StatementRun) {
      (self.input, self.keys, self.run) = (input, keys, run)
    }

    func next() async throws -> [Row]? {
      while let batch = try await input.next() {
        var kept: [Row] = []
        for row in batch {
          var key = row
          if let keys {
            key = []
            if keys.needsSubplans { try await keys.prepare(row, run) }
            try keys.evaluate(row, run, into: &key)
          }
          if seen.append(key).inserted { kept.append(row) }
        }
        if !kept.isEmpty { return kept }
      }
      return nil
    }
  }
}

/// Skips rows, then passes on so many and no more.
final class LimitStep: PlanStep {
  private let input: any PlanStep
  /// Both are bigint; NULL stands for none.
  private let limit: BoundExpression?
  private let offset: BoundExpression?

  init(_ input: any PlanStep, limit: BoundExpression?, offset: BoundExpression?) {
    (self.input, self.limit, self.offset) = (input, limit, offset)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    func count(_ expression: BoundExpression?) throws -> Int? {
      let value = try expression?.evaluate(row: [], parameters: run.parameters, context: run)
      guard case .integer(let count)? = value else { return nil }
      return Int(count)
    }
    let skipped = try count(offset) ?? 0
    if skipped < 0 {
      throw SQLError(sqlState: "2201X", message: "OFFSET must not be negative")
    }
    let wanted = try count(limit)
    if let wanted, wanted < 0 {
      throw SQLError(sqlState: "2201W", message: "LIMIT must not be negative")
    }
    return Source(input: try input.open(run), skipped: skipped, wanted: wanted ?? Int.max)
  }

  func explain(_ text: inout PlanText) {
    text.step("Limit")
    text.below(input)
  }

  private final class Source: RowSource {
    let input: any RowSource
    private var skipped: Int
    private var wanted: Int

    init(input: any RowSource, skipped: Int, wanted: Int) {
      (self.input, self.skipped, self.wanted) = (input, skipped, wanted)
    }

    func next() async throws -> [Row]? {
      while wanted > 0, var batch = try await input.next() {
        if skipped > 0 {
          let dropped = min(skipped, batch.count)
          skipped -= dropped
          batch.removeFirst(dropped)
        }
        if batch.count > wanted { batch.removeLast(batch.count - wanted) }
        wanted -= batch.count
        if !batch.isEmpty { return batch }
      }
      return nil
    }
  }
}
