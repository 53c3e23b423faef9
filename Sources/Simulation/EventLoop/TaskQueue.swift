import CKernel

/// The tasks of a loop: which are about to run, first come, first served, and how one comes to wait.
///
/// ```
///   spawn ── start ──▶ ready ──▶ run its job
///                        ▲          │ await suspend()
///                        │ wake     ▼
///                      TaskTable: those that stand still
/// ```
///
/// Swift's runtime creates a task, gives it a stack of its own and ends it. It is not asked to suspend one, as
/// that costs it more than all else that an event does: a task that waits keeps where it stands and
/// returns, and its job is run again when it is woken; see `suspension.c`. No job goes to the pool of
/// threads, since nothing else in a simulation suspends. A task that waits for anything else is caught when
/// it has left its thread without a trace, or when it comes back from where it is not known.
///
/// Confined to the thread that runs the loop. How a task begins, stops and goes on is in `Suspension.swift`.
final class TaskQueue: @unchecked Sendable {
  typealias Reference = TaskTable.Reference

  private var table = TaskTable()
  private var first: Reference?
  private var last: Reference?
  var running: Reference?
  /// The task that drives the loop.
  var driver: Reference?
  /// The task being spawned; its first job arrives next.
  var starting: Reference?
  private var hasEnded = false
  /// What the runtime has handed over in order to go on; see `Suspension.swift`.
  var arrival = Arrival()

  // MARK: A task's beginning and its end

  /// Starts a task behind those that are ready. The closure need not be `Sendable`: it never leaves this thread.
  func spawn(_ body: @escaping () async -> Void, through gate: Gate) {
    let task = table.take()
    starting = task
    gate.start(body, as: task)
    precondition(starting == nil, "a task did not start")
    append(task, outcome: true)
  }

  func taskHasEnded() { hasEnded = true }

  // MARK: Waiting

  /// The task that runs, which is about to wait.
  @inline(__always)
  var current: Reference {
    guard let running else { preconditionFailure("what waits is no task of this simulation") }
    assert(isCurrent(running), "what waits is no task of this simulation")
    return running
  }

  /// What will wake the task from its next suspension.
  @inline(__always)
  func token(of task: Reference) -> WaitToken {
    WaitToken(task: task, generation: task.pointee.generation)
  }

  /// Prepares the current task for ``suspendTask(_:)``, which says whether it was woken with this token,
  /// and not by ``wakeAll(in:)``.
  ///
  /// - Returns: `nil` if it has been woken already.
  @inline(__always)
  func settle(_ token: WaitToken, in process: Process?) -> UnsafeMutableRawPointer? {
    guard token.task.pointee.generation == token.generation else { return nil }
    return hold(token, in: process)
  }

  /// As ``settle(_:in:)``, where nothing can have woken it.
  @inline(__always)
  func hold(_ token: WaitToken, in process: Process?) -> UnsafeMutableRawPointer {
    token.task.pointee.process = process.map(Self.address(of:))
    return UnsafeMutableRawPointer(token.task)
  }

  /// Wakes the task that was suspended with this token; nothing happens if it is awake already.
  ///
  /// If its process is paused, it wakes when that goes on.
  @inline(__always)
  func wake(_ token: WaitToken) {
    let task = token.task
    guard task.pointee.generation == token.generation else { return }
    if isPaused(task) { return postpone(token) }
    task.pointee.generation &+= 1
    // One that is woken before it has come to wait goes on.
    if task.pointee.suspended != nil {
      borealis_prefetch_task(task)
      append(task, outcome: true)
    }
  }

  @inline(__always)
  private func isPaused(_ task: Reference) -> Bool {
    guard let process = task.pointee.process else { return false }
    return Unmanaged<Process>.fromOpaque(process)._withUnsafeGuaranteedRef { $0.isPaused }
  }

  private func postpone(_ token: WaitToken) {
    process(of: token.task)?.postpone(bytes: 0) { [self] in wake(token) }
  }

  /// In which a task waits.
  func process(of task: Reference) -> Process? {
    task.pointee.process.map { Unmanaged<Process>.fromOpaque($0).takeUnretainedValue() }
  }

  /// A task that waits in a process keeps it alive.
  @inline(__always)
  private static func address(of process: Process) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passUnretained(process).toOpaque())
  }

  /// Wakes every task that waits in this process, in the order of their places.
  func wakeAll(in process: Process) {
    let process = Self.address(of: process)
    table.visit { task in
      guard task.pointee.process == process, task.pointee.suspended != nil else { return }
      task.pointee.generation &+= 1
      append(task, outcome: false)
    }
  }

  @inline(__always)
  private func append(_ task: Reference, outcome: Bool) {
    task.pointee.process = nil
    task.pointee.outcome = outcome
    task.pointee.next = nil
    paranoid(task != last && (first == nil) == (last == nil), "a task is made ready twice")
    if let last { last.pointee.next = task } else { first = task }
    last = task
  }

  // MARK: Running

  /// Runs every task that is ready, and those that get ready meanwhile.
  ///
  /// - Precondition: called from within ``drive(through:_:)``.
  @inline(__always)
  func drain() {
    while let task = first {
      first = task.pointee.next
      if first == nil { last = nil }
      run(task)
      if task.pointee.suspended == nil { retire(task) }
    }
  }

  private func retire(_ task: Reference) {
    precondition(hasEnded, "a task waits for something that is not part of the simulation")
    hasEnded = false
    task.pointee.generation &+= 1
    table.leave(task)
    returnToDriver()
  }

  /// A place for the task that drives the loop.
  func takePlace() -> Reference { table.take() }

  func leavePlace(_ task: Reference) { table.leave(task) }
}
