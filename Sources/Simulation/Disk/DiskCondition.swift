/// What is wrong with a disk; the initial value is a healthy one.
public struct DiskCondition: Sendable, Equatable {
  /// Every operation takes so many times as long.
  public var slowness = 1
  /// Operations hang for `stallLength` at the start of each `stallPeriod`.
  public var stallLength = Interval.zero
  public var stallPeriod = Interval.zero
  public var stallsSince = Instant.start
  /// Probability that an operation is answered with an error.
  public var failureProbability = 0.0
  /// Flushes are answered and do nothing: the drive lies.
  public var forgetsFlushes = false

  public init() {}

  func slows(at now: Instant) -> Bool { slowness > 1 || stall(at: now) != nil }

  /// When an operation is done that would have been done at `done` on a healthy disk.
  func completion(of done: Instant, startedAt now: Instant) -> Instant {
    let finished = now + (done - now) * slowness
    guard let end = stall(at: now) else { return finished }
    return max(finished, end + (done - now))
  }

  /// The end of the stall episode in which `now` lies.
  private func stall(at now: Instant) -> Instant? {
    guard stallPeriod > .zero, now >= stallsSince else { return nil }
    let phase = (now - stallsSince).nanoseconds % stallPeriod.nanoseconds
    guard phase < stallLength.nanoseconds else { return nil }
    return now + .nanoseconds(stallLength.nanoseconds - phase)
  }
}
