/// A value that a scenario writes as one text: `250ms`, `2.5%`, `lognormal(0.8ms, p99=2.5ms)`.
///
/// Reading and writing are inverse to one another, which is what lets a resolved plan be run again.
protocol ScalarValue {
  /// The value of this text; `nil` when it is none.
  init?(scalar: String)

  /// The text of this value, exact.
  var scalar: String { get }

  /// What an error says should have stood there, with an example.
  static var expectation: String { get }
}

/// Decimal numbers without binary rounding: a count of the smallest step.
enum DecimalText {
  /// Reads digits with an optional fraction.
  ///
  /// - Parameter scale: how many smallest steps make one; `0.25` at a scale of 100 is 25.
  /// - Returns: `nil` for anything but digits and one inner point, for a fraction finer than the
  ///   smallest step, and for a number beyond 64 bits.
  static func count(_ text: Substring, scale: Int64) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(isDigits) else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard let digits = Int128(String(parts[0] + fraction)), fraction.utf8.count <= 18 else {
      return nil
    }
    let denominator = (0..<fraction.utf8.count).reduce(Int128(1)) { product, _ in product * 10 }
    let (product, overflow) = digits.multipliedReportingOverflow(by: Int128(scale))
    guard !overflow, product % denominator == 0 else { return nil }
    return Int64(exactly: product / denominator)
  }

  /// Writes a count of smallest steps with as few decimals as it needs.
  ///
  /// - Precondition: `scale` is a power of ten.
  static func text(_ count: Int64, scale: Int64) -> String {
    let whole = count / scale
    let rest = count % scale
    if rest == 0 { return "\(whole)" }
    var decimals = String(rest + scale).dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(whole).\(decimals)"
  }

  static func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// The parts of `low..high`; `nil` if the text is no range.
  static func bounds(_ text: String) -> (low: Substring, high: Substring)? {
    guard let dots = text.firstRange(of: "..") else { return nil }
    return (text[..<dots.lowerBound], text[dots.upperBound...])
  }
}

extension Int: ScalarValue {
  init?(scalar: String) {
    guard let count = DecimalText.count(scalar[...], scale: 1) else { return nil }
    self = Int(count)
  }

  var scalar: String { "\(self)" }
  static var expectation: String { "a whole number from 0 to \(Int.max)" }
}

extension UInt64: ScalarValue {
  init?(scalar: String) {
    guard DecimalText.isDigits(scalar[...]) else { return nil }
    self.init(scalar)
  }

  var scalar: String { "\(self)" }
  static var expectation: String { "a whole number from 0 to \(UInt64.max)" }
}

extension ClosedRange: ScalarValue where Bound: ScalarValue {
  /// `1..50`, both ends included, or `7` for `7..7`.
  init?(scalar: String) {
    if let (low, high) = DecimalText.bounds(scalar) {
      guard let low = Bound(scalar: String(low)), let high = Bound(scalar: String(high)),
        low <= high
      else { return nil }
      self = low...high
    } else {
      guard let only = Bound(scalar: scalar) else { return nil }
      self = only...only
    }
  }

  var scalar: String { "\(lowerBound.scalar)..\(upperBound.scalar)" }
  static var expectation: String {
    "a range low..high, low not above high, of which each end is \(Bound.expectation)"
  }
}
