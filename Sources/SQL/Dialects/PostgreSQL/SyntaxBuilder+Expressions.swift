import CPGQuery

extension SyntaxBuilder {
  mutating func optional(_ node: NodePointer?) throws(SQLError) -> Expression? {
    guard let node else { return nil }
    return try expression(node)
  }

  mutating func expressions(_ items: NodeList?, _ count: Int) throws(SQLError) -> [Expression] {
    var expressions: [Expression] = []
    expressions.reserveCapacity(count)
    for node in nodes(items, count) { expressions.append(try expression(node)) }
    return expressions
  }

  mutating func expression(_ pointer: NodePointer?) throws(SQLError) -> Expression {
    guard let node = pointer?.pointee else { throw .featureNotSupported("an empty expression") }
    switch node.node_case {
    case PG_QUERY__NODE__NODE_A_CONST: return try constant(node.a_const.pointee)
    case PG_QUERY__NODE__NODE_COLUMN_REF: return try column(node.column_ref.pointee)
    case PG_QUERY__NODE__NODE_PARAM_REF:
      let parameter = node.param_ref.pointee
      parameterCount = max(parameterCount, Int(parameter.number))
      return .parameter(number: Int(parameter.number), position: position(parameter.location))
    case PG_QUERY__NODE__NODE_A_EXPR: return try operation(node.a_expr.pointee)
    case PG_QUERY__NODE__NODE_BOOL_EXPR: return try connective(node.bool_expr.pointee)
    case PG_QUERY__NODE__NODE_NULL_TEST:
      let test = node.null_test.pointee
      return .isNull(
        try expression(test.arg),
        negated: test.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL)
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST: return try truthTest(node.boolean_test.pointee)
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return .conditional(try conditional(node.case_expr.pointee))
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      let cast = node.type_cast.pointee
      return .cast(
        try expression(cast.arg), try type(cast.type_name), position: position(cast.location))
    case PG_QUERY__NODE__NODE_FUNC_CALL: return try functionCall(node.func_call.pointee)
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      let coalesce = node.coalesce_expr.pointee
      return .coalesce(
        try expressions(coalesce.args, coalesce.n_args), position: position(coalesce.location))
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      let extremum = node.min_max_expr.pointee
      return .extremum(
        try expressions(extremum.args, extremum.n_args),
        greatest: extremum.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST,
        position: position(extremum.location))
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return valueFunction(node.sqlvalue_function.pointee)
    case PG_QUERY__NODE__NODE_SUB_LINK: return try subquery(node.sub_link.pointee)
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
      return .defaultValue(position: position(node.set_to_default.pointee.location))
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      let clause = node.collate_clause.pointee
      let name = strings(clause.collname, clause.n_collname).last ?? ""
      try refuse(!["C", "POSIX", "default"].contains(name), "collation \"\(name)\"")
      return try expression(clause.arg)
    case PG_QUERY__NODE__NODE_ROW_EXPR: throw .featureNotSupported("a row expression")
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR: throw .featureNotSupported("an array")
    case PG_QUERY__NODE__NODE_A_INDIRECTION: throw .featureNotSupported("a subscript or field")
    default: throw .featureNotSupported("this kind of expression")
    }
  }

  private func constant(_ constant: PgQuery__AConst) throws(SQLError) -> Expression {
    let place = position(constant.location)
    if constant.isnull != 0 { return .literal(.null, position: place) }
    switch constant.val_case {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return .literal(.integer(Int64(constant.ival.pointee.ival)), position: place)
    case PG_QUERY__A__CONST__VAL_FVAL:
      let text = String(cString: constant.fval.pointee.fval)
      return .literal(Int64(text).map { .integer($0) } ?? .number(text), position: place)
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return .literal(.boolean(constant.boolval.pointee.boolval != 0), position: place)
    case PG_QUERY__A__CONST__VAL_SVAL:
      return .literal(.string(String(cString: constant.sval.pointee.sval)), position: place)
    default: throw .featureNotSupported("a bit string", position: place)
    }
  }

  private func column(_ reference: PgQuery__ColumnRef) throws(SQLError) -> Expression {
    let place = position(reference.location)
    let names = strings(reference.fields, reference.n_fields)
    guard names.count == reference.n_fields, let name = names.last else {
      throw .featureNotSupported("a whole-row reference", position: place)
    }
    return .column(
      ColumnReference(
        table: names.count > 1 ? names[names.count - 2] : nil, name: name, position: place))
  }

