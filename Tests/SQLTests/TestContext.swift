import SQL

/// An engine that is asked nothing but the time, chance and one system function.
final class TestContext: EvaluationContext {
  let transactionTimestamp: Int64 = 1_000_000
  let statementTimestamp: Int64 = 2_000_000
  let clockTimestamp: Int64 = 3_000_000
  private var draws = 0
  var subqueries: [[Value]] = []

  func randomDouble() -> Double {
    draws += 1
    return Double(draws) / 8
  }

  func subqueryRows(_ index: Int) -> [Value] { subqueries[index] }

  func systemFunction(_ name: String, _ arguments: [Value]) throws(SQLError) -> Value {
    switch name {
    case "pg_is_in_recovery": .boolean(false)
    case "aurora_inject_crash": arguments[0]
    default: throw .featureNotSupported(name)
    }
  }
}

/// Binds `SELECT` of one expression over `scope`.
func bind(
  _ text: String, over scope: Scope = Scope(), parameters: ParameterTypes? = nil
) throws -> BoundExpression {
  let parsed = try PostgreSQLParser.parse("SELECT " + text)[0]
  guard case .select(let query) = parsed.statement, case .select(let select) = query.body else {
    throw SQLError.featureNotSupported("what is no SELECT")
  }
  var binder = Binder(
    scope: scope, parameters: parameters ?? ParameterTypes(count: parsed.parameterCount))
  return try binder.bind(select).columns[0].expression
}

/// What `SELECT` of the expression prints: the value, `<NULL>` or `ERROR`, SQLSTATE and message.
func answer(
  _ text: String, over scope: Scope = Scope(), row: [Value] = [], parameters: [Value] = []
) -> String {
  do {
    let bound = try bind(text, over: scope)
    let value = try bound.evaluate(row: row, parameters: parameters, context: TestContext())
    return value.text(as: bound.type) ?? "<NULL>"
  } catch let error as SQLError {
    return "ERROR \(error.sqlState): \(error.message)"
  } catch {
    return "\(error)"
  }
}
