import SQL

extension SQL.Expression {
  /// The same expression with `transform` of each column in place of the column; subqueries are left
  /// alone.
  func replacingColumns(
    _ transform: (ColumnReference) throws(SQLError) -> SQL.Expression
  ) throws(SQLError) -> SQL.Expression {
    func inner(_ operand: SQL.Expression) throws(SQLError) -> SQL.Expression {
      try operand.replacingColumns(transform)
    }
    func all(_ list: [SQL.Expression]) throws(SQLError) -> [SQL.Expression] {
      try list.map(inner)
    }
    switch self {
    case .literal, .parameter, .scalarSubquery, .exists, .defaultValue: return self
    case .column(let reference): return try transform(reference)
    case .unary(let operation, let operand, let position):
      return .unary(operation, try inner(operand), position: position)
    case .binary(let operation, let left, let right, let position):
      return .binary(operation, try inner(left), try inner(right), position: position)
    case .and(let terms): return .and(try all(terms))
    case .or(let terms): return .or(try all(terms))
    case .not(let operand): return .not(try inner(operand))
    case .isNull(let operand, let negated): return .isNull(try inner(operand), negated: negated)
    case .truthTest(let operand, let truth, let negated):
      return .truthTest(try inner(operand), truth: truth, negated: negated)
    case .isDistinct(let left, let right, let negated, let position):
      return .isDistinct(try inner(left), try inner(right), negated: negated, position: position)
    case .between(let operand, var bounds, let negated, let position):
      bounds.low = try inner(bounds.low)
      bounds.high = try inner(bounds.high)
      return .between(try inner(operand), bounds, negated: negated, position: position)
    case .inList(let operand, let list, let negated, let position):
      return .inList(try inner(operand), try all(list), negated: negated, position: position)
    case .quantified(let operand, let operation, let query, let isAll, let position):
      return .quantified(try inner(operand), operation, query, isAll: isAll, position: position)
    case .like(let operand, var pattern, let negated, let position):
      pattern.pattern = try inner(pattern.pattern)
      pattern.escape = try pattern.escape.map(inner)
      return .like(try inner(operand), pattern, negated: negated, position: position)
    case .conditional(var conditional):
      conditional.operand = try conditional.operand.map(inner)
      for index in conditional.branches.indices {
        conditional.branches[index].condition = try inner(conditional.branches[index].condition)
        conditional.branches[index].result = try inner(conditional.branches[index].result)
      }
      conditional.otherwise = try conditional.otherwise.map(inner)
      return .conditional(conditional)
    case .cast(let operand, let type, let position):
      return .cast(try inner(operand), type, position: position)
    case .function(var call):
      call.arguments = try all(call.arguments)
      for index in call.orderBy.indices {
        call.orderBy[index].expression = try inner(call.orderBy[index].expression)
      }
      call.filter = try call.filter.map(inner)
      return .function(call)
    case .coalesce(let list, let position): return .coalesce(try all(list), position: position)
    case .extremum(let list, let greatest, let position):
      return .extremum(try all(list), greatest: greatest, position: position)
    case .nullIf(let left, let right, let position):
      return .nullIf(try inner(left), try inner(right), position: position)
    }
  }
}
