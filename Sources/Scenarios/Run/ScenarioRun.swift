import ControlPlane
import Database
public import Simulation
import Volume

/// One run of a scenario under one seed: built, loaded, broken on schedule, read to the end, and judged.
///
/// ```
///   build ──▶ open and load ──▶ run: workloads, faults, samples ──▶ heal ──▶ verify ──▶ measure
///   virtual 0        origin: what the scenario calls zero   horizon
/// ```
///
/// Opening and loading go through the same cluster and the same SQL as everything else; they only come
/// before the instant from which a scenario counts.
public final class ScenarioRun {
  /// How far a run has come.
  public struct Progress: Sendable {
    public enum Stage: String, Sendable {
      case loading, running, verifying
    }
    public var stage: Stage
    /// The scenario's zero; `nil` while the cluster opens and its tables are loaded.
    public var origin: Instant?
    /// Since the scenario's zero; zero before it.
    public var reached: Interval
    public var horizon: Interval
    public var events: UInt64
    /// What has been told since the last report, newest last.
    public var news: [TraceEvent]
  }

  /// As it stands in the file, before a seed has unfolded it.
  private let written: Scenario
  private let scenario: Scenario
  private let file: String
  private let seed: UInt64
  private let build: String
  let world: World
  /// One for each mix, in the order of the workloads.
  private(set) var scripts: [(mix: String, script: any TransactionScript)] = []
  private(set) var runners: [WorkloadRunner] = []
  private var news: [TraceEvent] = []
  private let foreignEntropy: UInt64?
  private var activitiesWanted: (window: ClosedRange<Interval>?, limit: Int)?
  /// What took time, if that was asked for.
  public private(set) var activities: ActivityRecorder?
  private(set) var origin: Instant?
  private var schedule: FaultSchedule?
  private var sampler: InstanceSampler?
  private var meters: MeterSampler?
  private var conditions: ConditionWatch?
  /// The course of the run; its events come in when it has ended.
  public private(set) var history = RunHistory()
  /// Where the run is left off, however it stands.
  private var stop = Instant.distantFuture

  /// How long a cluster may take to open and to be loaded.
  private static let patience = Interval.minutes(10)
  /// How long after the horizon the cluster may take to answer the final reading.
  private static let verificationPatience = Interval.minutes(5)
  /// Between two reports of progress, in virtual time.
  private static let step = Interval.milliseconds(500)

  /// - Parameters:
  ///   - file: the scenario's path as the user gave it, for the replay command.
  ///   - build: names the program that runs it.
  public init(
    _ scenario: Scenario, file: String, seed: UInt64, build: String,
    defects: RunDefects = RunDefects()
  ) {
    written = scenario
    let scenario = scenario.unfolded(seed: seed)
    (self.scenario, self.file, self.seed, self.build) = (scenario, file, seed, build)
    foreignEntropy = defects.foreignEntropy
    world = World(scenario: scenario, seed: seed, defects: defects.planted)
    world.simulation.trace.observe { [unowned self] in news.append($0) }
  }

  /// Writes down what takes time, too; see ``activities``.
  ///
  /// - Parameters:
  ///   - window: as the scenario counts; without one, the time around the first fault, or all of the run if
  ///     there are no faults.
  ///   - limit: of the number of activities.
  public func recordActivities(in window: ClosedRange<Interval>?, limit: Int) {
    activitiesWanted = (window, limit)
  }

  /// The names of the hosts, by the index of their ids.
  public var hostNames: [String] { world.simulation.hosts.map(\.name) }

  /// Carries the run out.
  ///
  /// - Parameter report: called twice per second of virtual time.
  /// - Returns: the result; `unknown` if the cluster did not open or could not be read at the end.
  public func execute(_ report: (Progress) -> Void = { _ in }) -> RunResult {
    defer { world.simulation.shutDown() }
    return carryOut(report) ?? result(origin: origin ?? world.simulation.now)
  }

  /// Carries the run out up to the end of a window, and writes down every event in it.
  ///
  /// - Parameter window: counted from the very beginning, as the checkpoints of a ``RunHistory`` are.
  public func record(
    _ window: ClosedRange<Instant>, _ report: (Progress) -> Void = { _ in }
  ) -> EventRecording {
    defer { world.simulation.shutDown() }
    let recorder = EventRecorder(window: window, of: world.simulation)
    stop = window.upperBound
    _ = carryOut(report)
    return recorder.finish()
  }

  /// Carries the run out up to an instant, and looks at everything there.
  ///
  /// - Parameter instant: as the scenario counts, up to the horizon.
  /// - Returns: `nil` if the cluster did not open.
  public func state(
    at instant: Interval, _ report: (Progress) -> Void = { _ in }
  ) -> RunState? {
    defer { world.simulation.shutDown() }
    guard open(report) else { return nil }
    advance(to: instant, report)
    return state
  }

