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
/// Swift's own concurrency is the process model: what waits is a task, in a ``WaitTable``; what only
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
  let gate: Gate
  /// What waits for the clock, and for no process.
  private(set) lazy var waits = WaitTable(loop: self)
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
    timers.insert(at: max(instant, now), target: target, owner: owner, token: token, hint: 0)
  }

  @discardableResult
  public func schedule(
    after interval: Interval, _ target: any EventTarget, token: UInt64 = 0, owner: Process? = nil
  ) -> TimerID {
    schedule(at: now + interval, target, token: token, owner: owner)
  }

  /// Wakes the current task at `instant`.
  @discardableResult
  func scheduleWake(at instant: Instant, _ process: Process, _ token: WaitToken) -> TimerID {
    timers.insert(
      at: max(instant, now), target: process, owner: nil, token: token.raw,
      hint: tasks.runningTask)
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
    tasks.settle()
    tasks.drain()
    while let earliest = timers.earliest(), earliest <= end {
      step(at: earliest)
      if eventCount & 4095 == 0, shouldStop() { return }
    }
    now = max(now, end)
  }

  private func step(at instant: Instant) {
    let slot = timers.popMin()
    guard let target = slot.target, slot.owner?.isAlive ?? true else { return }
    precondition(instant >= now, "time ran backwards, from \(now) to \(instant)")
    now = instant
    observer?.willFire(target, token: slot.token, owner: slot.owner)
    eventCount += 1
    trace.fold(UInt64(bitPattern: instant.nanoseconds) ^ (slot.token << 20))
    if let owner = slot.owner, owner.isPaused {
      owner.postpone(bytes: 0) { target.fire(slot.token) }
    } else {
      target.fire(slot.token)
    }
    tasks.drain()
  }
}

/// A closure as an event target.
private final class ClosureTarget: EventTarget {
  private let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
  func fire(_ token: UInt64) { body() }
}
