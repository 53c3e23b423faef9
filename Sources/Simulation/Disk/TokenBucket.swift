/// A limit on a rate with some credit for bursts: tokens come at a rate, and taking more than there are
/// means waiting for them.
///
/// Kept as the instant at which the bucket would be full again, so that it costs one comparison.
struct TokenBucket {
  /// Nanoseconds between two tokens, in 1/1024.
  private let gap: Int64
  private let burst: Interval
  /// When the debt is paid; a burst's worth before now, or earlier, if the bucket is full.
  private var emptyUntil = Instant.start - .forever

  /// - Parameters:
  ///   - rate: tokens per second.
  ///   - burst: tokens that may be taken at once after a rest.
  init(rate: Int64, burst: Int64) {
    precondition(rate > 0, "a bucket that is never filled gives nothing")
    gap = 1024 * 1_000_000_000 / rate
    self.burst = .nanoseconds(burst * gap / 1024)
  }

  /// Takes tokens.
  ///
  /// - Returns: when they are there.
  mutating func take(_ count: Int64, at now: Instant) -> Instant {
    emptyUntil = max(emptyUntil, now - burst) + .nanoseconds(count * gap / 1024)
    return max(now, emptyUntil)
  }
}
