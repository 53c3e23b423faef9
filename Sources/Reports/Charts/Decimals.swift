import Statistics

/// Arithmetic in powers of ten for axes.
///
/// The logarithm is made here of IEEE 754's exact operations, because the last bit of the C library's
/// differs from one machine to the next and the page must not.
enum Decimals {
  /// The decimal logarithm of a positive, normal number, to about 1e-14.
  static func logarithm(_ value: Double) -> Double {
    precondition(value > 0 && value.isNormal, "\(value) has no logarithm")
    // value = 2^e m with m in [1, 2); brought to [0.71, 1.42), where the series is short.
    var (exponent, mantissa) = (Double(value.exponent), value.significand)
    if mantissa > 1.414_213_562_373_095 {
      mantissa /= 2
      exponent += 1
    }
    // ln m = 2 artanh((m - 1) / (m + 1)).
    let ratio = (mantissa - 1) / (mantissa + 1)
    let square = ratio * ratio
    var (term, sum) = (ratio, 0.0)
    for odd in stride(from: 1.0, through: 31, by: 2) {
      sum += term / odd
      term *= square
    }
    let (ln2, ln10) = (0.693_147_180_559_945_3, 2.302_585_092_994_045_7)
    let logarithm = (exponent * ln2 + 2 * sum) / ln10
    // Powers of ten come out whole, so that rounding up or down does not leave the decade.
    let whole = logarithm.rounded()
    return (logarithm - whole).magnitude < 1e-12 ? whole : logarithm
  }

  /// A whole power of ten, by exact multiplication or one division.
  static func power(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<exponent.magnitude { power *= 10 }
    return exponent < 0 ? 1 / power : power
  }

  /// The next of 1, 2, 5 times a power of ten at or above a positive number.
  static func niceCeiling(of value: Double) -> Double {
    let power = power(Int(logarithm(value).rounded(.down)))
    return ([1.0, 2, 5].first { $0 * power >= value } ?? 10) * power
  }

  /// The last of 1, 2, 5 times a power of ten at or below a positive number.
  static func niceFloor(of value: Double) -> Double {
    let power = power(Int(logarithm(value).rounded(.down)))
    return ([5.0, 2, 1].first { $0 * power <= value } ?? 1) * power
  }

  /// A number with at most three decimals and no zeros at their end.
  static func trimmed(_ value: Double) -> String {
    var text = FixedPoint.string(value, decimals: 3)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
