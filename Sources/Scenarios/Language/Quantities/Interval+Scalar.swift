public import Simulation

extension Interval: ScalarValue {
  /// A year: the longest duration that a scenario can say.
  static let longestInScenario = Interval.minutes(365 * 24 * 60)

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
  ]

  /// `250ms`; a fraction is fine as long as it is a whole number of nanoseconds.
  init?(scalar: String) {
    let unit = scalar.suffix(while: \.isLetter)
    guard let size = Self.units.first(where: { $0.name == unit })?.nanoseconds,
      let count = DecimalText.count(scalar.dropLast(unit.count), scale: size),
      count <= Interval.longestInScenario.nanoseconds
    else { return nil }
    self.init(nanoseconds: count)
  }

  /// Reads a duration as a scenario file writes it, such as `250ms` or `1.5s`.
  public init?(scenarioText: String) { self.init(scalar: scenarioText) }

  var scalar: String { description }

  static var expectation: String {
    "a duration with its unit (ns, us, ms, s, m, h), such as 250ms, and at most \(longestInScenario)"
  }
}

extension StringProtocol {
  /// The longest end of this text whose characters all satisfy `predicate`.
  func suffix(while predicate: (Character) -> Bool) -> SubSequence {
    guard let last = lastIndex(where: { !predicate($0) }) else { return self[...] }
    return self[index(after: last)...]
  }
}
