import Database
import Simulation
import Volume

/// The faults that SQL statements have injected, whoever sent them: what they strike, how long they last, and
/// what they did.
///
/// The cluster carries them out by itself; this only watches. At the end of a run it ends what is left of
/// them, as all faults are ended, so that the run can be judged.
final class InjectedFaultLog {
  private final class Entry {
    let id: String
    let cause: String
    let injection: FaultInjected
    let start: Instant
    var end: Instant?

    init(id: String, cause: String, injection: FaultInjected, start: Instant) {
      (self.id, self.cause, self.injection, self.start) = (id, cause, injection, start)
    }

    var plannedEnd: Instant { start + injection.interval }
  }

  private let world: World
  private let cause: (Address) -> String?
  private var entries: [Entry] = []

  /// - Parameter cause: the scenario's fault that has sent a statement from this address, if any has.
  init(world: World, cause: @escaping (Address) -> String?) {
    (self.world, self.cause) = (world, cause)
    world.simulation.trace.observe { [weak self] in self?.note($0) }
  }

  private var simulation: Simulation { world.simulation }

  /// When they were on, in absolute time.
  func intervals(until now: Instant) -> [ClosedRange<Instant>] {
    entries.map { $0.start...max($0.start, $0.end ?? now) }
  }

  /// Ends those that are still on.
  func heal() {
    for node in world.storageNodes { node.endInjectedFaults() }
    for instance in world.instances { instance.endInjectedFaults() }
    for entry in entries { finish(entry) }
  }

  private func note(_ event: TraceEvent) {
    switch event.payload {
    case let injection as FaultInjected: begin(injection)
    case let change as EngineStateChanged where change.state == .stopped:
      for entry in entries
      where entry.injection.isOfProcess && entry.injection.instance == change.instance {
        finish(entry)
      }
    default: break
    }
  }

  private func begin(_ injection: FaultInjected) {
    let cause = cause(injection.client) ?? simulation.hosts[injection.client.host.index].name
    let number = entries.count { $0.cause == cause } + 1
    let entry = Entry(
      id: "\(cause).\(number)", cause: cause, injection: injection, start: simulation.now)
    entries.append(entry)
    simulation.emit(FaultStarted(fault: entry.id, targets: injection.victims))
    simulation.loop.schedule(at: entry.plannedEnd) { [weak self] in self?.finish(entry) }
  }

  private func finish(_ entry: Entry) {
    guard entry.end == nil else { return }
    entry.end = simulation.now
    simulation.emit(
      FaultEnded(
        fault: entry.id, tookEffect: count(of: entry) > 0, evidence: evidence(of: entry)))
  }

  // MARK: What they did

  private func count(of entry: Entry) -> Int {
    let id = entry.injection.id
    return world.storageNodes.reduce(0) { $0 + $1.struckCount(by: id) }
      + world.instances.reduce(0) { $0 + $1.blockedCount(by: id) }
  }

  private func evidence(of entry: Entry) -> String {
    let count = count(of: entry)
    return switch entry.injection.function {
    case "aurora_inject_replica_failure": "\(count) pieces of the log stream blocked"
    case "aurora_inject_disk_congestion": "\(count) requests delayed"
    default: "\(count) requests blocked"
    }
  }

  /// As ``FaultSchedule/results``.
  func results(since origin: Instant) -> [FaultResult] {
    entries.map { entry in
      func relative(_ instant: Instant) -> Instant { .start + (instant - origin) }
      return FaultResult(
        id: entry.id, kind: entry.injection.function, targets: entry.injection.target,
        victims: entry.injection.victims, plannedStart: relative(entry.start),
        plannedEnd: relative(entry.plannedEnd), start: relative(entry.start),
        end: entry.end.map(relative), tookEffect: count(of: entry) > 0,
        evidence: evidence(of: entry),
        acted: count(of: entry) > 0 ? relative(entry.start) : nil, cause: entry.cause)
    }
  }
}
