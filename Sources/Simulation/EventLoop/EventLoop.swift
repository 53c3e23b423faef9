import DequeModule

/// Runs every task and every event of one simulation, one at a time, in an order that the seed alone
/// decides.
///
/// ```
///   spawn ──▶ ready queue ──▶ drain: one job after another on this thread
///                  ▲                      │ await
///                  │                      ▼
///   timer heap ──▶ fire: resume a waiting task, or call an object that reacts
/// ```
///
/// Swift's own concurrency is the process model: what waits is a task whose executor is this loop; what
/// only reacts is an ``EventTarget`` in the same heap. Time moves only here, from one event to the next.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
  // Confined to the thread that calls `run`; nothing else ever touches it.

  public private(set) var now = Instant.start
  /// Events fired so far.
  public private(set) var eventCount: UInt64 = 0
  /// Told of every event just before it fires; `nil` when nobody looks, which costs a test.
  public var observer: (any EventObserver)?
  private var ready = Deque<UnownedJob>()
  private var timers = TimerHeap()
  private let trace: Trace

  public init(trace: Trace) { self.trace = trace }

  public func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

  /// The only way a task starts. The closure need not be `Sendable`: it never leaves this thread.
  func spawn(_ body: @escaping () async -> Void) {
    nonisolated(unsafe) let body = body
    Task(executorPreference: self) { await body() }
  }

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
    drain()
    while let earliest = timers.earliest, earliest <= end {
      step()
      if eventCount & 4095 == 0, shouldStop() { return }
    }
    now = max(now, end)
  }

  private func step() {
    let (instant, slot) = timers.popMin()
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
    drain()
  }

  private func drain() {
    while let job = ready.popFirst() {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}

/// A closure as an event target.
private final class ClosureTarget: EventTarget {
  private let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
  func fire(_ token: UInt64) { body() }
}
