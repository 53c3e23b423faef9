extension BoundExpression {
  /// Computes the value for one row.
  ///
  /// - Parameters:
  ///   - row: the flat row that columns index; may be empty if there are none.
  ///   - parameters: cast to the types that the binder inferred.
  public func evaluate(
    row: [Value], parameters: [Value], context: any EvaluationContext
  ) throws(SQLError) -> Value {
    switch self {
    case .constant(let value, _): return value
    case .column(let index, _): return row[index]
    case .parameter(let index, _): return parameters[index]
    case .comparison(let comparison, let left, let right, let how):
      let left = try left.evaluate(row: row, parameters: parameters, context: context)
      let right = try right.evaluate(row: row, parameters: parameters, context: context)
      if left.isNull || right.isNull { return .null }
      return .boolean(comparison.holds(how.order(left, right)))
    case .arithmetic(let operation, let left, let right, let type):
      let left = try left.evaluate(row: row, parameters: parameters, context: context)
      let right = try right.evaluate(row: row, parameters: parameters, context: context)
      return try Arithmetic.apply(operation, left, right, type)
    case .and(let terms):
      var result = Value.boolean(true)
      for term in terms {
        switch try term.evaluate(row: row, parameters: parameters, context: context) {
        case .boolean(true): continue
        case .boolean(false): return .boolean(false)
        default: result = .null
        }
      }
      return result
    case .or(let terms):
      var result = Value.boolean(false)
      for term in terms {
        switch try term.evaluate(row: row, parameters: parameters, context: context) {
        case .boolean(false): continue
        case .boolean(true): return .boolean(true)
        default: result = .null
        }
      }
      return result
    case .not(let operand):
      let value = try operand.evaluate(row: row, parameters: parameters, context: context)
      guard case .boolean(let truth) = value else { return .null }
      return .boolean(!truth)
    case .isNull(let operand, let negated):
      let value = try operand.evaluate(row: row, parameters: parameters, context: context)
      return .boolean(value.isNull != negated)
    case .cast(let operand, let source, let target, let isExplicit):
      let value = try operand.evaluate(row: row, parameters: parameters, context: context)
      return try value.cast(from: source, to: target, isExplicit: isExplicit)
    default: return try evaluateRarer(row: row, parameters: parameters, context: context)
    }
  }

  /// Whether a condition holds: NULL is not enough.
  public func holds(
    row: [Value], parameters: [Value], context: any EvaluationContext
  ) throws(SQLError) -> Bool {
    if case .boolean(true) = try evaluate(row: row, parameters: parameters, context: context) {
      return true
    }
    return false
  }

  private func evaluateRarer(
    row: [Value], parameters: [Value], context: any EvaluationContext
  ) throws(SQLError) -> Value {
    func value(_ operand: BoundExpression) throws(SQLError) -> Value {
      try operand.evaluate(row: row, parameters: parameters, context: context)
    }
    switch self {
    case .negate(let operand, let type): return try Arithmetic.negate(try value(operand), type)
    case .distinctness(let left, let right, let negated, let how):
      let (left, right) = (try value(left), try value(right))
      let isDistinct =
        left.isNull || right.isNull
        ? left.isNull != right.isNull : how.order(left, right) != 0
      return .boolean(isDistinct != negated)
    case .truthTest(let operand, let truth, let negated):
      let matches =
        switch (try value(operand), truth) {
        case (.boolean(let value), let truth?): value == truth
        case (let value, nil): value.isNull
        default: false
        }
      return .boolean(matches != negated)
    case .like(let operand, let pattern, let negated):
      guard case .text(let text) = try value(operand),
        case .text(let shape) = try value(pattern.pattern)
      else { return .null }
      var escape = "\\"
      if let expression = pattern.escape {
        guard case .text(let text) = try value(expression) else { return .null }
        escape = text
      }
      return .boolean(
        try PatternMatching.matches(
          text, shape, escape: escape, ignoresCase: pattern.ignoresCase) != negated)
    case .inList(let operand, let list, let negated, let how):
      return Self.membership(try value(operand), try list.map(value), negated, how)
    case .quantified(let operand, let comparison, let subquery, let isAll, let how):
      return Self.quantified(
        try value(operand), comparison, context.subqueryRows(subquery.index), isAll: isAll, how)
    case .scalarSubquery(let subquery, _):
      let rows = context.subqueryRows(subquery.index)
      guard rows.count <= 1 else {
        throw SQLError(
          sqlState: "21000",
          message: "more than one row returned by a subquery used as an expression")
      }
      return rows.first ?? .null
    case .exists(let subquery): return .boolean(!context.subqueryRows(subquery.index).isEmpty)
    case .conditional(let branches, let otherwise, _):
      for branch in branches {
        if case .boolean(true) = try value(branch.condition) { return try value(branch.result) }
      }
      return try value(otherwise)
    case .coalesce(let list, _):
      for operand in list {
        let value = try value(operand)
        if !value.isNull { return value }
      }
      return .null
    case .extremum(let list, let greatest, _):
      var best = Value.null
      for operand in list {
        let value = try value(operand)
        if value.isNull { continue }
        if best.isNull || (Value.order(value, best) > 0) == greatest { best = value }
      }
      return best
    case .nullIf(let left, let right, let type, let how):
      let (left, right) = (try value(left), try value(right))
      if !left.isNull, !right.isNull, how.order(left, right) == 0 { return .null }
      return try left.cast(from: type, to: type)
    case .concatenate(let left, let right):
      guard case .text(let left) = try value(left), case .text(let right) = try value(right) else {
        return .null
      }
      return .text(left + right)
    case .call(let function, let arguments):
      return try function.call(try arguments.map(value), context)
    case .systemCall(let function, let arguments):
      return try context.systemFunction(function.name, try arguments.map(value))
    case .aggregate: preconditionFailure("an aggregate outside of a grouped row")
    default: preconditionFailure("evaluate(row:parameters:context:) handles this node")
    }
  }

  /// `IN`: NULL if nothing equals but something is NULL.
  private static func membership(
    _ value: Value, _ members: [Value], _ negated: Bool, _ how: Comparison
  ) -> Value {
    if members.isEmpty { return .boolean(negated) }
    if value.isNull { return .null }
    var sawNull = false
    for member in members {
      if member.isNull {
        sawNull = true
      } else if how.order(value, member) == 0 {
        return .boolean(!negated)
      }
    }
    return sawNull ? .null : .boolean(negated)
  }

  /// One false comparison decides ALL, one true comparison ANY; without that, a NULL leaves it open.
  private static func quantified(
    _ value: Value, _ comparison: ComparisonOperator, _ members: [Value], isAll: Bool,
    _ how: Comparison
  ) -> Value {
    var sawNull = false
    for member in members {
      if value.isNull || member.isNull {
        sawNull = true
      } else if comparison.holds(how.order(value, member)) != isAll {
        return .boolean(!isAll)
      }
    }
    return sawNull ? .null : .boolean(isAll)
  }
}
