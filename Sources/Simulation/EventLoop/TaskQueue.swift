import DequeModule
import Glibc

/// The tasks that are about to run, and the executor through which a task comes to wait.
///
/// Swift's runtime has one step that is cheap and takes a task off the thread: the hop to another actor.
/// So a task waits by calling an actor on which nothing ever runs: the ``Gate``.
///
/// ```
///   spawn ────────────── enqueue ─▶ ready ──▶ run, on the generic executor
///                                     ▲          │ await gate.pass()
///                                     │ wake     ▼
///                                WaitTable ◀── enqueue
/// ```
///
/// The runtime believes that the job which it hands to ``enqueue(_:)`` will run on the gate's executor. It is
/// run on the generic executor instead, where the code behind the gate returns to at once, without
/// another hop. No job ever goes to the pool of threads, since nothing else in a simulation suspends;
/// a task that does is caught when it has left this queue without a trace, or comes back on another thread.
/// (One whose wait is over before it begins has not waited: it goes on here, and nothing is lost.)
///
/// Confined to the thread that runs the loop.
final class TaskQueue: SerialExecutor, @unchecked Sendable {
  private struct Ready {
    var job: UnownedJob
    var outcome: Bool
  }

  private var ready = Deque<Ready>()
  /// What the task that runs was woken with.
  private(set) var outcome = true
  /// Where the task that runs is about to wait.
  private var place: (table: Unmanaged<WaitTable>, index: Int)?
  private var isSpawning = false
  /// Whether the job that runs has neither come to wait nor come to its end.
  private var isAstray = false
  private var running: UInt = 0
  /// That runs the loop.
  private var thread = pthread_self()

  /// The address of the task that runs.
  var runningTask: UInt { running }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    precondition(
      isSpawning || thread == pthread_self(),
      "a task has waited for something that is not part of the simulation")
    if let (table, index) = place {
      place = nil
      isAstray = false
      table._withUnsafeGuaranteedRef { $0.park(job, at: index) }
    } else if isSpawning {
      ready.append(Ready(job: job, outcome: true))
    } else {
      // A task that makes sure of the gate's executor before its first step or its last: it goes on at once.
      isAstray = false
      ready.prepend(Ready(job: job, outcome: true))
    }
  }

  /// Any thread may say that it is the gate's: there is only one.
  func checkIsolated() {}

  func append(_ job: UnownedJob, outcome: Bool) {
    ready.append(Ready(job: job, outcome: outcome))
  }

  /// Says where the next job to come in waits: to be followed by ``Gate/pass()`` and nothing else.
  @inline(__always)
  func expect(in table: WaitTable, at index: Int) {
    place = (Unmanaged.passUnretained(table), index)
  }

  /// Starts a task behind those that are ready. The closure need not be `Sendable`: it never leaves this thread.
  func spawn(_ body: @escaping () async -> Void, through gate: Gate) {
    isSpawning = true
    gate.start(body)
    isSpawning = false
  }

  /// Says that the loop runs on this thread from now on.
  func settle() { thread = pthread_self() }

  func taskHasEnded() { isAstray = false }

  /// Runs every task that is ready, and those that get ready meanwhile.
  func drain() {
    // No identity and no implementation: the runtime's name for the generic executor.
    let generic = unsafeBitCast((0, 0), to: UnownedSerialExecutor.self)
    while let next = ready.popFirst() {
      outcome = next.outcome
      running = unsafeBitCast(next.job, to: UInt.self)
      isAstray = true
      next.job.runSynchronously(on: generic)
      precondition(!isAstray, "a task waits for something that is not part of the simulation")
    }
  }
}

/// What every task passes on its way to waiting; see ``TaskQueue``.
actor Gate {
  private nonisolated let queue: TaskQueue

  init(_ queue: TaskQueue) { self.queue = queue }

  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  /// Returns when the current task is woken.
  ///
  /// - Returns: what it was woken with.
  @inline(never)
  func pass() -> Bool { queue.outcome }

  /// Creates a task whose job goes to the gate's queue.
  nonisolated func start(_ body: @escaping () async -> Void) {
    nonisolated(unsafe) let body = body
    // A task whose closure is isolated to the gate begins on its executor, and needs no preference for one,
    // which the runtime would look up, behind a lock, at each of its steps.
    assumeIsolated { gate in
      _ = Task {
        await gate.run(body)
        gate.queue.taskHasEnded()
      }
    }
  }

  /// Runs the body without isolation, so that what it calls returns to the generic executor.
  @concurrent private nonisolated func run(_ body: () async -> Void) async { await body() }
}
