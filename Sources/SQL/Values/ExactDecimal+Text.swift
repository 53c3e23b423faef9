extension ExactDecimal: CustomStringConvertible {
  /// As PostgreSQL prints it: all digits of the scale, never an exponent.
  public var description: String {
    var digits = String(significand.magnitude)
    if scale > 0 {
      if digits.utf8.count <= scale {
        digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
      }
      digits.insert(".", at: digits.utf8.index(digits.endIndex, offsetBy: -scale))
    }
    return significand < 0 ? "-" + digits : digits
  }

  /// Reads digits with an optional sign, point and exponent, as SQL writes numbers.
  ///
  /// - Returns: `nil` if `text` is no number.
  /// - Throws: `22003` if it has more than 38 digits.
  public static func parse(_ text: some StringProtocol) throws(SQLError) -> ExactDecimal? {
    var (significand, scale, digits): (Int128, Int, Int) = (0, 0, 0)
    var (isNegative, sawPoint): (Bool, Bool) = (false, false)
    var exponent: Int?
    var bytes = text.utf8.makeIterator()
    var next = bytes.next()
    if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") {
      isNegative = next == UInt8(ascii: "-")
      next = bytes.next()
    }
    while let byte = next {
      next = bytes.next()
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        digits += 1
        let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
        guard !overflow else { throw .numericValueOutOfRange(.numeric) }
        significand = product + Int128(byte & 15)
        if sawPoint { scale += 1 }
        guard significand < Int128(powerOfTen(maximumDigits)) else {
          throw .numericValueOutOfRange(.numeric)
        }
      case UInt8(ascii: "."):
        guard !sawPoint else { return nil }
        sawPoint = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        guard digits > 0, let parsed = parseExponent(next, &bytes) else { return nil }
        exponent = parsed
        next = nil
      default: return nil
      }
    }
    guard digits > 0 else { return nil }
    if isNegative { significand = -significand }
    return try shifted(significand, scale: scale - (exponent ?? 0))
  }

  private static func shifted(_ significand: Int128, scale: Int) throws(SQLError) -> ExactDecimal {
    if scale >= 0 { return try ExactDecimal(significand: significand, scale: scale) }
    guard -scale <= maximumDigits else {
      if significand == 0 { return .zero }
      throw .numericValueOutOfRange(.numeric)
    }
    let (product, overflow) = significand.multipliedReportingOverflow(
      by: Int128(powerOfTen(-scale)))
    guard !overflow else { throw .numericValueOutOfRange(.numeric) }
    return try ExactDecimal(significand: product, scale: 0)
  }

  private static func parseExponent(
    _ first: UInt8?, _ bytes: inout some IteratorProtocol<UInt8>
  ) -> Int? {
    var (next, isNegative, exponent, digits) = (first, false, 0, 0)
    if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") {
      isNegative = next == UInt8(ascii: "-")
      next = bytes.next()
    }
    while let byte = next {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      exponent = min(exponent * 10 + Int(byte & 15), 100_000)
      digits += 1
      next = bytes.next()
    }
    guard digits > 0 else { return nil }
    return isNegative ? -exponent : exponent
  }
}
