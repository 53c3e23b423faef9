/// How far a clock runs fast or slow: one part per million is 86.4 ms a day.
public struct PartsPerMillion: Hashable, Codable, Sendable {
  public let count: Int

  public init(count: Int) { self.count = count }
}

extension PartsPerMillion: ScalarValue {
  init?(scalar: String) {
    let isNegative = scalar.hasPrefix("-")
    guard scalar.hasSuffix("ppm"),
      let magnitude = Int(scalar: String(scalar.dropFirst(isNegative ? 1 : 0).dropLast(3))),
      magnitude < 1_000_000
    else { return nil }
    count = isNegative ? -magnitude : magnitude
  }

  var scalar: String { "\(count)ppm" }
  static var expectation: String {
    "a whole number of ppm below a million, such as 200ppm or -50ppm"
  }
}
