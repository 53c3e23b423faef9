/// A length of virtual time in whole nanoseconds; may be negative.
///
/// Swift's own `Duration` counts attoseconds in 128 bits; a simulation adds and compares millions of
/// intervals a second, so this one is a single machine word. It reaches 292 years.
public struct Interval: DurationProtocol, Hashable, Codable, Sendable {
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }

  @inlinable public static var zero: Interval { Interval(nanoseconds: 0) }
  /// Longer than any run; stands for "no limit" without overflowing when an instant is added.
  public static let forever = Interval(nanoseconds: Int64.max / 4)

  @inlinable public static func nanoseconds(_ count: Int64) -> Interval {
    Interval(nanoseconds: count)
  }
  @inlinable public static func microseconds(_ count: Int64) -> Interval {
    Interval(nanoseconds: count * 1_000)
  }
  @inlinable public static func milliseconds(_ count: Int64) -> Interval {
    Interval(nanoseconds: count * 1_000_000)
  }
  @inlinable public static func seconds(_ count: Int64) -> Interval {
    Interval(nanoseconds: count * 1_000_000_000)
  }
  @inlinable public static func minutes(_ count: Int64) -> Interval { seconds(count * 60) }

  /// The nearest interval to a number of seconds; ties away from zero.
  public static func seconds(rounding count: Double) -> Interval {
    Interval(nanoseconds: Int64((count * 1e9).rounded()))
  }

  /// For statistics and charts only; ordering never compares doubles.
  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }
  @inlinable public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  @inlinable public static func < (lhs: Interval, rhs: Interval) -> Bool {
    lhs.nanoseconds < rhs.nanoseconds
  }
  @inlinable public static func + (lhs: Interval, rhs: Interval) -> Interval {
    Interval(nanoseconds: lhs.nanoseconds + rhs.nanoseconds)
  }
  @inlinable public static func - (lhs: Interval, rhs: Interval) -> Interval {
    Interval(nanoseconds: lhs.nanoseconds - rhs.nanoseconds)
  }
  @inlinable public static func * (lhs: Interval, rhs: Int) -> Interval {
    Interval(nanoseconds: lhs.nanoseconds * Int64(rhs))
  }
  @inlinable public static func / (lhs: Interval, rhs: Int) -> Interval {
    Interval(nanoseconds: lhs.nanoseconds / Int64(rhs))
  }
  @inlinable public static func / (lhs: Interval, rhs: Interval) -> Double {
    Double(lhs.nanoseconds) / Double(rhs.nanoseconds)
  }
}

extension Interval: CustomStringConvertible {
  /// The shortest exact form in one unit, as a scenario file would say it: `1.5s`, `250ms`, `40us`.
  public var description: String {
    let units: [(name: String, size: UInt64)] = [
      ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
      ("us", 1_000),
    ]
    let magnitude = nanoseconds.magnitude
    let sign = nanoseconds < 0 ? "-" : ""
    if magnitude == 0 { return "0s" }
    for unit in units where magnitude >= unit.size {
      if magnitude % unit.size == 0 { return "\(sign)\(magnitude / unit.size)\(unit.name)" }
      // Minutes and hours have no exact decimal fraction in general.
      if unit.size > 1_000_000_000 { continue }
      var digits = String(magnitude % unit.size + unit.size).dropFirst()
      while digits.last == "0" { digits.removeLast() }
      return "\(sign)\(magnitude / unit.size).\(digits)\(unit.name)"
    }
    return "\(sign)\(magnitude)ns"
  }
}
