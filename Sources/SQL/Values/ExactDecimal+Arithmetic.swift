extension ExactDecimal {
  static func add(_ left: Self, _ right: Self) throws(SQLError) -> Self {
    let scale = max(left.scale, right.scale)
    let (left, right) = (try left.rounded(toScale: scale), try right.rounded(toScale: scale))
    return try ExactDecimal(significand: left.significand + right.significand, scale: scale)
  }

  static func subtract(_ left: Self, _ right: Self) throws(SQLError) -> Self {
    try add(left, right.negated)
  }

  /// The scale of a product is the sum of the scales, as PostgreSQL's is.
  static func multiply(_ left: Self, _ right: Self) throws(SQLError) -> Self {
    let (product, overflow) = left.significand.multipliedReportingOverflow(by: right.significand)
    guard !overflow else { throw .numericValueOutOfRange(.numeric) }
    return try ExactDecimal(significand: product, scale: left.scale + right.scale)
  }

  /// A quotient has at least 16 significant digits and no smaller scale than its operands.
  static func divide(_ left: Self, _ right: Self) throws(SQLError) -> Self {
    guard right.significand != 0 else { throw .divisionByZero }
    let scale = min(quotientScale(left, right), maximumDigits)
    let shift = scale + right.scale - left.scale
    // left.significand × 10^shift ÷ right.significand, in 256 bits, rounded half away from zero.
    let divisor = right.significand.magnitude
    guard shift <= maximumDigits else { throw .numericValueOutOfRange(.numeric) }
    guard shift >= 0 else {
      let (wide, overflow) = divisor.multipliedReportingOverflow(by: powerOfTen(-shift))
      guard !overflow else { return ExactDecimal(uncheckedSignificand: 0, scale: scale) }
      return try quotient(
        (high: 0, low: left.significand.magnitude), wide,
        isNegative: left.isNegative != right.isNegative,
        scale: scale)
    }
    let dividend = left.significand.magnitude.multipliedFullWidth(by: powerOfTen(shift))
    return try quotient(
      dividend, divisor, isNegative: left.isNegative != right.isNegative, scale: scale)
  }

  static func remainder(_ left: Self, _ right: Self) throws(SQLError) -> Self {
    guard right.significand != 0 else { throw .divisionByZero }
    let scale = max(left.scale, right.scale)
    let (left, right) = (try left.rounded(toScale: scale), try right.rounded(toScale: scale))
    return try ExactDecimal(significand: left.significand % right.significand, scale: scale)
  }

  var negated: Self { ExactDecimal(uncheckedSignificand: -significand, scale: scale) }

  var magnitude: Self { significand < 0 ? negated : self }

  private var isNegative: Bool { significand < 0 }

  private static func quotient(
    _ dividend: (high: UInt128, low: UInt128), _ divisor: UInt128, isNegative: Bool, scale: Int
  ) throws(SQLError) -> Self {
    guard dividend.high < divisor else { throw .numericValueOutOfRange(.numeric) }
    var (quotient, remainder) = divisor.dividingFullWidth(dividend)
    if remainder >= divisor - remainder { quotient += 1 }
    guard let magnitude = Int128(exactly: quotient) else {
      throw .numericValueOutOfRange(.numeric)
    }
    return try ExactDecimal(significand: isNegative ? -magnitude : magnitude, scale: scale)
  }

  /// The scale of a quotient, by PostgreSQL's rule, which thinks in groups of four digits:
  /// 16 digits less those expected before the point, but no less than either operand's scale.
  private static func quotientScale(_ left: Self, _ right: Self) -> Int {
    let (leftWeight, leftGroup) = left.leadingGroup
    let (rightWeight, rightGroup) = right.leadingGroup
    var weight = leftWeight - rightWeight
    if leftGroup <= rightGroup { weight -= 1 }
    return max(16 - weight * 4, left.scale, right.scale, 0)
  }

  /// The first group of four digits that is not zero, counted from the point, and its weight.
  private var leadingGroup: (weight: Int, group: Int) {
    let digits = Self.digitCount(significand.magnitude)
    guard digits > 0 else { return (0, 0) }
    let exponent = digits - 1 - scale
    let weight = exponent >= 0 ? exponent / 4 : -((-exponent + 3) / 4)
    let shift = weight * 4 + scale  // The group starts this many digits from the right.
    if shift >= 0 {
      return (weight, Int(significand.magnitude / Self.powerOfTen(shift)))
    }
    return (weight, Int(significand.magnitude * Self.powerOfTen(-shift)))
  }
}
