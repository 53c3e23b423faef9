/// One incarnation of a program on a host: the handle through which simulated code waits and acts.
///
/// When a process ends, everything that waits in it wakes up with ``ProcessEnded``, its timers come to
/// nothing and what it still tries to send goes nowhere. A restart is another process.
///
/// ```
///   task ── suspend(register) ──▶ stands still
///   timer, packet, lock, page … ── wake(token) ──▶ resumes it
///   end() ──▶ resumes every one of them with ProcessEnded, in order of their places
/// ```
public final class Process {
  public let name: String
  public let host: Host
  /// What it works for: its meters are those of this resource.
  public let resource: ResourceName
  /// Counts the incarnations of all programs of the host.
  public let incarnation: Int
  public private(set) var isAlive = true
  /// How many faults hold it still.
  private var pauses = 0
  /// What reached it while it was paused, in order.
  private var postponed: [() -> Void] = []
  private var postponedBytes = 0
  /// Memory that it has declared, in bytes.
  public private(set) var memory = 0
  let tasks: TaskQueue
  private var endActions: [() -> Void] = []
  var boundPorts: [UInt16] = []
  var connections: [Connection] = []

  init(name: String, host: Host, resource: ResourceName, incarnation: Int) {
    self.name = name
    (self.host, self.resource) = (host, resource)
    self.incarnation = incarnation
    tasks = host.loop.tasks
  }

  public var simulation: Simulation { host.simulation }
  /// What the host's counter shows: the run's time, unless the host's clock drifts. Every deadline that is
  /// given to this process is in this time.
  public var now: Instant {
    @inline(__always) get { host.clock.reading(at: host.loop.now) }
  }

  /// What the host's wall clock shows, as a time since the run's start.
  public var date: Instant { host.date }

  /// Starts a task of this process, when it goes on if it is paused; it ends quietly if the process does.
  ///
  /// Any other error must be handled inside: one that gets out is a bug, and traps.
  public func spawn(_ body: @escaping () async throws -> Void) {
    guard isAlive else { return }
    if isPaused { return postpone(bytes: 0) { [self] in spawn(body) } }
    host.loop.spawn {
      do {
        try await body()
      } catch is ProcessEnded {
      } catch {
        preconditionFailure(
          "a task of \(self.name) on \(self.host.name) let an error out: \(error)")
      }
    }
  }

  /// Waits for an interval of virtual time.
  @inlinable @inline(__always)
  public func sleep(for interval: Interval) async throws(ProcessEnded) {
    if !(await suspendTask(try fallAsleep(for: interval))) { throw ProcessEnded() }
  }

  @inlinable @inline(__always)
  public func sleep(until instant: Instant) async throws(ProcessEnded) {
    if !(await suspendTask(try fallAsleep(until: instant))) { throw ProcessEnded() }
  }

  /// Uses the host's processor: waits until `cost` of CPU time has been spent, beside whatever else runs there.
  public func compute(_ cost: Interval) async throws(ProcessEnded) {
    if cost > .zero { try await suspend { host.processor.run(cost, of: self, waking: $0) } }
  }

  /// Uses the host's processor for work that can be cut short; see ``cutShort(_:)``.
  ///
  /// - Parameter token: receives the token of the wait, if there is one.
  public func compute(_ cost: Interval, _ token: (WaitToken) -> Void) async throws(ProcessEnded) {
    guard cost > .zero else { return }
    try await suspend {
      token($0)
      host.processor.run(cost, of: self, waking: $0)
    }
  }

  /// Takes back what has not been done of the work that a task waits for, and wakes it; nothing happens if it is awake
  /// already.
  public func cutShort(_ token: WaitToken) {
    host.processor.withdraw(token, of: self)
    wake(token)
  }

  /// Has work done by the host's processor, for what reacts and does not wait; see ``finishWork(telling:token:)``.
  public func charge(_ cost: Interval) {
    if cost > .zero { host.processor.run(cost, of: self) }
  }

  /// Tells `target` when all work is done that this process has charged until now.
  ///
  /// - Returns: whether it is done already, and nobody is told.
  public func finishWork(telling target: any EventTarget, token: UInt64) -> Bool {
    host.processor.finish(self, telling: target, token: token)
  }

  /// Calls `target` later, if this process still runs then.
  @discardableResult
  public func schedule(
    after interval: Interval, _ target: any EventTarget, token: UInt64 = 0
  ) -> TimerID {
    schedule(at: now + interval, target, token: token)
  }

  /// Calls `target` at an instant of this process's time, if it still runs then.
  @discardableResult
  public func schedule(
    at instant: Instant, _ target: any EventTarget, token: UInt64 = 0
  ) -> TimerID {
    host.loop.schedule(
      at: host.clock.setTimer(for: instant), target, token: token, owner: self)
  }

  /// Calls a closure at an instant of this process's time, if it still runs then.
  @discardableResult
  public func schedule(at instant: Instant, _ body: @escaping () -> Void) -> TimerID {
    host.loop.schedule(at: host.clock.setTimer(for: instant), owner: self, body)
  }

