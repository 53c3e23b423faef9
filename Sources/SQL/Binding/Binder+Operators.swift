extension Binder {
  func unary(
    _ operation: UnaryOperator, _ operand: BoundExpression, _ position: Int
  ) throws(SQLError) -> BoundExpression {
    let isUnknown = operand.type.kind == .unknown
    let operand = isUnknown ? try converted(operand, to: .double, position) : operand
    switch operation {
    case .plus where operand.type.isNumber: return operand
    case .minus where operand.type.isNumber: return folded(.negate(operand, operand.type))
    case .absolute where operand.type.isNumber:
      return try call("abs", [operand], position: position)
    case .bitwiseNot where operand.type.isInteger:
      let ones = BoundExpression.constant(.integer(-1), operand.type)
      return folded(.arithmetic(.xor, operand, ones, operand.type))
    default:
      guard let negated = try overload(operation.rawValue, [operand], position) else {
        throw .undefinedOperator(operation.rawValue, nil, operand.type, position: position)
      }
      return negated
    }
  }

  mutating func binary(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression, _ position: Int
  ) throws(SQLError) -> BoundExpression {
    let (left, right) = (try bindOperand(left), try bindOperand(right))
    let symbol = operation.rawValue
    if let comparison = ComparisonOperator(operation) {
      let (left, right, how) = try comparable(left, right, symbol, position)
      return folded(.comparison(comparison, left, right, how))
    }
    switch operation {
    case .concatenate: return try concatenation(left, right, position)
    case .power:
      let operands = try [left, right].map { (operand) throws(SQLError) in
        guard let power = try coerced(operand, to: .double, .assignment, position),
          operand.type.isNumber || operand.type.kind == .unknown
        else { throw .undefinedOperator(symbol, left.type, right.type, position: position) }
        return power
      }
      return try call("power", operands, position: position)
    default: return try arithmetic(operation, left, right, position)
    }
  }

  private func arithmetic(
    _ operation: BinaryOperator, _ left: BoundExpression, _ right: BoundExpression, _ position: Int
  ) throws(SQLError) -> BoundExpression {
    let symbol = operation.rawValue
    // An operand of unknown type is first taken to be of the other's.
    let leftType = left.type.kind == .unknown ? right.type : left.type
    let rightType = right.type.kind == .unknown ? left.type : right.type
    if leftType.isNumber, rightType.isNumber, let arithmetic = ArithmeticOperator(operation) {
      let type = Self.promoted(leftType, rightType)
      guard type.isInteger || arithmetic.isDefined(on: type) else {
        throw .undefinedOperator(symbol, left.type, right.type, position: position)
      }
      // A shift has the type of what is shifted; integers share a representation.
      let isShift = arithmetic == .shiftLeft || arithmetic == .shiftRight
      let result = isShift ? leftType.withoutModifier : type
      func operand(_ bound: BoundExpression) throws(SQLError) -> BoundExpression {
        if type.isInteger, bound.type.isInteger { return bound }
        return try converted(bound, to: type, position)
      }
      return folded(.arithmetic(arithmetic, try operand(left), try operand(right), result))
    }
    if leftType.kind != .unknown, left.type.kind == .unknown || right.type.kind == .unknown {
      let assumed = try? overload(
        symbol,
        [
          try coerced(left, to: leftType, .implicit, position) ?? left,
          try coerced(right, to: rightType, .implicit, position) ?? right,
        ], position)
      if let assumed { return assumed }
    }
    guard left.type.kind != .unknown || right.type.kind != .unknown else {
      throw SQLError(
        sqlState: "42725", message: "operator is not unique: unknown \(symbol) unknown",
        hint: "Could not choose a best candidate operator. You might need to add explicit type "
          + "casts.", position: position)
    }
    guard let bound = try overload(symbol, [left, right], position) else {
      throw .undefinedOperator(symbol, left.type, right.type, position: position)
    }
    return bound
  }

  /// The type in which two numbers are added: the wider, but double for a real and anything else.
  private static func promoted(_ left: SQLType, _ right: SQLType) -> SQLType {
    let kinds = [left.kind, right.kind]
    if kinds.contains(.real), kinds != [.real, .real] { return .double }
    if kinds.contains(.oid) { return kinds == [.oid, .oid] ? .oid : .bigint }
    let isLeftWider = left.numericRank ?? 0 >= right.numericRank ?? 0
    return (isLeftWider ? left : right).withoutModifier
  }

  private func concatenation(
    _ left: BoundExpression, _ right: BoundExpression, _ position: Int
  ) throws(SQLError) -> BoundExpression {
    let isText = [left, right].contains { $0.type.isText || $0.type.kind == .unknown }
    guard isText, let left = try coerced(left, to: .text, .assignment, position),
      let right = try coerced(right, to: .text, .assignment, position)
    else { throw .undefinedOperator("||", left.type, right.type, position: position) }
    return folded(.concatenate(left, right))
  }

  /// Brings two operands to one representation.
  ///
  /// What is alike already is left bare, an integer column next to a bigint parameter too, so that
  /// a planner finds `column = something`.
  func comparable(
    _ left: BoundExpression, _ right: BoundExpression, _ symbol: String, _ position: Int?
  ) throws(SQLError) -> (BoundExpression, BoundExpression, Comparison) {
    let (left, right) = (try settled(left, beside: right), try settled(right, beside: left))
    let (leftType, rightType) = (left.type, right.type)
    if leftType.isText, rightType.isText {
      if leftType.kind == .character, rightType.kind == .character {
        return (left, right, .withoutPadding)
      }
      return (
        leftType.kind == .character ? try converted(left, to: .text) : left,
        rightType.kind == .character ? try converted(right, to: .text) : right, .byValue
      )
    }
    if leftType.kind == rightType.kind || leftType.isTimestamp && rightType.isTimestamp
      || leftType.isInteger && rightType.isInteger
    {
      return (left, right, .byValue)
    }
    if leftType.isNumber, rightType.isNumber {
      let type = Self.promoted(leftType, rightType)
      return (
        try converted(left, to: type, position), try converted(right, to: type, position), .byValue
      )
    }
    if leftType.isDateOrTime, rightType.isDateOrTime {
      if let converted = try coerced(left, to: rightType, .implicit, position) {
        return (converted, right, .byValue)
      }
      if let converted = try coerced(right, to: leftType, .implicit, position) {
        return (left, converted, .byValue)
      }
    }
    throw .undefinedOperator(symbol, leftType, rightType, position: position)
  }

  /// An operand of unknown type takes that of the other; `text` if neither is known.
  private func settled(
    _ bound: BoundExpression, beside other: BoundExpression
  ) throws(SQLError) -> BoundExpression {
    guard bound.type.kind == .unknown else { return bound }
    let type = other.type.kind == .unknown ? .text : other.type.withoutModifier
    return try converted(bound, to: type)
  }
}

extension ComparisonOperator {
  init?(_ operation: BinaryOperator) {
    switch operation {
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    default: return nil
    }
  }
}

extension ArithmeticOperator {
  init?(_ operation: BinaryOperator) {
    switch operation {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    case .remainder: self = .remainder
    case .bitwiseAnd: self = .and
    case .bitwiseOr: self = .or
    case .bitwiseXor: self = .xor
    case .shiftLeft: self = .shiftLeft
    case .shiftRight: self = .shiftRight
    default: return nil
    }
  }

  /// Whether it is defined on a number that is no integer.
  func isDefined(on type: SQLType) -> Bool {
    switch self {
    case .add, .subtract, .multiply, .divide: true
    case .remainder: type.kind == .numeric
    case .and, .or, .xor, .shiftLeft, .shiftRight: false
    }
  }
}