  private mutating func connective(_ node: PgQuery__BoolExpr) throws(SQLError) -> Expression {
    let terms = try expressions(node.args, node.n_args)
    switch node.boolop {
    case PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR: return .and(terms)
    case PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR: return .or(terms)
    default: return .not(terms[0])
    }
  }

  private mutating func truthTest(_ test: PgQuery__BooleanTest) throws(SQLError) -> Expression {
    let operand = try expression(test.arg)
    switch test.booltesttype {
    case PG_QUERY__BOOL_TEST_TYPE__IS_TRUE:
      return .truthTest(operand, truth: true, negated: false)
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE:
      return .truthTest(operand, truth: true, negated: true)
    case PG_QUERY__BOOL_TEST_TYPE__IS_FALSE:
      return .truthTest(operand, truth: false, negated: false)
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE:
      return .truthTest(operand, truth: false, negated: true)
    case PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN:
      return .truthTest(operand, truth: nil, negated: false)
    default: return .truthTest(operand, truth: nil, negated: true)
    }
  }

  private mutating func operation(_ node: PgQuery__AExpr) throws(SQLError) -> Expression {
    let place = position(node.location)
    let symbol = strings(node.name, node.n_name).last ?? ""
    if let compared = try rowComparison(node, symbol, place) { return compared }
    switch node.kind {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP: break
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT, PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
      return .isDistinct(
        try expression(node.lexpr), try expression(node.rexpr),
        negated: node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT, position: place)
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
      return .nullIf(try expression(node.lexpr), try expression(node.rexpr), position: place)
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      return .inList(
        try expression(node.lexpr), try list(node.rexpr), negated: symbol == "<>", position: place)
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE, PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
      return .like(
        try expression(node.lexpr),
        try likePattern(
          node.rexpr, ignoresCase: node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE),
        negated: symbol.hasPrefix("!"), position: place)
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN, PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN,
      PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM, PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
      let operand = try expression(node.lexpr)
      let bounds = try list(node.rexpr)
      return .between(
        operand,
        BetweenBounds(
          low: bounds[0], high: bounds[1],
          isSymmetric: node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM
            || node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM),
        negated: node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN
          || node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM,
        position: place)
    case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR: throw .featureNotSupported("SIMILAR TO")
    default: throw .featureNotSupported("a comparison with ANY or ALL of an array")
    }
    if let left = node.lexpr, ["~~", "!~~", "~~*", "!~~*"].contains(symbol) {
      let pattern = try likePattern(node.rexpr, ignoresCase: symbol.hasSuffix("*"))
      return .like(
        try expression(left), pattern, negated: symbol.hasPrefix("!"), position: place)
    }
    guard let left = node.lexpr else {
      guard let unary = UnaryOperator(rawValue: symbol) else {
        throw .featureNotSupported("the operator \(symbol)", position: place)
      }
      return .unary(unary, try expression(node.rexpr), position: place)
    }
    guard let binary = BinaryOperator(rawValue: symbol) else {
      throw .featureNotSupported("the operator \(symbol)", position: place)
    }
    return .binary(binary, try expression(left), try expression(node.rexpr), position: place)
  }

  /// `(a, b) = (1, 2)`, `(a, b) < (1, 2)` and `(a, b) IN ((1, 2), …)`, written out column by column.
  ///
  /// - Returns: `nil` if no row stands on the left.
  private mutating func rowComparison(
    _ node: PgQuery__AExpr, _ symbol: String, _ place: Int
  ) throws(SQLError) -> Expression? {
    guard let left = try row(node.lexpr) else { return nil }
    switch node.kind {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
      guard let right = try row(node.rexpr), let operation = BinaryOperator(rawValue: symbol) else {
        throw .featureNotSupported("a row expression", position: place)
      }
      return try comparison(operation, left, right, place)
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      var terms: [Expression] = []
      let list = node.rexpr?.pointee.list.pointee
      for member in nodes(list?.items, list?.n_items ?? 0) {
        guard let right = try row(member) else {
          throw .featureNotSupported("a row expression", position: place)
        }
        terms.append(try comparison(.equal, left, right, place))
      }
      return symbol == "<>" ? .not(.or(terms)) : .or(terms)
    default: throw .featureNotSupported("a row expression", position: place)
    }
  }

  private mutating func row(_ node: NodePointer?) throws(SQLError) -> [Expression]? {
    guard let node, node.pointee.node_case == PG_QUERY__NODE__NODE_ROW_EXPR else { return nil }
    let row = node.pointee.row_expr.pointee
    return try expressions(row.args, row.n_args)
  }