  /// Wakes the current task at an instant of this process's time.
  @discardableResult
  private func setAlarm(for instant: Instant, _ token: WaitToken) -> TimerID {
    host.loop.scheduleWake(at: host.clock.setTimer(for: instant), token)
  }

  /// Runs `action` when the process ends, before its tasks wake up; at once if it has ended.
  public func onEnd(_ action: @escaping () -> Void) {
    if isAlive { endActions.append(action) } else { action() }
  }

  // MARK: Waiting, the primitive

  // Kept out of line, and what waits in line: a call that cannot suspend is cheaper than a frame of one that can.

  @usableFromInline
  func fallAsleep(for interval: Interval) throws(ProcessEnded) -> UnsafeMutableRawPointer {
    try fallAsleep(until: now + interval)
  }

  /// - Returns: the current task, which has to be suspended now.
  @usableFromInline
  func fallAsleep(until instant: Instant) throws(ProcessEnded) -> UnsafeMutableRawPointer {
    let token = try comeToWait()
    setAlarm(for: instant, token)
    return tasks.hold(token, in: self)
  }

  /// Suspends the current task until somebody calls ``wake(_:)`` with the token given to `register`.
  ///
  /// - Throws: ``ProcessEnded`` if the process has ended or ends meanwhile.
  @inlinable @inline(__always)
  public func suspend(_ register: (WaitToken) -> Void) async throws(ProcessEnded) {
    let token = try comeToWait()
    register(token)
    guard let task = try settle(token) else { return }
    if !(await suspendTask(task)) { throw ProcessEnded() }
  }

  /// - Returns: what will wake the current task.
  @usableFromInline @inline(__always)
  func comeToWait() throws(ProcessEnded) -> WaitToken {
    guard isAlive else { throw ProcessEnded() }
    return tasks.token(of: tasks.current)
  }

  /// - Returns: the current task, if it has to wait; `nil` if it has been woken meanwhile.
  @usableFromInline @inline(__always)
  func settle(_ token: WaitToken) throws(ProcessEnded) -> UnsafeMutableRawPointer? {
    guard isAlive else { throw ProcessEnded() }
    return tasks.settle(token, in: self)
  }

  /// As ``suspend(_:)``, with an alarm: wakes at `deadline` at the latest.
  ///
  /// - Returns: the alarm, to be cancelled if something else came first.
  public func suspend(
    until deadline: Instant, _ register: (WaitToken) -> Void
  ) async throws(ProcessEnded) -> TimerID {
    var timer = TimerID(slot: 0, generation: .max)
    try await suspend { token in
      timer = setAlarm(for: deadline, token)
      register(token)
    }
    return timer
  }

  /// Wakes the task that was suspended with this token; nothing happens if it is awake already.
  @inline(__always)
  public func wake(_ token: WaitToken) { tasks.wake(token) }

  /// Ends the process: called by its host, and by itself when it crashes or leaves.
  public func end() {
    guard isAlive else { return }
    isAlive = false
    (pauses, postponed) = (0, [])
    release(memory)
    host.forget(self)
    let actions = endActions
    endActions = []
    for action in actions { action() }
    tasks.wakeAll(in: self)
  }
}

// MARK: Pauses

extension Process {
  /// Whether it stands still: it holds what it holds, and does nothing with what reaches it.
  public var isPaused: Bool { pauses > 0 }

  /// Stops it, as a signal or a long collection of garbage does, until ``resume()`` is called as often.
  public func pause() {
    guard isAlive else { return }
    pauses += 1
    if pauses == 1 { host.processor.hold(self) }
  }

  /// Lets it go on: first with what has reached it meanwhile.
  public func resume() {
    guard pauses > 0 else { return }
    pauses -= 1
    guard pauses == 0 else { return }
    host.processor.letGo(self)
    let waiting = postponed
    (postponed, postponedBytes) = ([], 0)
    for body in waiting where isAlive { body() }
  }

  /// Keeps something for when it goes on.
  ///
  /// - Parameter bytes: that it takes in the socket's buffer; beyond what fits, datagrams are lost.
  func postpone(bytes: Int, _ body: @escaping () -> Void) {
    guard postponedBytes + bytes <= Self.receiveBuffer else { return }
    postponedBytes += bytes
    postponed.append(body)
  }

  /// The default receive buffer of a Linux socket, in bytes.
  private static let receiveBuffer = 212_992
}

// MARK: Memory

extension Process {
  /// Declares that it takes memory of its host, which may end it, or another one, for want of it.
  public func allocate(_ bytes: Int) {
    guard isAlive else { return }
    memory += bytes
    host.memory.used += bytes
    host.reclaimMemory()
  }

  /// Gives back what it had declared.
  public func release(_ bytes: Int) {
    let bytes = min(bytes, memory)
    memory -= bytes
    host.memory.used -= bytes
  }
}

/// The process that waited, or would have waited, is no more.
public struct ProcessEnded: Error, Equatable, Sendable {
  public init() {}
}
