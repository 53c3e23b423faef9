/// Arithmetic on two values of one type.
enum Arithmetic {
  @inline(__always)
  static func apply(
    _ operation: ArithmeticOperator, _ left: Value, _ right: Value, _ type: SQLType
  ) throws(SQLError) -> Value {
    if case .integer(let left) = left, case .integer(let right) = right {
      return try integers(operation, left, right, type)
    }
    return try others(operation, left, right, type)
  }

  private static func integers(
    _ operation: ArithmeticOperator, _ left: Int64, _ right: Int64, _ type: SQLType
  ) throws(SQLError) -> Value {
    let (result, overflow): (Int64, Bool)
    switch operation {
    case .add: (result, overflow) = left.addingReportingOverflow(right)
    case .subtract: (result, overflow) = left.subtractingReportingOverflow(right)
    case .multiply: (result, overflow) = left.multipliedReportingOverflow(by: right)
    case .divide:
      guard right != 0 else { throw .divisionByZero }
      (result, overflow) = left.dividedReportingOverflow(by: right)
    case .remainder:
      guard right != 0 else { throw .divisionByZero }
      (result, overflow) = (right == -1 ? 0 : left % right, false)
    case .and: (result, overflow) = (left & right, false)
    case .or: (result, overflow) = (left | right, false)
    case .xor: (result, overflow) = (left ^ right, false)
    case .shiftLeft, .shiftRight:
      return .integer(shift(operation, left, right, type))
    }
    if overflow || !type.integerRange.contains(result) { throw .numericValueOutOfRange(type) }
    return .integer(result)
  }

  /// Shifts within the width of the type, the distance taken modulo that width as the hardware
  /// does.
  private static func shift(
    _ operation: ArithmeticOperator, _ value: Int64, _ distance: Int64, _ type: SQLType
  ) -> Int64 {
    let isLeft = operation == .shiftLeft
    switch type.kind {
    case .bigint: return isLeft ? value << (distance & 63) : value >> (distance & 63)
    case .smallint:
      let narrow = Int16(truncatingIfNeeded: value)
      return Int64(isLeft ? narrow << (distance & 31) : narrow >> (distance & 31))
    default:
      let narrow = Int32(truncatingIfNeeded: value)
      return Int64(isLeft ? narrow << (distance & 31) : narrow >> (distance & 31))
    }
  }

  private static func others(
    _ operation: ArithmeticOperator, _ left: Value, _ right: Value, _ type: SQLType
  ) throws(SQLError) -> Value {
    switch (left, right) {
    case (.null, _), (_, .null): return .null
    case (.decimal(let left), .decimal(let right)):
      switch operation {
      case .add: return .decimal(try ExactDecimal.add(left, right))
      case .subtract: return .decimal(try ExactDecimal.subtract(left, right))
      case .multiply: return .decimal(try ExactDecimal.multiply(left, right))
      case .divide: return .decimal(try ExactDecimal.divide(left, right))
      case .remainder: return .decimal(try ExactDecimal.remainder(left, right))
      default: break
      }
    case (.double(let left), .double(let right)):
      return .double(try doubles(operation, left, right, type))
    default: break
    }
    preconditionFailure("the binder let \(operation) meet \(left) and \(right)")
  }

  private static func doubles(
    _ operation: ArithmeticOperator, _ left: Double, _ right: Double, _ type: SQLType
  ) throws(SQLError) -> Double {
    var result: Double
    switch operation {
    case .add: result = left + right
    case .subtract: result = left - right
    case .multiply: result = left * right
    case .divide:
      guard right != 0 || left.isNaN else { throw .divisionByZero }
      result = left / right
    default: preconditionFailure("the binder let \(operation) meet doubles")
    }
    if type.kind == .real { result = Double(Float(result)) }
    if result.isInfinite, left.isFinite, right.isFinite { throw .numericValueOutOfRange(type) }
    if result == 0, left != 0, operation == .multiply && right != 0 || operation == .divide,
      right.isFinite
    {
      throw .numericUnderflow
    }
    return result
  }

  static func negate(_ value: Value, _ type: SQLType) throws(SQLError) -> Value {
    switch value {
    case .null: return .null
    case .integer(let value):
      guard value != type.integerRange.lowerBound else { throw .numericValueOutOfRange(type) }
      return .integer(-value)
    case .decimal(let value): return .decimal(value.negated)
    case .double(let value): return .double(-value)
    default: preconditionFailure("the binder let \(value) be negated")
    }
  }
}
