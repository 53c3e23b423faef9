import Simulation

/// Carries out a scenario's faults on time, and keeps the record of whom each one hit.
final class FaultSchedule {
  /// A fault of the scenario, and what became of it.
  private final class Entry {
    let fault: Scenario.Fault
    let window: FaultWindow
    var active: ActiveFault?
    var start: Instant?
    var end: Instant?
    var victims: [String] = []
    /// For a statement: what became of it.
    var answer: StatementOutcome?

    init(fault: Scenario.Fault, window: FaultWindow) { (self.fault, self.window) = (fault, window) }
  }

  /// What became of a statement that was sent as a fault.
  struct StatementOutcome {
    let tookEffect: Bool
    let text: String
  }

  private let scenario: Scenario
  private let simulation: Simulation
  private let resolver: TargetResolver
  private let random: RandomStream
  private let hostRestart: LatencyDistribution
  private let send:
    (_ instance: String, _ text: String, _ done: @escaping (StatementOutcome) -> Void)
      -> Void
  private var entries: [Entry] = []
  private var origin = Instant.start

  /// - Parameter send: sends a statement to an instance on a connection of its own.
  init(
    scenario: Scenario, simulation: Simulation, resolver: TargetResolver,
    send: @escaping (String, String, @escaping (StatementOutcome) -> Void) -> Void
  ) {
    (self.scenario, self.simulation, self.resolver) = (scenario, simulation, resolver)
    self.send = send
    random = simulation.random("faults")
    hostRestart = LatencyDistribution(scenario.cluster.parameters.hostRestart)
  }

  /// Puts every fault on the agenda.
  ///
  /// - Parameter origin: the instant that the scenario calls zero.
  func arm(at origin: Instant) {
    self.origin = origin
    let random = random
    let windows = scenario.faultWindows { fault in
      let jitter = fault.anchor.jitter
      return jitter == .zero ? .zero : random.interval(in: (.zero - jitter)...jitter)
    }
    entries = zip(scenario.faults, windows).map { Entry(fault: $0, window: $1) }
    for entry in entries {
      simulation.loop.schedule(at: origin + max(.zero, entry.window.start)) { [self] in
        begin(entry)
      }
    }
  }

  /// When faults were on, in absolute time: those that ended, and those that have not, until `now`.
  func intervals(until now: Instant) -> [ClosedRange<Instant>] {
    entries.compactMap { entry in entry.start.map { $0...max($0, entry.end ?? now) } }
  }

  /// Undoes whatever is still on, so that the run can be judged.
  func heal() {
    for entry in entries where entry.end == nil && entry.start != nil { finish(entry) }
  }

  // MARK: Beginning and ending

  private func begin(_ entry: Entry) {
    entry.start = simulation.now
    if case .sql(let target, let text) = entry.fault.action { return send(text, to: target, entry) }
    let fault = fault(for: entry)
    entry.victims = fault.targets
    entry.active = ActiveFault(fault, in: simulation)
    if let end = end(of: entry) {
      simulation.loop.schedule(at: end) { [self] in finish(entry) }
    } else {
      finish(entry)
    }
  }

  private func finish(_ entry: Entry) {
    guard entry.end == nil else { return }
    entry.active?.finish()
    entry.end = simulation.now
  }

  /// When a fault is undone: at the end of its window, or for a host without one when it has booted.
  private func end(of entry: Entry) -> Instant? {
    if entry.fault.duration != nil { return origin + entry.window.end }
    if case .hostCrash = entry.fault.action {
      return simulation.now + hostRestart.draw(from: random)
    }
    return nil
  }

  private func send(_ text: String, to target: Target, _ entry: Entry) {
    let instances = resolver.hosts(of: target)
    entry.victims = instances
    simulation.emit("fault.started", entry.fault.id, ["targets": .text(target.description)])
    for instance in instances {
      send(instance, text) { [self] outcome in
        entry.answer = outcome
        entry.end = simulation.now
        simulation.emit("fault.ended", entry.fault.id)
      }
    }
  }

  private func fault(for entry: Entry) -> Fault {
    func hosts(_ target: Target) -> [String] { resolver.hosts(of: target) }
    let id = entry.fault.id
    switch entry.fault.action {
    case .crash(let target):
      let program = target.isStorage ? Program.storageNode : Program.engine
      return Fault(id: id, kind: .processCrash(program: program), targets: hosts(target))
    case .hostCrash(let target):
      return Fault(id: id, kind: .hostCrash(.mayHaveLanded), targets: hosts(target))
    case .outage(let zone):
      return Fault(id: id, kind: .hostCrash(.mayHaveLanded), targets: hosts(.zone(zone)))
    case .partition(let one, let other):
      return Fault(
        id: id, kind: .link(.blocked, others: hosts(other), oneWay: false), targets: hosts(one))
    case .oneWayPartition(let source, let target):
      return Fault(
        id: id, kind: .link(.blocked, others: hosts(target), oneWay: true), targets: hosts(source))
    case .isolation(let target):
      let inside = hosts(target)
      let outside = simulation.hosts.map(\.name).filter { !inside.contains($0) }
      return Fault(
        id: id, kind: .link(.blocked, others: outside, oneWay: false), targets: inside)
    case .disk(let target, let fault):
      return Fault(id: id, kind: fault.kind, targets: hosts(target))
    case .sql:
      preconditionFailure("a statement is sent, not injected")
    }
  }

  // MARK: The record

  /// What became of each fault, in scenario time, in the order of the file.
  var results: [FaultResult] {
    entries.map { entry in
      func relative(_ instant: Instant) -> Instant { .start + (instant - origin) }
      let tookEffect = entry.active?.tookEffect ?? entry.answer?.tookEffect ?? false
      let evidence =
        entry.active?.evidence ?? entry.answer?.text
        ?? (entry.start == nil ? "never began" : "no answer by the end of the run")
      return FaultResult(
        id: entry.fault.id, kind: entry.fault.action.kind, targets: entry.fault.action.targets,
        victims: entry.victims, plannedStart: .start + entry.window.start,
        plannedEnd: entry.fault.duration == nil ? nil : .start + entry.window.end,
        start: entry.start.map(relative), end: entry.end.map(relative),
        tookEffect: tookEffect, evidence: evidence)
    }
  }
}

/// What programs are called on their hosts.
enum Program {
  static let engine = "engine"
  static let storageNode = "storage-node"
}

extension Scenario.Fault.DiskFault {
  fileprivate var kind: Fault.Kind {
    switch self {
    case .slow(let factor): .disk(.slow(factor: factor.times))
    case .stall(let stall, let every): .disk(.stalling(stall: stall, period: every))
    case .failure(let share): .disk(.failing(share.fraction))
    }
  }
}

extension Scenario.Fault.Action {
  /// The targets in the words of the scenario.
  fileprivate var targets: String {
    switch self {
    case .crash(let target), .hostCrash(let target), .isolation(let target),
      .disk(let target, _), .sql(let target, _):
      target.description
    case .outage(let zone): Target.zone(zone).description
    case .partition(let one, let other): "\(one) and \(other)"
    case .oneWayPartition(let source, let target): "\(source) to \(target)"
    }
  }
}
