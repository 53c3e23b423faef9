import OrderedCollections

/// What one aggregate has gathered over the rows of one group.
public struct AggregateState: Sendable {
  private let aggregate: BoundAggregate
  private var count: Int64 = 0
  private var integerSum: Int128 = 0
  private var doubleSum = 0.0
  private var decimalSum = ExactDecimal.zero
  private var intervalSum = SQLInterval()
  /// The least or greatest value, or the truth so far.
  private var best = Value.null
  private var text = ""
  /// The values that DISTINCT has seen.
  private var seen = OrderedSet<Value>()
  /// The rows of an ordered aggregate, each with its sort keys, until the group is complete.
  private var waiting: [(keys: [Value], arguments: [Value])] = []

  public init(_ aggregate: BoundAggregate) { self.aggregate = aggregate }

  /// Takes in one row.
  public mutating func accumulate(
    row: [Value], parameters: [Value], context: any EvaluationContext
  ) throws(SQLError) {
    if let filter = aggregate.filter,
      try !filter.holds(row: row, parameters: parameters, context: context)
    {
      return
    }
    guard let argument = aggregate.arguments.first else {
      count += 1
      return
    }
    let value = try argument.evaluate(row: row, parameters: parameters, context: context)
    if value.isNull { return }
    if aggregate.isDistinct, !seen.append(value).inserted { return }
    var arguments = [value]
    for argument in aggregate.arguments.dropFirst() {
      arguments.append(try argument.evaluate(row: row, parameters: parameters, context: context))
    }
    guard aggregate.ordering.isEmpty else {
      let keys = try aggregate.ordering.map { (ordering) throws(SQLError) in
        try ordering.expression.evaluate(row: row, parameters: parameters, context: context)
      }
      waiting.append((keys, arguments))
      return
    }
    try add(arguments)
  }

  private mutating func add(_ arguments: [Value]) throws(SQLError) {
    count += 1
    let value = arguments[0]
    switch aggregate.function {
    case .count: break
    case .sum, .avg: try addToSum(value)
    case .min: if best.isNull || Value.order(value, best) < 0 { best = value }
    case .max: if best.isNull || Value.order(value, best) > 0 { best = value }
    case .boolAnd: if best.isNull || value == .boolean(false) { best = value }
    case .boolOr: if best.isNull || value == .boolean(true) { best = value }
    case .stringAgg:
      guard case .text(let addition) = value else { break }
      if count > 1, case .text(let separator) = arguments[1] { text += separator }
      text += addition
    }
  }

  private mutating func addToSum(_ value: Value) throws(SQLError) {
    switch value {
    case .integer(let value): integerSum += Int128(value)
    case .double(let value): doubleSum += value
    case .decimal(let value): decimalSum = try ExactDecimal.add(decimalSum, value)
    case .interval(let value): intervalSum = try TimeArithmetic.add(intervalSum, value)
    default: preconditionFailure("the binder let \(value) be summed")
    }
  }

  /// The value for the group; for a group without rows NULL, or 0 for a count.
  public func result() throws(SQLError) -> Value {
    guard waiting.isEmpty else { return try ordered().result() }
    if aggregate.function == .count { return .integer(count) }
    if count == 0 { return .null }
    switch aggregate.function {
    case .count: return .integer(count)
    case .min, .max, .boolAnd, .boolOr: return best
    case .stringAgg: return .text(text)
    case .sum: return try sum()
    case .avg: return try average()
    }
  }

  private func ordered() throws(SQLError) -> AggregateState {
    var state = self
    state.waiting = []
    let ordering = aggregate.ordering
    // The place of a row breaks ties, so that the order does not depend on the sort.
    let sorted = waiting.enumerated().sorted { left, right in
      for (index, key) in ordering.enumerated() {
        let order = key.order(left.element.keys[index], right.element.keys[index])
        if order != 0 { return order < 0 }
      }
      return left.offset < right.offset
    }
    for row in sorted { try state.add(row.element.arguments) }
    return state
  }

  private func sum() throws(SQLError) -> Value {
    switch aggregate.arguments[0].type.kind {
    case .smallint, .integer:
      guard let sum = Int64(exactly: integerSum) else { throw .numericValueOutOfRange(.bigint) }
      return .integer(sum)
    case .bigint: return .decimal(try ExactDecimal(significand: integerSum, scale: 0))
    case .real: return .double(Double(Float(doubleSum)))
    case .double: return .double(doubleSum)
    case .interval: return .interval(intervalSum)
    default: return .decimal(decimalSum)
    }
  }

  private func average() throws(SQLError) -> Value {
    switch aggregate.arguments[0].type.kind {
    case .smallint, .integer, .bigint:
      let sum = try ExactDecimal(significand: integerSum, scale: 0)
      return .decimal(try ExactDecimal.divide(sum, ExactDecimal(count)))
    case .real, .double: return .double(doubleSum / Double(count))
    case .interval: return .interval(try TimeArithmetic.scale(intervalSum, by: 1 / Double(count)))
    default: return .decimal(try ExactDecimal.divide(decimalSum, ExactDecimal(count)))
    }
  }
}