  private func comparison(
    _ operation: BinaryOperator, _ left: [Expression], _ right: [Expression], _ place: Int
  ) throws(SQLError) -> Expression {
    guard left.count == right.count else {
      throw .syntax("unequal number of entries in row expressions", position: place)
    }
    func term(_ operation: BinaryOperator, _ column: Int) -> Expression {
      .binary(operation, left[column], right[column], position: place)
    }
    let strict: BinaryOperator
    switch operation {
    case .equal: return .and(left.indices.map { term(.equal, $0) })
    case .notEqual: return .or(left.indices.map { term(.notEqual, $0) })
    case .less, .lessOrEqual: strict = .less
    case .greater, .greaterOrEqual: strict = .greater
    default: throw .featureNotSupported("a row expression", position: place)
    }
    // The first column that differs decides.
    let last = left.count - 1
    return (0..<last).reversed().reduce(term(operation, last)) { rest, column in
      .or([term(strict, column), .and([term(.equal, column), rest])])
    }
  }

  private mutating func list(_ node: NodePointer?) throws(SQLError) -> [Expression] {
    guard let node, node.pointee.node_case == PG_QUERY__NODE__NODE_LIST else {
      throw .featureNotSupported("this operand of IN or BETWEEN")
    }
    return try expressions(node.pointee.list.pointee.items, node.pointee.list.pointee.n_items)
  }

  /// `LIKE p ESCAPE e` arrives as a call of `like_escape(p, e)`.
  private mutating func likePattern(
    _ node: NodePointer?, ignoresCase: Bool
  ) throws(SQLError) -> LikePattern {
    let pattern = try expression(node)
    if case .function(let call) = pattern, call.name == "like_escape", call.arguments.count == 2 {
      return LikePattern(
        pattern: call.arguments[0], escape: call.arguments[1], ignoresCase: ignoresCase)
    }
    return LikePattern(pattern: pattern, ignoresCase: ignoresCase)
  }

  private mutating func conditional(_ node: PgQuery__CaseExpr) throws(SQLError) -> Conditional {
    let operand = try optional(node.arg)
    var branches: [Conditional.Branch] = []
    for branch in nodes(node.args, node.n_args) {
      let when = branch.pointee.case_when.pointee
      branches.append(
        Conditional.Branch(
          condition: try expression(when.expr), result: try expression(when.result)))
    }
    return Conditional(
      operand: operand, branches: branches, otherwise: try optional(node.defresult),
      position: position(node.location))
  }

  private mutating func functionCall(_ node: PgQuery__FuncCall) throws(SQLError) -> Expression {
    try refuse(node.over != nil, "a window function")
    try refuse(node.agg_within_group != 0, "WITHIN GROUP")
    try refuse(node.func_variadic != 0, "VARIADIC")
    let name = strings(node.funcname, node.n_funcname).last ?? ""
    return .function(
      FunctionCall(
        name: name, arguments: try expressions(node.args, node.n_args),
        isStar: node.agg_star != 0, isDistinct: node.agg_distinct != 0,
        orderBy: try ordering(node.agg_order, node.n_agg_order),
        filter: try optional(node.agg_filter), position: position(node.location)))
  }

  private func valueFunction(_ node: PgQuery__SQLValueFunction) -> Expression {
    let name =
      switch node.op {
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE: "current_date"
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP,
        PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
        "current_timestamp"
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP,
        PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
        "localtimestamp"
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER: "session_user"
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG: "current_database"
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA: "current_schema"
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME,
        PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
        "current_time"
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME,
        PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
        "localtime"
      default: "current_user"
      }
    return .function(FunctionCall(name: name, arguments: [], position: position(node.location)))
  }

  private mutating func subquery(_ link: PgQuery__SubLink) throws(SQLError) -> Expression {
    let place = position(link.location)
    guard let select = link.subselect?.pointee.select_stmt else {
      throw .featureNotSupported("this subquery", position: place)
    }
    let query = try query(select.pointee)
    let symbol = strings(link.oper_name, link.n_oper_name).last ?? "="
    switch (link.sub_link_type, symbol) {
    case (PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK, _): return .exists(query, position: place)
    case (PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK, _): return .scalarSubquery(query, position: place)
    case (PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK, _), (PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK, _):
      guard let operation = BinaryOperator(rawValue: symbol) else {
        throw .featureNotSupported("the operator \(symbol)", position: place)
      }
      return .quantified(
        try expression(link.testexpr), operation, query,
        isAll: link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK, position: place)
    case (PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK, _): throw .featureNotSupported("an array")
    default: throw .featureNotSupported("this subquery", position: place)
    }
  }
}
