/// The one place where results become text.
///
/// Every number in a report goes through here, so that equal results give equal bytes on every
/// machine: no locale, no `String(format:)`, whose answer is the C library's, and no shortest form,
/// whose width changes from one number to the next. Halves are rounded away from zero.
public enum FixedPoint {
  /// The most decimals that can be asked for.
  public static let mostDecimals = 9

  /// A number with exactly `decimals` decimals, such as `-3.140`; `nan`, `inf` and `-inf` as such.
  ///
  /// The product with the power of ten is rounded to the nearest whole number, which IEEE 754
  /// defines to the last bit; a number too large for that is given whole, with zeros.
  ///
  /// - Parameter decimals: from 0 to ``mostDecimals``.
  public static func string(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let scaled = (value * Double(power(decimals))).rounded()
    if let exact = Int64(exactly: scaled) { return string(scaled: exact, decimals: decimals) }
    let sign = value < 0 ? "-" : ""
    let whole = digits(ofWhole: value.magnitude.rounded())
    return decimals == 0
      ? sign + whole : "\(sign)\(whole).\(String(repeating: "0", count: decimals))"
  }

  /// A whole number of units of the last decimal: `string(scaled: 1234, decimals: 2)` is `12.34`.
  public static func string(scaled value: Int64, decimals: Int) -> String {
    let divisor = UInt64(power(decimals))
    let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: divisor)
    let sign = value < 0 ? "-" : ""
    if decimals == 0 { return "\(sign)\(whole)" }
    return "\(sign)\(whole).\(String(fraction + divisor).dropFirst())"
  }

  /// Nanoseconds in another unit, by whole-number arithmetic: exact but for the rounding.
  ///
  /// - Parameter unit: the unit's length in nanoseconds, such as 1_000_000 for milliseconds.
  public static func string(nanoseconds: Int64, unit: Int64, decimals: Int) -> String {
    precondition(unit > 0, "a unit has to have a length")
    let divisor = unit.magnitude
    let (whole, remainder) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: divisor)
    let scale = UInt64(power(decimals))
    // remainder * scale may need more than 64 bits for long units.
    let product = remainder.multipliedFullWidth(by: scale)
    var (fraction, rest) = divisor.dividingFullWidth(product)
    if rest >= divisor - rest { fraction += 1 }
    let scaled = Int64(whole * scale + fraction)
    return string(scaled: nanoseconds < 0 ? -scaled : scaled, decimals: decimals)
  }

  /// Seconds, for a column of a table.
  public static func seconds(nanoseconds: Int64, decimals: Int = 3) -> String {
    string(nanoseconds: nanoseconds, unit: 1_000_000_000, decimals: decimals)
  }

  /// Milliseconds, for a column of a table.
  public static func milliseconds(nanoseconds: Int64, decimals: Int = 3) -> String {
    string(nanoseconds: nanoseconds, unit: 1_000_000, decimals: decimals)
  }

  /// A duration for a sentence, with its unit and three figures or more: `840 µs`, `12.3 ms`,
  /// `1.25 s`, `2 min 05 s`.
  public static func duration(nanoseconds: Int64) -> String {
    let sign = nanoseconds < 0 ? "-" : ""
    let size = Int64(clamping: nanoseconds.magnitude)
    return sign + magnitude(of: size)
  }

  /// As ``duration(nanoseconds:)``, with as many more decimals as it takes to see on which side of a bound it
  /// lies: `30.0004 s` against 30 s, and not `30.0 s`.
  public static func duration(nanoseconds: Int64, against bound: Int64) -> String {
    let size = Int64(clamping: nanoseconds.magnitude)
    // The finest step that each form prints, and how a finer one is written.
    let (unit, name, least): (Int64, String, Int) =
      size < 1_000 ? (1, "ns", 0)
      : size < 999_500 ? (1_000, "µs", size < 9_950 ? 1 : 0)
      : size < 999_500_000
        ? (1_000_000, "ms", size < 9_995_000 ? 2 : size < 99_950_000 ? 1 : 0)
        : (1_000_000_000, "s", size < 9_995_000_000 ? 2 : size < 119_950_000_000 ? 1 : 0)
    // Minutes are printed to the second, and hours to the minute.
    let isLong = size >= 119_950_000_000
    let printed = isLong && size >= 7_199_500_000_000 ? 60 * unit : unit / power(least)
    if shows(nanoseconds, against: bound, inStepsOf: printed) {
      return duration(nanoseconds: nanoseconds)
    }
    var decimals = isLong ? 0 : least + 1
    while unit > power(decimals),
      !shows(nanoseconds, against: bound, inStepsOf: unit / power(decimals))
    { decimals += 1 }
    return "\(string(nanoseconds: nanoseconds, unit: unit, decimals: decimals)) \(name)"
  }

  /// A number with one decimal, or as many more as it takes to see on which side of a bound it lies.
  public static func string(_ value: Double, against bound: Double) -> String {
    for decimals in 1..<mostDecimals {
      let text = string(value, decimals: decimals)
      let printed = Double(text) ?? value
      if value == bound || (value < bound ? printed < bound : printed > bound) { return text }
    }
    return string(value, decimals: mostDecimals)
  }

  /// Whether a value that is rounded to a step is on the same side of a bound as before.
  private static func shows(_ value: Int64, against bound: Int64, inStepsOf step: Int64) -> Bool {
    if value == bound { return true }
    let size = Int64(clamping: value.magnitude)
    let rounded = (size + step / 2) / step * step * value.signum()
    return value < bound ? rounded < bound : rounded > bound
  }

  /// Chooses the unit after rounding, so that nothing is printed as `1000 µs`.
  private static func magnitude(of size: Int64) -> String {
    if size == 0 { return "0 s" }
    if size < 1_000 { return "\(size) ns" }
    if size < 9_950 { return "\(string(nanoseconds: size, unit: 1_000, decimals: 1)) µs" }
    if size < 999_500 { return "\(string(nanoseconds: size, unit: 1_000, decimals: 0)) µs" }
    if size < 9_995_000 { return "\(string(nanoseconds: size, unit: 1_000_000, decimals: 2)) ms" }
    if size < 99_950_000 { return "\(string(nanoseconds: size, unit: 1_000_000, decimals: 1)) ms" }
    if size < 999_500_000 { return "\(string(nanoseconds: size, unit: 1_000_000, decimals: 0)) ms" }
    if size < 9_995_000_000 { return "\(seconds(nanoseconds: size, decimals: 2)) s" }
    if size < 119_950_000_000 { return "\(seconds(nanoseconds: size, decimals: 1)) s" }
    let whole = (size + 500_000_000) / 1_000_000_000
    let (minutes, rest) = whole.quotientAndRemainder(dividingBy: 60)
    if minutes < 120 { return "\(minutes) min \(padded(Int(rest), width: 2)) s" }
    return "\(minutes / 60) h \(padded(Int(minutes % 60), width: 2)) min"
  }

  /// A whole number with a narrow space between groups of three: `1 234 567`.
  public static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append("\u{202F}") }
      text.append(digit)
    }
    return text
  }

  /// A size in binary units with one decimal: `512 B`, `1.5 KiB`, `3.0 GiB`.
  public static func bytes(_ value: Int) -> String {
    if value.magnitude < 1024 { return "\(value) B" }
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var size = Double(value) / 1024
    var unit = 0
    while size.magnitude >= 1023.95, unit + 1 < units.count {
      size /= 1024
      unit += 1
    }
    return "\(string(size, decimals: 1)) \(units[unit])"
  }

  /// A whole number with leading zeros, at least `width` digits.
  public static func padded(_ value: Int, width: Int) -> String {
    let digits = String(value.magnitude)
    let zeros = String(repeating: "0", count: max(0, width - digits.count))
    return "\(value < 0 ? "-" : "")\(zeros)\(digits)"
  }

  private static func power(_ decimals: Int) -> Int64 {
    precondition((0...mostDecimals).contains(decimals), "\(decimals) decimals were asked for")
    var power: Int64 = 1
    for _ in 0..<decimals { power *= 10 }
    return power
  }

  /// The decimal digits of a whole number beyond 64 bits, by long division of its binary digits.
  private static func digits(ofWhole value: Double) -> String {
    // A finite double of this size is significand * 2^shift; both are whole.
    let shift = Int(value.exponent) - Double.significandBitCount
    let significand = value.significandBitPattern | (1 << UInt64(Double.significandBitCount))
    guard shift > 0 else { return String(UInt64(value)) }
    // Little-endian limbs of nine decimal digits.
    var limbs: [UInt64] = []
    var rest = significand
    while rest > 0 {
      limbs.append(rest % 1_000_000_000)
      rest /= 1_000_000_000
    }
    for _ in 0..<shift {
      var carry: UInt64 = 0
      for index in limbs.indices {
        let doubled = limbs[index] * 2 + carry
        limbs[index] = doubled % 1_000_000_000
        carry = doubled / 1_000_000_000
      }
      if carry > 0 { limbs.append(carry) }
    }
    var text = String(limbs.removeLast())
    for limb in limbs.reversed() { text += String(limb + 1_000_000_000).dropFirst() }
    return text
  }
}
