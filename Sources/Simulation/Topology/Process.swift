/// One incarnation of a program on a host: the handle through which simulated code waits and acts.
///
/// When a process ends, everything that waits in it wakes up with ``ProcessEnded``, its timers come to
/// nothing and what it still tries to send goes nowhere. A restart is another process.
///
/// ```
///   task ── suspend(register) ──▶ waits[slot] holds its continuation
///   timer, packet, lock, page … ── wake(token) ──▶ resumes it
///   end() ──▶ resumes every one of them with ProcessEnded, in order of their slots
/// ```
public final class Process {
  public let name: String
  public let host: Host
  /// Counts the incarnations of all programs of the host.
  public let incarnation: Int
  public private(set) var isAlive = true
  private var waits: [Wait] = []
  private var freeWaits: [UInt32] = []
  private var endActions: [() -> Void] = []
  var boundPorts: [UInt16] = []
  var connections: [Connection] = []

  private struct Wait {
    var continuation: UnsafeContinuation<Bool, Never>?
    var generation: UInt32 = 0
  }

  init(name: String, host: Host, incarnation: Int) {
    self.name = name
    self.host = host
    self.incarnation = incarnation
  }

  public var simulation: Simulation { host.simulation }
  public var now: Instant { host.simulation.loop.now }

  /// Starts a task of this process; it ends quietly if the process does.
  ///
  /// Any other error must be handled inside: one that gets out is a bug, and traps.
  public func spawn(_ body: @escaping () async throws -> Void) {
    guard isAlive else { return }
    simulation.loop.spawn {
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
  public func sleep(for interval: Interval) async throws(ProcessEnded) {
    try await sleep(until: now + interval)
  }

  public func sleep(until instant: Instant) async throws(ProcessEnded) {
    try await suspend { simulation.loop.schedule(at: instant, self, token: $0.raw) }
  }

  /// Uses the host's processor: waits until `cost` of CPU time has been spent, behind what is queued.
  public func compute(_ cost: Interval) async throws(ProcessEnded) {
    let done = host.processor.charge(cost, at: now)
    if done > now { try await sleep(until: done) }
  }

  /// Calls `target` later, if this process still runs then.
  @discardableResult
  public func schedule(
    after interval: Interval, _ target: any EventTarget, token: UInt64 = 0
  ) -> TimerID {
    simulation.loop.schedule(after: interval, target, token: token, owner: self)
  }

  /// Runs `action` when the process ends, before its tasks wake up; at once if it has ended.
  public func onEnd(_ action: @escaping () -> Void) {
    if isAlive { endActions.append(action) } else { action() }
  }

  // MARK: Waiting, the primitive

  /// Suspends the current task until somebody calls ``wake(_:)`` with the token given to `register`.
  ///
  /// - Throws: ``ProcessEnded`` if the process has ended or ends meanwhile.
  public func suspend(_ register: (WaitToken) -> Void) async throws(ProcessEnded) {
    guard isAlive else { throw ProcessEnded() }
    let index: UInt32
    if let reused = freeWaits.popLast() {
      index = reused
    } else {
      index = UInt32(waits.count)
      waits.append(Wait())
    }
    let isAlive = await withUnsafeContinuation { continuation in
      waits[Int(index)].continuation = continuation
      register(WaitToken(index: index, generation: waits[Int(index)].generation))
    }
    if !isAlive { throw ProcessEnded() }
  }

  /// As ``suspend(_:)``, with an alarm: wakes at `deadline` at the latest.
  ///
  /// - Returns: the alarm, to be cancelled if something else came first.
  public func suspend(
    until deadline: Instant, _ register: (WaitToken) -> Void
  ) async throws(ProcessEnded) -> TimerID {
    var timer = TimerID(slot: 0, generation: .max)
    try await suspend { token in
      timer = simulation.loop.schedule(at: deadline, self, token: token.raw)
      register(token)
    }
    return timer
  }

  /// Wakes the task that was suspended with this token; nothing happens if it is awake already.
  public func wake(_ token: WaitToken) {
    let index = Int(token.index)
    guard waits[index].generation == token.generation,
      let continuation = waits[index].continuation
    else { return }
    waits[index].continuation = nil
    waits[index].generation &+= 1
    freeWaits.append(token.index)
    continuation.resume(returning: true)
  }

  /// Ends the process: called by its host, and by itself when it crashes or leaves.
  public func end() {
    guard isAlive else { return }
    isAlive = false
    host.forget(self)
    let actions = endActions
    endActions = []
    for action in actions { action() }
    for index in waits.indices {
      if let continuation = waits[index].continuation {
        waits[index].continuation = nil
        waits[index].generation &+= 1
        continuation.resume(returning: false)
      }
    }
  }
}

extension Process: EventTarget {
  public func fire(_ token: UInt64) { wake(WaitToken(raw: token)) }
}

/// The process that waited, or would have waited, is no more.
public struct ProcessEnded: Error, Equatable, Sendable {
  public init() {}
}

/// Names one suspension of one task.
public struct WaitToken: Sendable {
  let index: UInt32
  let generation: UInt32

  init(index: UInt32, generation: UInt32) { (self.index, self.generation) = (index, generation) }

  init(raw: UInt64) {
    index = UInt32(truncatingIfNeeded: raw)
    generation = UInt32(truncatingIfNeeded: raw >> 32)
  }

  var raw: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}
