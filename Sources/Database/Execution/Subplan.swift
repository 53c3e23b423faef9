import SQL
import Simulation

/// A subquery inside an expression, planned on its own.
///
/// What it needs of the rows around it, it gets as parameters behind those of the statement: a column of
/// an outer row is a slot of ``StatementRun/parameters`` that is filled before the subquery runs.
/// A subquery without such columns runs once, before the statement; one with them runs for every row for
/// which an expression that contains it is evaluated.
final class Subplan {
  /// A column of the row of the query directly around, and the parameter that stands for it.
  struct Correlation {
    let slot: Int
    let column: Int
  }

  /// By which expressions refer to it.
  let index: Int
  let step: any PlanStep
  let correlations: [Correlation]
  /// Whether it reads a column of any row around it, however far out.
  let isCorrelated: Bool
  /// Whether only the existence of a row matters.
  let stopsAtFirstRow: Bool

  init(
    index: Int, step: any PlanStep, correlations: [Correlation], isCorrelated: Bool,
    stopsAtFirstRow: Bool
  ) {
    self.index = index
    self.step = step
    self.correlations = correlations
    self.isCorrelated = isCorrelated
    self.stopsAtFirstRow = stopsAtFirstRow
  }

  /// Runs it for a row of the query around it and leaves its first column with the run.
  func run(for row: Row, in run: StatementRun) async throws {
    for correlation in correlations { run.parameters[correlation.slot] = row[correlation.column] }
    let source = try step.open(run)
    var values: [Value] = []
    while let batch = try await source.next() {
      for row in batch { values.append(row.first ?? .null) }
      if stopsAtFirstRow { break }
    }
    run.setSubqueryRows(index, values)
  }
}

/// Expressions over one row, with the subqueries that must run before they can be evaluated.
struct RowExpressions {
  let expressions: [BoundExpression]
  private let subplans: [Subplan]

  /// - Parameter subplans: all of the statement's, by their numbers.
  init(_ expressions: [BoundExpression], _ subplans: [Subplan]) {
    self.expressions = expressions
    self.subplans = Self.correlated(expressions, subplans)
  }

  /// The subqueries in `expressions` that depend on a row.
  static func correlated(
    _ expressions: [BoundExpression], _ subplans: [Subplan]
  ) -> [Subplan] {
    var indices: [Int] = []
    for expression in expressions {
      expression.walk { node in
        switch node {
        case .scalarSubquery(let index, _), .exists(let index), .inSubquery(_, let index, _, _):
          if subplans[index].isCorrelated, !indices.contains(index) { indices.append(index) }
        default: break
        }
        return true
      }
    }
    return indices.map { subplans[$0] }
  }

  var isEmpty: Bool { expressions.isEmpty }

  /// Whether evaluating them may have to wait.
  var needsSubplans: Bool { !subplans.isEmpty }

  /// Runs the subqueries for a row.
  func prepare(_ row: Row, _ run: StatementRun) async throws {
    for subplan in subplans { try await subplan.run(for: row, in: run) }
  }

  /// Whether all of them hold for a row that was prepared.
  func hold(_ row: Row, _ run: StatementRun) throws(SQLError) -> Bool {
    for expression in expressions
    where try !expression.holds(row: row, parameters: run.parameters, context: run) {
      return false
    }
    return true
  }

  /// Appends their values for a row that was prepared.
  func evaluate(_ row: Row, _ run: StatementRun, into values: inout Row) throws(SQLError) {
    for expression in expressions {
      values.append(
        try expression.evaluate(row: row, parameters: run.parameters, context: run))
    }
  }
}
