/// How often something happens, exact to a millionth per second.
public struct Rate: Hashable, Comparable, Codable, Sendable {
  public let millionthsPerSecond: Int64

  /// - Precondition: not negative.
  public init(millionthsPerSecond: Int64) {
    precondition(millionthsPerSecond >= 0, "a rate is not negative")
    self.millionthsPerSecond = millionthsPerSecond
  }

  public static func perSecond(_ count: Int64) -> Rate {
    Rate(millionthsPerSecond: count * 1_000_000)
  }

  public var perSecond: Double { Double(millionthsPerSecond) / 1e6 }

  public static func < (lhs: Rate, rhs: Rate) -> Bool {
    lhs.millionthsPerSecond < rhs.millionthsPerSecond
  }
}

extension Rate: ScalarValue {
  init?(scalar: String) {
    guard scalar.hasSuffix("/s"),
      let count = DecimalText.count(scalar.dropLast(2), scale: 1_000_000),
      count <= Self.highest.millionthsPerSecond
    else { return nil }
    self.init(millionthsPerSecond: count)
  }

  var scalar: String { DecimalText.text(millionthsPerSecond, scale: 1_000_000) + "/s" }
  static var expectation: String { "a rate per second of at most \(highest.scalar), such as 800/s" }

  /// More than any cluster serves; a scenario that says more has a slip in it.
  private static let highest = Rate.perSecond(1_000_000)
}
