extension Binder {
  mutating func function(_ call: FunctionCall) throws(SQLError) -> BoundExpression {
    if let aggregate = AggregateFunction(name: call.name) {
      return try self.aggregate(aggregate, call)
    }
    let isPlain = !call.isStar && !call.isDistinct && call.orderBy.isEmpty && call.filter == nil
    let arguments = try call.arguments.map { (argument) throws(SQLError) in
      try bindOperand(argument)
    }
    guard isPlain else {
      throw SQLError(
        sqlState: "42809",
        message:
          "\(call.isStar ? "*" : "DISTINCT") specified, but \(call.name) is not an aggregate "
          + "function", position: call.position)
    }
    return try self.call(call.name, arguments, position: call.position)
  }

  func call(
    _ name: String, _ arguments: [BoundExpression], position: Int
  ) throws(SQLError) -> BoundExpression {
    if let bound = try overload(name, arguments, position) { return bound }
    if let bound = try systemCall(name, arguments, position) { return bound }
    throw .undefinedFunction(name, arguments.map(\.type), position: position)
  }

  private func systemCall(
    _ name: String, _ arguments: [BoundExpression], _ position: Int
  ) throws(SQLError) -> BoundExpression? {
    guard let function = SystemFunction.named(name),
      arguments.count <= function.arguments.count,
      arguments.count >= function.arguments.count - function.optionalCount
    else { return nil }
    var converted: [BoundExpression] = []
    for (argument, type) in zip(arguments, function.arguments) {
      guard let value = try coerced(argument, to: type, .implicit, position) else { return nil }
      converted.append(value)
    }
    return .systemCall(function, converted)
  }

  /// Picks the overload that takes most arguments as they are, then the one that converts to the
  /// most general types; `nil` if none takes them.
  func overload(
    _ name: String, _ arguments: [BoundExpression], _ position: Int
  ) throws(SQLError) -> BoundExpression? {
    var best: (function: ScalarFunction, score: Int)?
    for function in ScalarFunction.overloads(name) {
      guard let score = Self.score(function, arguments.map(\.type)) else { continue }
      if best == nil || score > best?.score ?? 0 { best = (function, score) }
    }
    guard let function = best?.function else { return nil }
    var converted: [BoundExpression] = []
    for (index, argument) in arguments.enumerated() {
      if function.isVariadic, argument.type.kind == .boolean {
        // Here a truth is printed, t or f, where a cast would spell it out.
        converted.append(
          .cast(argument, from: .boolean, to: .character(1), isExplicit: true))
        continue
      }
      let occasion: Coercion = function.isVariadic ? .assignment : .implicit
      guard
        let value = try coerced(argument, to: function.argumentType(index), occasion, position)
      else { return nil }
      converted.append(value)
    }
    return folded(.call(function, converted))
  }

  /// How well a function suits; `nil` if it does not.
  private static func score(_ function: ScalarFunction, _ types: [SQLType]) -> Int? {
    let count = function.arguments.count
    guard types.count == count || (function.isVariadic && types.count >= count) else { return nil }
    var score = 0
    for (index, type) in types.enumerated() {
      let wanted = function.argumentType(index)
      if type.kind == wanted.kind {
        score += 100
      } else if function.isVariadic || Coercion.allows(.implicit, from: type, to: wanted) {
        switch wanted.kind {
        case .double, .text, .timestampWithTimeZone, .interval: score += 1
        default: break
        }
      } else {
        return nil
      }
    }
    return score
  }

  private mutating func aggregate(
    _ function: AggregateFunction, _ call: FunctionCall
  ) throws(SQLError) -> BoundExpression {
    switch aggregatePlace {
    case .collected: break
    case .forbidden(let clause):
      throw .grouping(
        "aggregate functions are not allowed in \(clause)", position: call.position)
    case .nested:
      throw .grouping("aggregate function calls cannot be nested", position: call.position)
    }
    aggregatePlace = .nested
    defer { aggregatePlace = .collected }
    var arguments = try call.arguments.map { (argument) throws(SQLError) in
      try bindOperand(argument)
    }
    if !arguments.isEmpty, arguments.allSatisfy(\.columns.isEmpty),
      arguments.contains(where: readsOuterColumn)
    {
      // It would belong to the query around, and be computed over its rows.
      throw .featureNotSupported(
        "an aggregate of columns of an outer query", position: call.position)
    }
    let types = arguments.map(\.type)
    let count = call.isStar ? 0 : (function == .stringAgg ? 2 : 1)
    guard arguments.count == count, !call.isStar || function == .count else {
      throw .undefinedFunction(call.name, types, position: call.position)
    }
    if function == .stringAgg {
      arguments = try arguments.map { (argument) throws(SQLError) in
        guard let text = try coerced(argument, to: .text, .implicit, call.position) else {
          throw .undefinedFunction(call.name, types, position: call.position)
        }
        return text
      }
    } else if function == .boolAnd || function == .boolOr {
      arguments = [try converted(arguments[0], to: .boolean, call.position)]
    } else {
      arguments = try arguments.map { (argument) throws(SQLError) in
        let argument = try decided(argument)
        // Text of every kind is compared, and returned, as text.
        guard function == .min || function == .max, argument.type.isText else { return argument }
        return try converted(argument, to: .text, call.position)
      }
    }
    guard let type = function.result(arguments.first?.type ?? .bigint) else {
      throw .undefinedFunction(call.name, types, position: call.position)
    }
    let filter = try call.filter.map { (filter) throws(SQLError) in
      try condition(filter, in: "FILTER")
    }
    var ordering: [BoundOrdering] = []
    for term in call.orderBy {
      ordering.append(
        BoundOrdering(
          expression: try decided(try bindOperand(term.expression)),
          isDescending: term.isDescending, nullsFirst: term.nullsFirst))
    }
    let bound = BoundAggregate(
      function: function, arguments: arguments, isDistinct: call.isDistinct, filter: filter,
      ordering: ordering, type: type)
    if let index = aggregates.firstIndex(of: bound) { return .aggregate(index, type) }
    aggregates.append(bound)
    return .aggregate(aggregates.count - 1, type)
  }

  /// Finds a function that stands in FROM, its arguments converted; they read no column.
  ///
  /// A function that is not set-returning yields one row of one column there, and has no
  /// `TableFunction`: for those the result is `nil`, and ``bind(_:in:)`` binds the call.
  public mutating func bindTableFunction(
    _ call: FunctionCall
  ) throws(SQLError) -> (function: TableFunction, arguments: [BoundExpression])? {
    let candidates = TableFunction.all.filter { $0.name == call.name }
    guard !candidates.isEmpty else { return nil }
    aggregatePlace = .forbidden("functions in FROM")
    let arguments = try call.arguments.map { (argument) throws(SQLError) in
      try bindOperand(argument)
    }
    for function in candidates where function.arguments.count == arguments.count {
      let fits = zip(arguments, function.arguments).allSatisfy {
        Coercion.allows(.implicit, from: $0.type, to: $1)
      }
      guard fits else { continue }
      var converted: [BoundExpression] = []
      for (argument, type) in zip(arguments, function.arguments) {
        converted.append(try self.converted(argument, to: type, call.position))
      }
      return (function, converted)
    }
    throw .undefinedFunction(call.name, arguments.map(\.type), position: call.position)
  }

  private func readsOuterColumn(_ expression: BoundExpression) -> Bool {
    var found = false
    expression.walk { node in
      if case .parameter(let index, _) = node, index >= parameters.firstOuter { found = true }
      return !found
    }
    return found
  }
}
