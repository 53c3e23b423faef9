/// A decimal number without rounding: `significand` × 10^-`scale`.
///
/// PostgreSQL's `numeric` has up to 131,072 digits before the point and 16,383 behind it, NaN and
/// infinities. This one has 38 significant digits and a scale of at most 38, neither NaN nor
/// infinity, and raises `22003` beyond that: enough for money, sums of `bigint` and averages, in
/// two machine words of digits and without a heap. Results have the scales that PostgreSQL gives
/// them, trailing zeros included.
public struct ExactDecimal: Sendable {
  /// The digits as one integer; its magnitude is below 10^38.
  public let significand: Int128
  /// How many of them stand behind the point; `0...38`.
  public let scale: Int

  static let maximumDigits = 38

  /// - Throws: `22003` if there are more than 38 digits.
  init(significand: Int128, scale: Int) throws(SQLError) {
    guard significand.magnitude < Self.powerOfTen(Self.maximumDigits),
      (0...Self.maximumDigits).contains(scale)
    else { throw .numericValueOutOfRange(.numeric) }
    self.significand = significand
    self.scale = scale
  }

  public init(_ integer: Int64) {
    significand = Int128(integer)
    scale = 0
  }

  init(uncheckedSignificand significand: Int128, scale: Int) {
    self.significand = significand
    self.scale = scale
  }

  public static let zero = ExactDecimal(0)

  /// 10^`exponent`, for `0...38`.
  static func powerOfTen(_ exponent: Int) -> UInt128 {
    var (result, base, exponent): (UInt128, UInt128, Int) = (1, 10, exponent)
    while exponent > 0 {
      if exponent & 1 == 1 { result *= base }
      exponent >>= 1
      if exponent > 0 { base *= base }
    }
    return result
  }

  /// How many digits the magnitude has; 0 for zero.
  static func digitCount(_ magnitude: UInt128) -> Int {
    var (count, rest) = (0, magnitude)
    while rest >= 10_000_000_000_000_000 {
      rest /= 10_000_000_000_000_000
      count += 16
    }
    var small = UInt64(truncatingIfNeeded: rest)
    while small > 0 {
      small /= 10
      count += 1
    }
    return count
  }

  /// The same number without trailing zeros behind the point.
  var normalized: NormalizedDecimal {
    var (significand, scale) = (significand, scale)
    while scale > 0, significand % 10 == 0 {
      significand /= 10
      scale -= 1
    }
    return NormalizedDecimal(significand: significand, scale: scale)
  }

  public var doubleValue: Double {
    if let small = Int64(exactly: significand), small.magnitude < 1 << 53, scale <= 22 {
      return Double(small) / Double(Self.powerOfTen(scale))  // Both exact: rounded once.
    }
    return Double(description) ?? .nan
  }

  /// Rounded half away from zero; `nil` if it does not fit.
  public var int64Value: Int64? { Int64(exactly: Self.rescale(significand, from: scale, to: 0)) }

  /// Compares by value, whatever the scales.
  static func order(_ left: ExactDecimal, _ right: ExactDecimal) -> Int {
    if left.scale == right.scale {
      return left.significand < right.significand
        ? -1 : (left.significand == right.significand ? 0 : 1)
    }
    if (left.significand < 0) != (right.significand < 0) { return left.significand < 0 ? -1 : 1 }
    let common = max(left.scale, right.scale)
    let leftWide = left.significand.magnitude.multipliedFullWidth(
      by: powerOfTen(common - left.scale))
    let rightWide = right.significand.magnitude.multipliedFullWidth(
      by: powerOfTen(common - right.scale))
    let sign = left.significand < 0 ? -1 : 1
    if leftWide == rightWide { return 0 }
    return leftWide < rightWide ? -sign : sign
  }

  /// Moves the point; rounds half away from zero when digits are dropped.
  ///
  /// - Precondition: when `to > from`, the result fits.
  private static func rescale(_ significand: Int128, from: Int, to: Int) -> Int128 {
    if to >= from { return significand * Int128(powerOfTen(to - from)) }
    let divisor = Int128(powerOfTen(from - to))
    let (quotient, remainder) = significand.quotientAndRemainder(dividingBy: divisor)
    if remainder.magnitude * 2 >= divisor.magnitude { return quotient + (significand < 0 ? -1 : 1) }
    return quotient
  }

  /// The same number with `scale` digits behind the point, rounded half away from zero.
  func rounded(toScale target: Int) throws(SQLError) -> ExactDecimal {
    if target < 0 {
      guard scale - target <= Self.maximumDigits else { return .zero }
      let tens = Self.rescale(significand, from: scale, to: target)
      return try ExactDecimal(Self.multiply(tens, by: Self.powerOfTen(-target)), scale: 0)
    }
    guard target > scale else {
      return try ExactDecimal(
        significand: Self.rescale(significand, from: scale, to: target), scale: target)
    }
    return try ExactDecimal(
      Self.multiply(significand, by: Self.powerOfTen(target - scale)), scale: target)
  }

  /// The same number with the digits beyond `target` dropped.
  func truncated(toScale target: Int) throws(SQLError) -> ExactDecimal {
    guard target < scale else { return try rounded(toScale: target) }
    guard scale - target <= Self.maximumDigits else { return .zero }
    let kept = significand / Int128(Self.powerOfTen(scale - target))
    if target >= 0 { return try ExactDecimal(significand: kept, scale: target) }
    return try ExactDecimal(Self.multiply(kept, by: Self.powerOfTen(-target)), scale: 0)
  }

  private init(_ significand: Int128?, scale: Int) throws(SQLError) {
    guard let significand else { throw .numericValueOutOfRange(.numeric) }
    try self.init(significand: significand, scale: scale)
  }

  private static func multiply(_ significand: Int128, by factor: UInt128) -> Int128? {
    guard let factor = Int128(exactly: factor) else { return nil }
    let (product, overflow) = significand.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }
}

/// An `ExactDecimal` in its one canonical form, for hashing.
struct NormalizedDecimal: Hashable {
  let significand: Int128
  let scale: Int
}

extension ExactDecimal: Comparable {
  public static func == (lhs: Self, rhs: Self) -> Bool { order(lhs, rhs) == 0 }
  public static func < (lhs: Self, rhs: Self) -> Bool { order(lhs, rhs) < 0 }
}