  /// - Returns: `nil` if the run was left off at ``stop``.
  private func carryOut(_ report: (Progress) -> Void) -> RunResult? {
    guard open(report) else { return isStopped ? nil : result(origin: world.simulation.now) }
    advance(to: scenario.run.horizon, report)
    return isStopped ? nil : conclude(report)
  }

  private var isStopped: Bool { world.simulation.now >= stop }

  /// Leaves the run off where it stands; to be called while it reports. Its result says that it was broken
  /// off.
  public func breakOff() {
    stop = world.simulation.now
    wasStopped = true
  }

  /// Whether somebody has left the run off.
  public private(set) var wasStopped = false

  // MARK: Stage by stage

  /// Everything as it is now. To look changes nothing.
  public var state: RunState {
    RunInspector(world: world, origin: origin ?? .start, faults: schedule?.results ?? []).state
  }

  /// How far the run has come, as the scenario counts; zero while the cluster opens.
  public var reached: Interval { origin.map { world.simulation.now - $0 } ?? .zero }

  /// Opens and loads the cluster, and sets everything going that the scenario names: the first stage, after
  /// which the run stands at the scenario's zero.
  ///
  /// - Returns: whether the cluster has opened.
  public func open(_ report: (Progress) -> Void = { _ in }) -> Bool {
    guard load(report) else { return false }
    let simulation = world.simulation
    let origin = simulation.now
    let schedule = FaultSchedule(world: world)
    schedule.arm(at: origin)
    sampler = InstanceSampler(world: world)
    meters = MeterSampler(of: simulation, marks: [origin + scenario.run.warmup])
    for (number, workload) in scenario.workloads.enumerated() {
      runners.append(
        WorkloadRunner(
          workload: workload, number: number, script: script(of: workload.mix),
          hosts: hosts(of: workload.client), origin: origin))
    }
    if let foreignEntropy {
      let moved = Interval.nanoseconds(Int64(foreignEntropy % 1_000_000_000))
      simulation.loop.schedule(at: origin + scenario.run.horizon / 2 + moved) {}
    }
    if let (wanted, limit) = activitiesWanted {
      let window = wanted ?? windowOfInterest(schedule.results)
      let recorder = ActivityRecorder(
        window: origin + window.lowerBound...origin + window.upperBound, limit: limit,
        of: simulation)
      simulation.record(recorder)
      activities = recorder
    }
    (self.origin, self.schedule) = (origin, schedule)
    conditions = ConditionWatch(scenario: scenario, world: world)
    return true
  }

  /// Lets time pass, in as many pieces as one likes: they are no part of what happens.
  ///
  /// - Parameter instant: as the scenario counts, up to the horizon; nothing happens if it has passed.
  /// - Precondition: ``open(_:)`` has succeeded.
  public func advance(to instant: Interval, _ report: (Progress) -> Void = { _ in }) {
    guard let origin else { preconditionFailure("the cluster is not open") }
    advance(until: origin + min(instant, scenario.run.horizon), .running, origin, report)
  }

  /// Heals what is broken, reads the end state, and judges: the last stage.
  ///
  /// - Returns: `nil` if the run was left off at ``stop``.
  /// - Precondition: the run stands at its horizon.
  private func conclude(_ report: (Progress) -> Void) -> RunResult? {
    guard let origin, let conditions else { preconditionFailure("the cluster is not open") }
    meters?.read()
    schedule?.heal()
    let verification = Verifier(
      world: world, scripts: scripts, workloads: runners.map(\.record), origin: origin)
    verify(verification, from: origin, report)
    if isStopped { return nil }
    return result(
      origin: origin,
      verification: verification.conclude(
        faults: schedule?.results ?? [], conditions: conditions.observations))
  }

  /// Carries out what is left of a run that was opened by hand.
  public func finish(_ report: (Progress) -> Void = { _ in }) -> RunResult {
    defer { world.simulation.shutDown() }
    advance(to: scenario.run.horizon, report)
    guard let result = conclude(report) else { preconditionFailure("nobody has left this run off") }
    return result
  }

  /// Waits for the cluster and fills its tables.
  private func load(_ report: (Progress) -> Void) -> Bool {
    // Workloads of one mix share its tables, and agree on their size.
    for mix in scenario.workloads.map(\.mix) where !scripts.contains(where: { $0.mix == mix.name })
    {
      scripts.append((mix.name, mix.kind.makeScript()))
    }
    let loaded = Promise<Bool>()
    let console = world.console
    let scripts = scripts
    console.process.spawn {
      do {
        let connection = try await console.connect(as: .service)
        for (_, script) in scripts { try await script.load(through: connection) }
        connection.close()
        loaded.fulfil(true)
      } catch let error as ProcessEnded {
        throw error
      } catch {
        loaded.fulfil(false)
      }
    }
    let deadline = world.simulation.now + Self.patience
    while !loaded.isFulfilled, world.simulation.now < min(deadline, stop) {
      advance(until: world.simulation.now + Self.step, .loading, nil, report)
    }
    // The readers, too, should be there when the scenario begins.
    while !world.isWhole, world.simulation.now < min(deadline, stop) {
      advance(until: world.simulation.now + Self.step, .loading, nil, report)
    }
    return loaded.isFulfilled && world.isWhole
  }

