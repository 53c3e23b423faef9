/// How many times as much, in whole numbers.
public struct Factor: Hashable, Comparable, Codable, Sendable {
  public let times: Int

  /// - Precondition: at least one.
  public init(times: Int) {
    precondition(times >= 1, "a factor slows down, or changes nothing")
    self.times = times
  }

  public static func < (lhs: Factor, rhs: Factor) -> Bool { lhs.times < rhs.times }
}

extension Factor: ScalarValue {
  init?(scalar: String) {
    guard scalar.hasSuffix("x"), let count = DecimalText.count(scalar.dropLast(), scale: 1),
      (1...1_000_000).contains(count)
    else { return nil }
    self.init(times: Int(count))
  }

  var scalar: String { "\(times)x" }
  static var expectation: String { "a whole factor from 1x to 1000000x, such as 10x" }
}
