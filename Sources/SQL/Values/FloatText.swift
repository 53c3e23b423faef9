#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The shortest decimal that reads back as the same floating-point number, as PostgreSQL prints it.
enum FloatText {
  /// Fixed notation for exponents from -4 up to 14 (`double precision`) or 5 (`real`), otherwise
  /// scientific with at least two digits in the exponent.
  static func text(_ value: Double, isReal: Bool) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    if value == 0 { return value.sign == .minus ? "-0" : "0" }
    let (digits, exponent) = shortestDigits(value.magnitude, isReal: isReal)
    let sign = value < 0 ? "-" : ""
    if exponent < -4 || exponent >= (isReal ? 6 : 15) {
      let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
      let shownExponent = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
      return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(shownExponent)"
    }
    if exponent < 0 {
      return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)"
    }
    if digits.count <= exponent + 1 {
      return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
    }
    return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
  }

  /// The number rounded to so many digits, ties to even, from its exact binary value; trailing
  /// zeros dropped.
  static func rounded(_ value: Double, significantDigits: Int) -> String {
    String(unsafeUninitializedCapacity: 40) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { characters in
        withVaList([Int32(significantDigits), value]) { arguments in
          Int(vsnprintf(characters.baseAddress, characters.count, "%.*g", arguments))
        }
      }
    }
  }

  /// The significant digits and the decimal exponent of the first of them.
  private static func shortestDigits(
    _ value: Double, isReal: Bool
  ) -> (digits: String, exponent: Int) {
    let (digits, exponent) = parts(isReal ? Float(value).description : value.description)
    let ulp = isReal ? Double(Float(value).ulp) : value.ulp
    // Only a number without a fraction can have a shortest decimal just between it and the next.
    guard ulp > 1, exponent < 37, let exact = UInt128(exactly: value),
      let gap = UInt128(exactly: ulp)
    else { return (digits, exponent) }
    return widened(digits, exponent, exact: exact, gap: gap)
  }

  /// PostgreSQL does not print a decimal that lies exactly halfway to the neighbouring number,
  /// though it would read back; it adds digits until one lies within.
  private static func widened(
    _ digits: String, _ exponent: Int, exact: UInt128, gap: UInt128
  ) -> (digits: String, exponent: Int) {
    var (digits, exponent) = (digits, exponent)
    var power = exponent + 1 - digits.count
    while power > 0, let leading = UInt128(digits) {
      let shown = leading * ExactDecimal.powerOfTen(power)
      let distance = shown > exact ? shown - exact : exact - shown
      if distance * 2 != gap { break }
      power -= 1
      let unit = ExactDecimal.powerOfTen(power)
      digits = String((exact + unit / 2) / unit)
      exponent = digits.count - 1 + power
    }
    return (digits, exponent)
  }

  /// Takes apart the standard library's representation, such as `1.25e-07`.
  private static func parts(_ description: String) -> (digits: String, exponent: Int) {
    let parts = description.split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = String(halves[0])
    exponent += digits.count - 1
    if halves.count > 1 { digits += halves[1] }
    while digits.count > 1, digits.hasPrefix("0") {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return (digits, exponent)
  }
}
