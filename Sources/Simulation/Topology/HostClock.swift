/// What a host believes the time to be: a counter that runs a little fast or slow, and a date on top of it
/// that can be wrong.
///
/// ```
///   loop.now ── rate ──▶ monotonic reading: timers, time-outs, leases
///                             └── + offset ──▶ wall clock: dates that SQL shows
/// ```
///
/// A clock that was never disturbed reads the run's own time.
public struct HostClock {
  /// Parts per billion by which the counter runs fast; negative if it is slow. A counter never stands still,
  /// nor runs back: it keeps a tenth of its speed, whatever is asked for.
  public private(set) var drift: Int64 = 0
  /// The sum of all that was asked for.
  private var askedDrift: Int64 = 0
  /// What the wall clock shows beyond the counter.
  public private(set) var offset = Interval.zero
  /// How many timers were set on a counter that drifts.
  public private(set) var drivenTimers: UInt64 = 0
  /// When the rate last changed, in the run's time and on the counter.
  private var anchor = Instant.start
  private var anchorReading = Instant.start

  public init() {}

  /// Whether the counter is the run's own time.
  @inline(__always)
  var isExact: Bool { drift == 0 && anchor == anchorReading }

  /// The counter at an instant of the run.
  @inline(__always)
  public func reading(at instant: Instant) -> Instant {
    isExact ? instant : driftedReading(at: instant)
  }

  /// The wall clock at an instant of the run.
  public func date(at instant: Instant) -> Instant { reading(at: instant) + offset }

  /// The first instant of the run at which the counter shows `reading` or more, for a timer that is set to it.
  @inline(__always)
  mutating func setTimer(for reading: Instant) -> Instant {
    if isExact { return reading }
    drivenTimers += 1
    return driftedInstant(of: reading)
  }

  /// Changes the rate from now on; the counter itself does not jump. Timers that are set keep their instant.
  ///
  /// - Parameter change: in parts per billion.
  public mutating func changeDrift(by change: Int64, at now: Instant) {
    guard change != 0 else { return }
    (anchor, anchorReading) = (now, reading(at: now))
    askedDrift += change
    drift = max(askedDrift, -9 * Self.billion / 10)
  }

  /// Sets the wall clock forward, or back.
  public mutating func step(by interval: Interval) { offset = offset + interval }

  private static let billion: Int64 = 1_000_000_000

  private func driftedReading(at instant: Instant) -> Instant {
    let elapsed = (instant - anchor).nanoseconds
    return anchorReading + .nanoseconds(elapsed + Self.scaled(elapsed, drift, Self.billion))
  }

  private func driftedInstant(of reading: Instant) -> Instant {
    let shown = (reading - anchorReading).nanoseconds
    var instant = anchor + .nanoseconds(shown - Self.scaled(shown, drift, Self.billion + drift))
    while driftedReading(at: instant) < reading { instant = instant + .nanoseconds(1) }
    return instant
  }

  /// `value * numerator / denominator` without overflow on the way.
  private static func scaled(_ value: Int64, _ numerator: Int64, _ denominator: Int64) -> Int64 {
    Int64(Int128(value) * Int128(numerator) / Int128(denominator))
  }
}
