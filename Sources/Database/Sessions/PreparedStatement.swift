import SQL
import Wire

/// A statement that a client has prepared.
final class PreparedStatement {
  let name: String
  let text: String
  /// `nil` for an empty text.
  let entry: PlanCache.Entry?
  let declared: [SQLType?]
  /// What the client was told of it; `nil` for an empty text.
  var plan: Plan?

  init(
    name: String, text: String, entry: PlanCache.Entry?, declared: [SQLType?], plan: Plan?
  ) {
    (self.name, self.text, self.entry) = (name, text, entry)
    (self.declared, self.plan) = (declared, plan)
  }

  var statement: Statement? { entry?.statements.first?.statement }
}

/// A prepared statement with values for its parameters, on its way through its rows.
final class Portal {
  let prepared: PreparedStatement
  let parameters: [Value]
  let formats: FormatCodes
  /// Set once it has been started with a limit: its own execution, which goes on later.
  var run: StatementRun?
  /// Set once it has been executed.
  var plan: Plan?
  var rows: (any RowSource)?
  /// Rows that came in the last batch and were not wanted yet.
  var waiting: ArraySlice<Row> = []
  var count = 0
  var isDone = false

  init(prepared: PreparedStatement, parameters: [Value], formats: FormatCodes) {
    (self.prepared, self.parameters, self.formats) = (prepared, parameters, formats)
  }
}
