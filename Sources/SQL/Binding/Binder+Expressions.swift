extension Binder {
  /// Binds an expression whose type may stay `unknown`.
  mutating func bindOperand(_ expression: Expression) throws(SQLError) -> BoundExpression {
    switch expression {
    case .literal(let literal, _): return try constant(literal)
    case .column(let reference): return try column(reference)
    case .parameter(let number, let position):
      guard (1...max(parameters.count, 1)).contains(number), parameters.count > 0 else {
        throw .undefinedParameter(number, position: position)
      }
      parameters.noteName(of: number - 1)
      return .parameter(number - 1, parameters[number - 1])
    case .unary(let operation, let operand, let position):
      return try unary(operation, try bindOperand(operand), position)
    case .binary(let operation, let left, let right, let position):
      return try binary(operation, left, right, position)
    case .and(let terms):
      return folded(
        .and(try terms.map { (term) throws(SQLError) in try condition(term, in: "AND") }))
    case .or(let terms):
      return folded(.or(try terms.map { (term) throws(SQLError) in try condition(term, in: "OR") }))
    case .not(let operand): return folded(.not(try condition(operand, in: "NOT")))
    case .isNull(let operand, let negated):
      return folded(.isNull(try decided(try bindOperand(operand)), negated: negated))
    case .truthTest(let operand, let truth, let negated):
      let word = truth.map { $0 ? "TRUE" : "FALSE" } ?? "UNKNOWN"
      return folded(
        .truthTest(
          try condition(operand, in: "IS \(negated ? "NOT " : "")\(word)"), truth: truth,
          negated: negated))
    case .isDistinct(let left, let right, let negated, let position):
      let (left, right, how) = try comparable(
        try bindOperand(left), try bindOperand(right), "=", position)
      return folded(.distinctness(left, right, negated: negated, how))
    case .between(let operand, let bounds, let negated, let position):
      return try between(operand, bounds, negated, position)
    case .inList(let operand, let list, let negated, let position):
      return try inList(operand, list, negated, position)
    case .like(let operand, let pattern, let negated, let position):
      return try like(operand, pattern, negated, position)
    case .conditional(let conditional): return try bind(conditional)
    case .cast(let operand, let type, let position):
      let bound = try bindOperand(operand)
      guard let cast = try coerced(bound, to: type, .explicit, operand.position ?? position) else {
        throw .cannotCast(from: bound.type, to: type, position: position)
      }
      return cast
    case .function(let call): return try function(call)
    case .coalesce(let list, let position):
      let (values, type) = try unified(list, "COALESCE", position)
      return folded(.coalesce(values, type))
    case .extremum(let list, let greatest, let position):
      let (values, type) = try unified(list, greatest ? "GREATEST" : "LEAST", position)
      return folded(.extremum(values, greatest: greatest, type))
    case .nullIf(let left, let right, let position):
      let first = try bindOperand(left)
      let (compared, other, how) = try comparable(first, try bindOperand(right), "=", position)
      return folded(.nullIf(compared, other, compared.type, how))
    case .scalarSubquery, .exists, .quantified: return try subquery(expression)
    case .defaultValue(let position):
      throw .syntax("DEFAULT is not allowed in this context", position: position)
    }
  }

  private func constant(_ literal: Literal) throws(SQLError) -> BoundExpression {
    switch literal {
    case .null: return .constant(.null, .unknown)
    case .boolean(let value): return .constant(.boolean(value), .boolean)
    case .string(let text): return .constant(.text(text), .unknown)
    case .integer(let value):
      let fits = SQLType.integer.integerRange.contains(value)
      return .constant(.integer(value), fits ? .integer : .bigint)
    case .number(let text):
      // What has too many digits for a numeric here is approximated.
      if let value = try? ExactDecimal.parse(text) { return .constant(.decimal(value), .numeric) }
      return .constant(try Value.parse(text, as: .double), .double)
    }
  }

  /// Binds a list to its common type.
  private mutating func unified(
    _ list: [Expression], _ construct: String, _ position: Int?
  ) throws(SQLError) -> ([BoundExpression], SQLType) {
    let bound = try list.map { (operand) throws(SQLError) in try bindOperand(operand) }
    let type = try common(bound, construct, position: position)
    let values = try bound.map { (operand) throws(SQLError) in
      try converted(operand, to: type, position)
    }
    return (values, type)
  }

  private mutating func bind(_ conditional: Conditional) throws(SQLError) -> BoundExpression {
    let operand = try conditional.operand.map { (operand) throws(SQLError) in
      try bindOperand(operand)
    }
    var conditions: [BoundExpression] = []
    var results: [BoundExpression] = []
    for branch in conditional.branches {
      if let operand {
        let position = branch.condition.position
        let (left, right, how) = try comparable(
          operand, try bindOperand(branch.condition), "=", position)
        conditions.append(folded(.comparison(.equal, left, right, how)))
      } else {
        conditions.append(try condition(branch.condition, in: "CASE/WHEN"))
      }
      results.append(try bindOperand(branch.result))
    }
    if let otherwise = conditional.otherwise {
      results.append(try bindOperand(otherwise))
    } else {
      results.append(.constant(.null, .unknown))
    }
    // ELSE comes first where the type is chosen.
    let type = try common(
      [results[results.count - 1]] + results.dropLast(), "CASE", position: conditional.position)
    let values = try results.map { (result) throws(SQLError) in
      try converted(result, to: type, conditional.position)
    }
    let branches = zip(conditions, values).map { BoundBranch(condition: $0, result: $1) }
    return folded(.conditional(branches, otherwise: values[branches.count], type))
  }

  private mutating func between(
    _ operand: Expression, _ bounds: BetweenBounds, _ negated: Bool, _ position: Int
  ) throws(SQLError) -> BoundExpression {
    let value = try bindOperand(operand)
    let (low, high) = (try bindOperand(bounds.low), try bindOperand(bounds.high))
    func within(_ low: BoundExpression, _ high: BoundExpression) throws(SQLError) -> BoundExpression
    {
      let (aboveLeft, aboveRight, above) = try comparable(value, low, ">=", position)
      let (belowLeft, belowRight, below) = try comparable(value, high, "<=", position)
      return folded(
        .and([
          folded(.comparison(.greaterOrEqual, aboveLeft, aboveRight, above)),
          folded(.comparison(.lessOrEqual, belowLeft, belowRight, below)),
        ]))
    }
    var result = try within(low, high)
    if bounds.isSymmetric { result = folded(.or([result, try within(high, low)])) }
    return negated ? folded(.not(result)) : result
  }

  private mutating func inList(
    _ operand: Expression, _ list: [Expression], _ negated: Bool, _ position: Int
  ) throws(SQLError) -> BoundExpression {
    let value = try bindOperand(operand)
    let members = try list.map { (member) throws(SQLError) in try bindOperand(member) }
    // All sides meet in one type, so that one comparison serves every member.
    guard let type = Coercion.common([value.type] + members.map(\.type)) else {
      let other = members.first { Coercion.common([value.type, $0.type]) == nil }
      throw .undefinedOperator(
        negated ? "<>" : "=", value.type, other?.type ?? .unknown, position: position)
    }
    let representation = SQLType(type.kind)
    func member(_ bound: BoundExpression, _ position: Int?) throws(SQLError) -> BoundExpression {
      if bound.type.isInteger, representation.isInteger { return bound }
      return try converted(bound, to: representation, position)
    }
    var candidates: [BoundExpression] = []
    for (bound, syntax) in zip(members, list) {
      candidates.append(try member(bound, syntax.position))
    }
    return folded(
      .inList(
        try member(value, operand.position), candidates, negated: negated,
        type.kind == .character ? .withoutPadding : .byValue))
  }

  private mutating func like(
    _ operand: Expression, _ pattern: LikePattern, _ negated: Bool, _ position: Int
  ) throws(SQLError) -> BoundExpression {
    let symbol = (negated ? "!" : "") + (pattern.ignoresCase ? "~~*" : "~~")
    let (text, shape) = (try bindOperand(operand), try bindOperand(pattern.pattern))
    guard text.type.isText || text.type.kind == .unknown,
      shape.type.isText || shape.type.kind == .unknown
    else { throw .undefinedOperator(symbol, text.type, shape.type, position: position) }
    let escape = try pattern.escape.map { (escape) throws(SQLError) in
      try converted(try bindOperand(escape), to: .text, position)
    }
    let bound = BoundLikePattern(
      pattern: try converted(shape, to: .text, position), escape: escape,
      ignoresCase: pattern.ignoresCase)
    // Unlike in other comparisons, the blanks that pad a character(n) count here.
    let subject = text.type.kind == .character ? text : try converted(text, to: .text, position)
    return folded(.like(subject, bound, negated: negated))
  }

  private mutating func subquery(_ expression: Expression) throws(SQLError) -> BoundExpression {
    func plan(
      _ query: Query, _ position: Int
    ) throws(SQLError) -> (subquery: BoundSubquery, columns: [SQLType]) {
      guard let subqueries else {
        throw .featureNotSupported("a subquery in this place", position: position)
      }
      return try subqueries.bind(subquery: query, parameters: parameters)
    }
    switch expression {
    case .exists(let query, let position): return .exists(try plan(query, position).subquery)
    case .scalarSubquery(let query, let position):
      let (subquery, columns) = try plan(query, position)
      guard columns.count == 1 else {
        throw .syntax("subquery must return only one column", position: position)
      }
      return .scalarSubquery(subquery, columns[0])
    case .quantified(let operand, let operation, let query, let isAll, let position):
      let value = try bindOperand(operand)
      let (subquery, columns) = try plan(query, position)
      guard columns.count == 1 else {
        throw .syntax("subquery has too many columns", position: position)
      }
      guard let comparison = ComparisonOperator(operation) else {
        throw .featureNotSupported(
          "the operator \(operation.rawValue) with ANY or ALL of a subquery", position: position)
      }
      let (left, right, how) = try comparable(
        value, .scalarSubquery(subquery, columns[0]), operation.rawValue, position)
      if right.type != columns[0] {
        subqueries?.convert(subquery, from: columns[0], to: right.type)
      }
      return .quantified(left, comparison, subquery, isAll: isAll, how)
    default: preconditionFailure("not a subquery")
    }
  }
}
