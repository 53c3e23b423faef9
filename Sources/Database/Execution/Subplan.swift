import SQL
import Simulation

/// A subquery inside an expression, planned on its own.
///
/// What it needs of the rows around it, it gets as parameters behind those of the statement: a column of
/// an outer row is a slot of ``StatementRun/parameters`` that is filled before the subquery runs.
/// A subquery without such columns runs once, before the statement; one with them runs for every row for
/// which an expression that contains it is evaluated.
final class Subplan {
  /// The number by which expressions refer to it.
  let index: Int
  var step: any PlanStep
  /// The parameters that stand for columns of the row of the query directly around, in the order of the
  /// arguments that expressions give it.
  let slots: [Int]
  /// Whether it reads a column of any row around it, however far out.
  let isCorrelated: Bool
  /// Whether only the existence of a row matters.
  let stopsAtFirstRow: Bool

  init(
    index: Int, step: any PlanStep, slots: [Int], isCorrelated: Bool,
    stopsAtFirstRow: Bool
  ) {
    self.index = index
    self.step = step
    self.slots = slots
    self.isCorrelated = isCorrelated
    self.stopsAtFirstRow = stopsAtFirstRow
  }

  /// Runs it for a row of the query around it and leaves its first column with the run.
  ///
  /// - Parameter arguments: over `row`, what it reads of it.
  func run(
    _ arguments: [BoundExpression], for row: Row, in run: StatementRun
  ) async throws {
    for (slot, argument) in zip(slots, arguments) {
      run.parameters[slot] = try run.evaluate(argument, row)
    }
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
  private let subplans: [(plan: Subplan, arguments: [BoundExpression])]

  /// - Parameter subplans: all of the statement's, by their numbers.
  init(_ expressions: [BoundExpression], _ subplans: [Subplan]) {
    self.expressions = expressions
    self.subplans = Self.correlated(expressions, subplans)
  }

  /// The subqueries in `expressions` that depend on a row.
  private static func correlated(
    _ expressions: [BoundExpression], _ subplans: [Subplan]
  ) -> [(plan: Subplan, arguments: [BoundExpression])] {
    var found: [(plan: Subplan, arguments: [BoundExpression])] = []
    for expression in expressions {
      expression.walk { node in
        switch node {
        case .scalarSubquery(let subquery, _), .exists(let subquery),
          .quantified(_, _, let subquery, _, _):
          let plan = subplans[subquery.index]
          if plan.isCorrelated, !found.contains(where: { $0.plan === plan }) {
            found.append((plan, subquery.arguments))
          }
        default: break
        }
        return true
      }
    }
    return found
  }

  var isEmpty: Bool { expressions.isEmpty }

  /// Whether evaluating them may have to wait.
  var needsSubplans: Bool { !subplans.isEmpty }

  /// Runs the subqueries for a row.
  func prepare(_ row: Row, _ run: StatementRun) async throws {
    for (plan, arguments) in subplans { try await plan.run(arguments, for: row, in: run) }
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
