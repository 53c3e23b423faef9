/// The values of `generate_series(start, stop, step)`, both ends included.
public struct Series: Sequence, IteratorProtocol, Sendable {
  private var upcoming: Value?
  private let stop: Value
  private let step: Value
  private let isDescending: Bool
  private let type: SQLType

  init(_ arguments: [Value], type: SQLType) throws(SQLError) {
    self.type = type
    stop = arguments[1]
    let step = arguments.count > 2 ? arguments[2] : Self.one(type)
    self.step = step
    let zero = Self.zero(step)
    let sign = step.isNull ? 0 : Value.order(step, zero)
    if sign == 0, !step.isNull { throw .invalidArgument("step size cannot equal zero") }
    isDescending = sign < 0
    let hasNull = arguments.contains(where: \.isNull)
    upcoming = hasNull ? nil : arguments[0]
  }

  public mutating func next() -> Value? {
    guard let current = upcoming else { return nil }
    let order = Value.order(current, stop)
    guard isDescending ? order >= 0 : order <= 0 else { return nil }
    upcoming = successor(of: current)
    return current
  }

  /// The value one step on; `nil` past the end of the type, where the series ends.
  private func successor(of value: Value) -> Value? {
    switch (value, step) {
    case (.integer(let value), .integer(let step)):
      let (sum, overflow) = value.addingReportingOverflow(step)
      return overflow ? nil : .integer(sum)
    case (.decimal(let value), .decimal(let step)):
      return (try? ExactDecimal.add(value, step)).map { .decimal($0) }
    case (.timestamp(let value), .interval(let step)):
      return (try? TimeArithmetic.add(value, step, type)).map { .timestamp($0) }
    default: preconditionFailure("a series of \(value) by \(step)")
    }
  }

  private static func one(_ type: SQLType) -> Value {
    type.kind == .numeric ? .decimal(ExactDecimal(1)) : .integer(1)
  }

  private static func zero(_ step: Value) -> Value {
    switch step {
    case .decimal: .decimal(.zero)
    case .interval: .interval(SQLInterval())
    default: .integer(0)
    }
  }
}
