/// The run's time as a Swift clock: it moves from event to event, and never by itself.
public struct VirtualClock: Clock {
  private let loop: EventLoop

  init(loop: EventLoop) { self.loop = loop }

  public var now: Instant { loop.now }
  public var minimumResolution: Interval { .nanoseconds(1) }

  /// Suspends the current task until `deadline`.
  public func sleep(until deadline: Instant, tolerance: Interval? = nil) async throws {
    let loop = loop
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      loop.schedule(at: deadline) { continuation.resume() }
    }
  }
}
