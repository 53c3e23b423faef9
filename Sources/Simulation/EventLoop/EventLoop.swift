/// Runs every task and every event of one simulation, one at a time, in an order that the seed alone
/// decides.
///
/// ```
///   spawn ──▶ TaskQueue ──▶ drain: one job after another on this thread
///                  ▲                     │ await
///                  │                     ▼
///   TimerHeap ──▶ fire: wake a waiting task, or call an object that reacts
/// ```
///
/// Swift's own concurrency is the process model: what waits is a task, in a ``TaskQueue``; what only
/// reacts is an ``EventTarget`` in the same heap. Time moves only here, from one event to the next.
///
/// Confined to the thread that calls ``run(until:shouldStop:)``; nothing else ever touches it.
public final class EventLoop {
  public private(set) var now = Instant.start
  /// Events fired so far.
  public private(set) var eventCount: UInt64 = 0
  /// Told of every event just before it fires; `nil` when nobody looks, which costs a test.
  public var observer: (any EventObserver)?
  let tasks = TaskQueue()
  private let gate: Gate
  private var timers = TimerHeap()
  private let trace: Trace

  public init(trace: Trace) {
    self.trace = trace
    gate = Gate(tasks)
  }

  /// The only way a task starts. The closure need not be `Sendable`: it never leaves this thread.
  func spawn(_ body: @escaping () async -> Void) { tasks.spawn(body, through: gate) }

  /// Calls `target` at `instant`, unless `owner` has ended by then; at once after what is due now if
  /// `instant` has passed.
  @discardableResult
  public func schedule(
    at instant: Instant, _ target: any EventTarget, token: UInt64 = 0, owner: Process? = nil
  ) -> TimerID {
    timers.insert(at: max(instant, now), target: target, owner: owner, token: token)
  }

  @discardableResult
  public func schedule(
    after interval: Interval, _ target: any EventTarget, token: UInt64 = 0, owner: Process? = nil
  ) -> TimerID {
    schedule(at: now + interval, target, token: token, owner: owner)
  }

  /// Wakes the task that was given this token at `instant`.
  @discardableResult
  func scheduleWake(at instant: Instant, _ token: WaitToken) -> TimerID {
    timers.insert(at: max(instant, now), task: token.task, token: token.number)
  }

  /// Calls a closure later: for what is rare enough to afford one.
  @discardableResult
  public func schedule(
    at instant: Instant, owner: Process? = nil, _ body: @escaping () -> Void
  ) -> TimerID {
    schedule(at: instant, ClosureTarget(body), owner: owner)
  }

  public func cancel(_ timer: TimerID) { timers.cancel(timer) }

  /// Lets go of all that is scheduled.
  func forgetEverything() {
    timers = TimerHeap()
    observer = nil
  }

  public var pendingCount: Int { timers.count }

  /// Fires everything due up to and including `end`, and leaves the clock at `end`.
  ///
  /// - Parameter shouldStop: asked once per 4,096 events; for a user's interrupt.
  public func run(until end: Instant, shouldStop: () -> Bool = { false }) {
    tasks.drive(through: gate) { fire(until: end, shouldStop: shouldStop) }
  }

  private func fire(until end: Instant, shouldStop: () -> Bool) {
    tasks.drain()
    while let earliest = timers.earliest(), earliest <= end {
      step(at: earliest)
      if eventCount & 4095 == 0, shouldStop() { return }
    }
    now = max(now, end)
  }

  private func step(at instant: Instant) {
    let index = timers.popMin()
    let slot = timers[index]
    switch slot.kind {
    case .nothing:
      timers.release(index)
    case .wake:
      timers.release(index)
      advance(to: instant, token: slot.token)
      guard let task = slot.task else { preconditionFailure("an event wakes nobody") }
      observer?.willWake(task: slot.token, in: tasks.process(of: task))
      tasks.wake(WaitToken(task: task, number: slot.token))
    case .call:
      let target = timers.target(of: index).move()
      timers.release(index)
      call(target, token: slot.token, owner: slot.owner?.takeRetainedValue(), at: instant)
    }
    tasks.drain()
  }

  @inline(__always)
  private func call(
    _ target: any EventTarget, token: UInt64, owner: Process?, at instant: Instant
  ) {
    if let owner, !owner.isAlive { return }
    advance(to: instant, token: token)
    observer?.willFire(target, token: token, owner: owner)
    if let owner, owner.isPaused {
      owner.postpone(bytes: 0) { target.fire(token) }
    } else {
      target.fire(token)
    }
  }

  @inline(__always)
  private func advance(to instant: Instant, token: UInt64) {
    precondition(instant >= now, "time ran backwards, from \(now) to \(instant)")
    now = instant
    eventCount += 1
    trace.fold(UInt64(bitPattern: instant.nanoseconds) ^ (token << 20))
  }
}

/// A closure as an event target.
private final class ClosureTarget: EventTarget {
  private let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
  func fire(_ token: UInt64) { body() }
}