  /// Lets time pass until the end state has been read, or patience has run out.
  private func verify(_ verifier: Verifier, from origin: Instant, _ report: (Progress) -> Void) {
    let deadline = world.simulation.now + Self.verificationPatience
    verifier.start()
    while !verifier.isDone, world.simulation.now < min(deadline, stop) {
      advance(until: world.simulation.now + Self.step, .verifying, origin, report)
    }
  }

  private func advance(
    until end: Instant, _ stage: Progress.Stage, _ origin: Instant?, _ report: (Progress) -> Void
  ) {
    let simulation = world.simulation
    while simulation.now < min(end, stop) {
      simulation.loop.run(until: min(end, simulation.now + Self.step))
      history.checkpoints.append(
        RunHistory.Checkpoint(
          instant: simulation.now, eventCount: simulation.loop.eventCount,
          digest: simulation.digest.hexadecimal))
      report(
        Progress(
          stage: stage, origin: origin, reached: origin.map { simulation.now - $0 } ?? .zero,
          horizon: scenario.run.horizon, events: simulation.loop.eventCount, news: news))
      news.removeAll()
    }
  }

  // MARK: Parts

  /// From shortly before the first fault until it should be over with what it has done.
  private func windowOfInterest(_ faults: [FaultResult]) -> ClosedRange<Interval> {
    let horizon = scenario.run.horizon
    guard let first = faults.map(\.plannedStart.sinceStart).min() else { return .zero...horizon }
    let start = min(max(.zero, first), horizon)
    return max(.zero, start - .seconds(5))...min(horizon, start + .seconds(20))
  }

  private func script(of mix: Mix) -> any TransactionScript {
    guard let found = scripts.first(where: { $0.mix == mix.name }) else {
      preconditionFailure("\(mix.name) was not loaded")
    }
    return found.script
  }

  private func hosts(of client: String) -> [ClientHost] {
    for (index, candidate) in scenario.clients.enumerated() where candidate.id == client {
      return world.clientHosts[index]
    }
    preconditionFailure("there is no client \(client); the reader refuses it")
  }

  private func result(
    origin: Instant, verification: RunRecord.Verification = RunRecord.Verification()
  ) -> RunResult {
    let simulation = world.simulation
    let end = min(simulation.now, origin + scenario.run.horizon)
    // One that was left off is counted up to where it stands.
    if simulation.now == end { meters?.read() }
    let record = RunRecord(
      scenario: scenario, scenarioFile: file, seed: seed, build: build, origin: origin,
      end: end, events: simulation.trace.events,
      hosts: world.instances.map(\.host.id), workloads: runners.map(\.record),
      faults: schedule?.results ?? [],
      faultIntervals: schedule?.intervals(until: simulation.now) ?? [],
      samples: sampler?.samples ?? [],
      passages: world.instances.indices.map { world.lagMeter.passages(to: $0, until: end) },
      meters: meters?.readings ?? MeterReadings(), verification: verification,
      digest: simulation.digest.hexadecimal, eventCount: Int(simulation.loop.eventCount))
    let measurement = Measurement(of: record)
    var result = measurement.result
    result.planDigest = scenario.digest
    result.probes = RunCoverage(of: measurement, simulation: simulation, written: written).counts
    history.origin = self.origin
    history.events = record.events.map {
      RunHistory.KeptEvent(instant: $0.instant, text: $0.details)
    }
    return result
  }
}

/// Bugs that a test plants, to see that a scenario finds them. None is part of the language.
public struct RunDefects: Sendable {
  public var planted: PlantedDefects
  /// A number from outside the simulation, which decides when a timer fires half way through the run: the
  /// thing that no run may do, for those who look whether it is noticed.
  public var foreignEntropy: UInt64?

  /// - Parameter names: of the mistakes that are to be made; see ``known``.
  public init(_ names: [String] = []) { planted = PlantedDefects(names) }

  /// The names of all that there are, from the kernel upwards.
  public static let known =
    KernelDefect.allCases.map(\.rawValue) + VolumeDefect.allCases.map(\.rawValue)
    + DatabaseDefect.allCases.map(\.rawValue) + ControlDefect.allCases.map(\.rawValue)
}
