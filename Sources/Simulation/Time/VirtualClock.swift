/// The run's time as a Swift clock: it moves from event to event, and never by itself.
public struct VirtualClock: Clock {
  // Confined to the thread that runs the loop, as the loop is.
  private nonisolated(unsafe) let loop: EventLoop

  init(loop: EventLoop) { self.loop = loop }

  public var now: Instant { loop.now }
  public var minimumResolution: Interval { .nanoseconds(1) }

  /// Suspends the current task until `deadline`.
  public func sleep(until deadline: Instant, tolerance: Interval? = nil) async throws {
    let tasks = loop.tasks
    let token = tasks.token(of: tasks.current)
    loop.scheduleWake(at: deadline, token)
    if let task = tasks.settle(token, in: nil) { _ = await suspendTask(task) }
  }
}
