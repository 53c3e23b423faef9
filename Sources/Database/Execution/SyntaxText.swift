import SQL

extension SQL.Expression {
  /// The expression as SQL that parses to the same again; for defaults, which the catalog keeps as text.
  ///
  /// - Throws: `0A000` for what makes no sense in a default, such as a subquery.
  func sqlText() throws(SQLError) -> String {
    func list(_ expressions: [SQL.Expression]) throws(SQLError) -> String {
      try expressions.map { (expression) throws(SQLError) in try expression.sqlText() }
        .joined(separator: ", ")
    }
    switch self {
    case .literal(let literal, _): return literal.sqlText
    case .unary(let operation, let operand, _):
      return "(\(operation.rawValue) \(try operand.sqlText()))"
    case .binary(let operation, let left, let right, _):
      return "(\(try left.sqlText()) \(operation.rawValue) \(try right.sqlText()))"
    case .and(let terms), .or(let terms):
      let word = if case .and = self { " AND " } else { " OR " }
      let texts = try terms.map { (term) throws(SQLError) in try term.sqlText() }
      return "(\(texts.joined(separator: word)))"
    case .not(let operand): return "(NOT \(try operand.sqlText()))"
    case .isNull(let operand, let negated):
      return "(\(try operand.sqlText()) IS \(negated ? "NOT " : "")NULL)"
    case .cast(let operand, let type, _): return "CAST(\(try operand.sqlText()) AS \(type.name))"
    case .coalesce(let expressions, _): return "COALESCE(\(try list(expressions)))"
    case .extremum(let expressions, let greatest, _):
      return "\(greatest ? "GREATEST" : "LEAST")(\(try list(expressions)))"
    case .function(let call):
      // Functions that the standard writes without brackets.
      let bare = [
        "current_date", "current_timestamp", "localtimestamp", "current_time", "localtime",
        "session_user", "current_user",
      ]
      if call.arguments.isEmpty, bare.contains(call.name) { return call.name.uppercased() }
      return "\(call.name)(\(try list(call.arguments)))"
    case .column(let reference):
      throw SQLError(
        sqlState: "0A000", message: "cannot use column reference in DEFAULT expression",
        position: reference.position)
    case .scalarSubquery(_, let position), .exists(_, let position),
      .quantified(_, _, _, _, let position):
      throw SQLError(
        sqlState: "0A000", message: "cannot use subquery in DEFAULT expression",
        position: position)
    default: throw .featureNotSupported("this DEFAULT expression", position: position)
    }
  }
}

extension Literal {
  var sqlText: String {
    switch self {
    case .null: "NULL"
    case .boolean(let value): value ? "TRUE" : "FALSE"
    case .integer(let value): "\(value)"
    case .number(let text): text
    case .string(let text):
      "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
    }
  }
}
