/// A point of virtual time: nanoseconds since the start of the run.
///
/// There is no `now` here: only the ``EventLoop`` knows what time it is.
public struct Instant: InstantProtocol, Hashable, Codable, Sendable {
  public typealias Duration = Interval

  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }

  @inlinable public static var start: Instant { Instant(nanoseconds: 0) }
  /// Later than anything that happens.
  public static let distantFuture = Instant(nanoseconds: Int64.max / 2)

  @inlinable public func advanced(by interval: Interval) -> Instant {
    Instant(nanoseconds: nanoseconds + interval.nanoseconds)
  }
  @inlinable public func duration(to other: Instant) -> Interval {
    Interval(nanoseconds: other.nanoseconds - nanoseconds)
  }
  @inlinable public static func < (lhs: Instant, rhs: Instant) -> Bool {
    lhs.nanoseconds < rhs.nanoseconds
  }
  @inlinable public static func + (lhs: Instant, rhs: Interval) -> Instant {
    lhs.advanced(by: rhs)
  }
  @inlinable public static func - (lhs: Instant, rhs: Interval) -> Instant {
    Instant(nanoseconds: lhs.nanoseconds - rhs.nanoseconds)
  }
  @inlinable public static func - (lhs: Instant, rhs: Instant) -> Interval {
    rhs.duration(to: lhs)
  }

  /// The time since the start of the run.
  @inlinable public var sinceStart: Interval { Interval(nanoseconds: nanoseconds) }
}

extension Instant: CustomStringConvertible {
  /// Seconds since the start with microseconds: `12.345678s`; before it, `-0.500000s`.
  public var description: String {
    let micros = nanoseconds.magnitude / 1_000
    let fraction = String(1_000_000 + micros % 1_000_000).dropFirst()
    return "\(nanoseconds < 0 ? "-" : "")\(micros / 1_000_000).\(fraction)s"
  }
}
