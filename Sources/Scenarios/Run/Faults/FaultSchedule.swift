import ControlPlane
import Database
import Simulation

/// Carries out a scenario's faults on time, and keeps the record of whom each one hit.
final class FaultSchedule {
  /// A fault of the scenario, and what became of it.
  private final class Entry {
    let fault: Scenario.Fault
    let window: FaultWindow
    var strike: (any Strike)?
    var start: Instant?
    var end: Instant?
    /// The last look at which it had begun and not done anything.
    var seenIdle: Instant?
    var victims: [String] = []

    init(fault: Scenario.Fault, window: FaultWindow) { (self.fault, self.window) = (fault, window) }

    /// See ``FaultResult/acted``.
    var acted: Instant? {
      guard let acted = strike?.acted else { return nil }
      return seenIdle.map { max(acted, $0 + .nanoseconds(1)) } ?? acted
    }
  }

  private let world: World
  private let resolver: TargetResolver
  private let random: RandomStream
  private let hostRestart: LatencyDistribution
  private var entries: [Entry] = []
  private lazy var injected = InjectedFaultLog(world: world) { [unowned self] client in
    entries.first { ($0.strike as? SentStatement)?.hasSent(from: client) ?? false }?.fault.id
  }
  private var origin = Instant.start

  init(world: World) {
    self.world = world
    resolver = TargetResolver(
      scenario: world.scenario, simulation: world.simulation,
      random: world.simulation.random("targets"),
      currentWriter: { [world] in world.writer?.identifier })
    random = world.simulation.random("faults")
    hostRestart = LatencyDistribution(world.scenario.cluster.parameters.hostRestart)
  }

  private var simulation: Simulation { world.simulation }

  /// Puts every fault on the agenda.
  ///
  /// - Parameter origin: the instant that the scenario calls zero.
  func arm(at origin: Instant) {
    self.origin = origin
    _ = injected
    simulation.trace.observe { [weak self] in self?.look(after: $0) }
    let random = random
    let windows = world.scenario.faultWindows { fault in
      let jitter = fault.anchor.jitter
      return jitter == .zero ? .zero : random.interval(in: (.zero - jitter)...jitter)
    }
    entries = zip(world.scenario.faults, windows).map { Entry(fault: $0, window: $1) }
    for entry in entries {
      simulation.loop.schedule(at: origin + max(.zero, entry.window.start)) { [self] in
        begin(entry)
      }
    }
  }

  /// When faults were on, in absolute time: those that ended, and those that have not, until `now`.
  func intervals(until now: Instant) -> [ClosedRange<Instant>] {
    entries.compactMap { entry in entry.start.map { $0...max($0, entry.end ?? now) } }
      + injected.intervals(until: now)
  }

  /// Undoes whatever is still on, so that the run can be judged.
  func heal() {
    for entry in entries where entry.end == nil && entry.start != nil { finish(entry) }
    injected.heal()
  }

  // MARK: Beginning and ending

  private func begin(_ entry: Entry) {
    entry.start = simulation.now
    let strike = strike(of: entry)
    entry.strike = strike
    entry.victims = strike.victims
    if strike.endsByItself { return }
    if let end = end(of: entry) {
      simulation.loop.schedule(at: end) { [self] in finish(entry) }
    } else {
      finish(entry)
    }
  }

  private func finish(_ entry: Entry) {
    guard entry.end == nil else { return }
    entry.strike?.finish()
    entry.end = simulation.now
  }

  /// When a fault is undone: at the end of its window, or for hosts without one when they have booted.
  private func end(of entry: Entry) -> Instant? {
    if entry.fault.duration != nil { return origin + entry.window.end }
    switch entry.fault.action {
    case .host, .outage: return simulation.now + hostRestart.draw(from: random)
    default: return nil
    }
  }

  private func strike(of entry: Entry) -> any Strike {
    let id = entry.fault.id
    switch entry.fault.action {
    case .statement(let statement):
      return SentStatement(
        id: id, statement, to: resolver.hosts(of: statement.target), in: world
      ) { [unowned self] in entry.end = simulation.now }
    case .call(let call):
      return OperatorCall(
        id: id, call, on: call.operation.target.map { resolver.hosts(of: $0) } ?? [], in: world
      ) { [unowned self] in entry.end = simulation.now }
    case .resource(let resource):
      if case .connections(let count) = resource.kind {
        return ConnectionStorm(
          id: id, connections: count, to: resolver.hosts(of: resource.target), in: world)
      }
    default: break
    }
    let duration = entry.fault.duration ?? .zero
    return ActiveFault(
      entry.fault.resolved(by: resolver, lasting: duration, in: simulation), in: simulation)
  }

  /// Looks which faults have not done anything yet, whenever a writer may have been lost.
  private func look(after event: TraceEvent) {
    switch event.payload {
    case is EngineStateChanged, is HostWentDown, is EngineCrashed, is EngineHung,
      is InstanceSuspected:
      // One that is just beginning has no strike yet: whatever happens now is its doing.
      for entry in entries where entry.strike.map({ $0.acted == nil }) ?? false {
        entry.seenIdle = event.instant
      }
    default: break
    }
  }

  // MARK: The record

  /// What became of each fault, in scenario time: those of the file in its order, and then those that
  /// statements have injected.
  var results: [FaultResult] {
    ownResults + injected.results(since: origin)
  }

  private var ownResults: [FaultResult] {
    entries.map { entry in
      func relative(_ instant: Instant) -> Instant { .start + (instant - origin) }
      return FaultResult(
        id: entry.fault.id, kind: entry.fault.action.keyword,
        targets: entry.fault.action.targets,
        victims: entry.victims, plannedStart: .start + entry.window.start,
        plannedEnd: entry.fault.duration == nil ? nil : .start + entry.window.end,
        start: entry.start.map(relative), end: entry.end.map(relative),
        tookEffect: entry.strike?.tookEffect ?? false,
        evidence: entry.strike?.evidence ?? "never began", acted: entry.acted.map(relative))
    }
  }
}

/// A fault that has begun, be it the kernel's or a deed of the scenario's own.
protocol Strike: AnyObject {
  /// Names of hosts.
  var victims: [String] { get }
  var tookEffect: Bool { get }
  /// From when it can have done anything, so far as one knows now; `nil` if it has done nothing.
  var acted: Instant? { get }
  /// What shows that it acted, in words.
  var evidence: String { get }
  /// Whether it says itself when it has ended.
  var endsByItself: Bool { get }
  func finish()
}

extension ActiveFault: Strike {
  var victims: [String] { fault.targets }
  var acted: Instant? { tookEffect ? start : nil }
  var endsByItself: Bool { false }
}
