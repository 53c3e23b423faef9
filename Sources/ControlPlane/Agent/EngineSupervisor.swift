public import Simulation

/// Keeps one engine running in the role that the control plane assigned: the agent's mind.
///
/// ```
///              command                launched
///   vacant ─────────────▶ launching ───────────▶ running ◀──┐ found alive when the agent starts
///                            ▲   ▲                  │       │
///              delay is over │   └── stop ──────────┤ fenced, demoted, restart
///                            │                      │
///                         holding ◀─────────────────┘ died, or no longer answers
/// ```
///
/// What it may trust: a command of the newest term, once; the process table of its host; what the engine
/// answers. It does not know whether another writer has been elected, so that a fenced writer comes back
/// as a reader, and one that crashed while the control plane was not to be heard waits a while first.
public struct EngineSupervisor: Sendable {
  public enum Action: Hashable, Sendable {
    case start(EngineRole)
    /// Tell the running engine that it is the writer now; every later probe says so again.
    case promote
    /// Tell the running reader whom to follow; every later probe says so again.
    case follow(Address?)
    case stop
    /// Ask the engine what it is, and tell it ``orderedRole``.
    case probe
    /// Something has changed that the control plane should not have to wait for.
    case heartbeat
    case limitCapacity(ClosedRange<ServerlessCapacity>)
    case note(Note)
  }

  /// What is worth telling in the trace.
  public enum Note: Hashable, Sendable {
    case crashed(restartsAfter: Interval)
    case hung
    case fenced
    case demoted
    case adopted
    case heldBack
  }

  enum Phase: Hashable, Sendable {
    case vacant
    case launching(until: Instant)
    case running(since: Instant)
    case holding(until: Instant)
  }

  private let timing: ClusterTiming
  private let instance: String
  private let incarnation: UInt32
  private(set) var phase = Phase.vacant
  /// What the engine is to be; `nil` until the control plane has spoken.
  private(set) var role: EngineRole?
  /// Term of the election that gave it its role.
  private(set) var term: UInt64 = 0
  /// The newest that was carried out.
  private(set) var command: UInt64 = 0
  private(set) var engineStarts: UInt32 = 0
  /// What the engine said last; ``EngineStatus/none`` when it does not run.
  private(set) var status = EngineStatus.none
  /// What the running engine was started or told to be; `nil` if it was found alive and has not said.
  private var runningRole: EngineRole.Kind?
  private var nextProbe = Instant.distantFuture
  private var unanswered = 0
  private var crashesInARow = 0
  private var crashedAt = Instant.start
  private var isHeldBack = false
  private var lastContact: Instant

  /// - Parameter engineIsAlive: whether an earlier incarnation of the agent left an engine running.
  init(
    instance: String, incarnation: UInt32, timing: ClusterTiming, engineIsAlive: Bool,
    at now: Instant
  ) {
    self.instance = instance
    self.incarnation = incarnation
    self.timing = timing
    lastContact = now
    if engineIsAlive {
      phase = .running(since: now)
      nextProbe = now
    }
  }

  // MARK: From the control plane

  /// Carries out a command, unless it is stale or has been carried out.
  mutating func receive(_ newCommand: Command, at now: Instant) -> [Action] {
    guard newCommand.instance == instance, newCommand.incarnation == incarnation else { return [] }
    lastContact = now
    guard newCommand.term >= term, newCommand.sequence > command else {
      // Its acknowledgement got lost, or it was overtaken; the heartbeat says which.
      return [.heartbeat]
    }
    command = newCommand.sequence
    switch newCommand.order {
    case .promote: role = .writer
    case .follow(let writer): role = .reader(writer: writer)
    case .restart: return restart(at: now) + [.heartbeat]
    case .setCapacity(let range): return [.limitCapacity(range), .heartbeat]
    }
    term = newCommand.term
    return assume(at: now) + [.heartbeat]
  }

  /// The control plane has answered a heartbeat.
  mutating func receiveContact(at now: Instant) { lastContact = now }

  // MARK: From the engine

  /// Takes note of what the running engine says.
  mutating func receive(_ newStatus: EngineStatus, at now: Instant) -> [Action] {
    guard case .running = phase else { return [] }
    let before = status
    status = newStatus
    unanswered = 0
    if newStatus.state == .fenced { return surrender(at: now) }
    var actions: [Action] = []
    if runningRole == nil {
      runningRole = newStatus.role
      actions = [.note(.adopted)]
      if role != nil { actions += assume(at: now) }
    }
    let hasChanged =
      before.state != newStatus.state || before.role != newStatus.role
      || before.epoch != newStatus.epoch
    return hasChanged ? actions + [.heartbeat] : actions
  }

  // MARK: Time

  /// - Parameter engineIsAlive: whether the process table lists the engine.
  mutating func tick(at now: Instant, engineIsAlive: Bool) -> [Action] {
    switch phase {
    case .vacant: return []
    case .launching(let instant):
      guard now >= instant, let role else { return [] }
      return launch(role, at: now)
    case .holding(let instant):
      guard now >= instant else { return [] }
      if role == .writer, isIsolated(at: now), now < crashedAt + timing.isolationPatience {
        phase = .holding(
          until: min(now + timing.heartbeatInterval, crashedAt + timing.isolationPatience))
        let isFirst = !isHeldBack
        isHeldBack = true
        return isFirst ? [.note(.heldBack)] : []
      }
      isHeldBack = false
      phase = .launching(until: now + timing.engineStart)
      return [.heartbeat]
    case .running(let start):
      guard now >= nextProbe else { return [] }
      if !engineIsAlive { return recordCrash(startedAt: start, at: now, actions: []) }
      if unanswered >= timing.unansweredProbes {
        return recordCrash(startedAt: start, at: now, actions: [.note(.hung), .stop])
      }
      unanswered += 1
      nextProbe = now + timing.probeInterval
      return [.probe]
    }
  }

  /// When ``tick(at:engineIsAlive:)`` has something to do next.
  var deadline: Instant {
    switch phase {
    case .vacant: .distantFuture
    case .launching(let instant), .holding(let instant): instant
    case .running: nextProbe
    }
  }

  /// What heartbeats report: the engine as the agent sees it.
  var reportedStatus: EngineStatus {
    var reported = status
    switch phase {
    case .vacant, .holding: reported.state = .stopped
    case .launching: reported.state = .starting
    case .running: break
    }
    if let role, runningRole == nil { reported.role = role.kind }
    return reported
  }

  /// What probes tell the engine to be; `nil` while it is not known what it is, or what it is to be.
  var orderedRole: EngineRole? { runningRole == nil ? nil : role }

  // MARK: Transitions

  /// Brings the engine into the assigned role from wherever it is.
  private mutating func assume(at now: Instant) -> [Action] {
    guard let role else { return [] }
    switch phase {
    case .vacant:
      phase = .launching(until: now + timing.engineStart)
      return []
    case .launching, .holding: return []
    case .running:
      // An engine that was found alive says first what it is.
      guard let runningRole else { return [] }
      switch (runningRole, role) {
      case (.writer, .writer): return []
      case (.reader, .writer):
        self.runningRole = .writer
        return [.promote]
      case (.reader, .reader(let writer)): return [.follow(writer)]
      case (.writer, .reader): return [.note(.demoted)] + restart(at: now)
      }
    }
  }

  /// The volume belongs to somebody else: whoever that is, this is no longer the writer.
  private mutating func surrender(at now: Instant) -> [Action] {
    role = .reader(writer: nil)
    return [.note(.fenced)] + restart(at: now) + [.heartbeat]
  }

  private mutating func restart(at now: Instant) -> [Action] {
    guard case .running = phase else { return [] }
    phase = .launching(until: now + timing.engineStart)
    forgetEngine()
    return [.stop]
  }

  private mutating func launch(_ role: EngineRole, at now: Instant) -> [Action] {
    phase = .running(since: now)
    status = EngineStatus(state: .starting, role: role.kind)
    runningRole = role.kind
    engineStarts += 1
    unanswered = 0
    nextProbe = now + timing.probeInterval
    return [.start(role), .heartbeat]
  }

  private mutating func recordCrash(
    startedAt start: Instant, at now: Instant, actions: [Action]
  ) -> [Action] {
    crashesInARow = now - start < timing.stableAfter ? crashesInARow + 1 : 1
    var delay = timing.restartDelay
    for _ in 1..<max(1, min(crashesInARow, 32)) {
      delay = min(delay * 2, timing.longestRestartDelay)
    }
    crashedAt = now
    phase = .holding(until: now + delay)
    forgetEngine()
    guard role != nil else {
      phase = .vacant
      return actions + [.heartbeat]
    }
    return actions + [.note(.crashed(restartsAfter: delay)), .heartbeat]
  }

  private mutating func forgetEngine() {
    status = .none
    runningRole = nil
    unanswered = 0
    nextProbe = .distantFuture
  }

  private func isIsolated(at now: Instant) -> Bool {
    now - lastContact > timing.heartbeatTimeout
  }
}
