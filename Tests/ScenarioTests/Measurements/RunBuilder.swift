@testable import ControlPlane
@testable import Database
@testable import Scenarios
@testable import Simulation
@testable import Volume

/// A run made by hand: the cluster of `w` in AZ a with its readers `r1` and `r2`, and one application on
/// two hosts. All times are seconds of the scenario; the run that it describes began 5 s earlier.
struct RunBuilder {
  static let origin = Instant.start + .seconds(5)

  var scenario: Scenario
  var end: Double?
  var events: [TraceEvent] = []
  var faults: [FaultResult] = []
  var samples: [InstanceSample] = []
  var meters = MeterReadings()
  var passages: [[LagMeter.Passage]] = [[], [], []]
  var verification = RunRecord.Verification()
  var commits: [WorkloadRecord.Commit] = []
  var failures: [WorkloadRecord.Failure] = []
  var connects: [ConnectAttempt] = []
  /// Those of the commits come by themselves.
  var requests: [WorkloadRecord.Request] = []
  var underWay: [WorkloadRecord.Attempt] = []

  init(horizon: Int64 = 100, warmup: Int64 = 10, serverless: ClosedRange<ServerlessCapacity>? = nil)
  {
    scenario = Scenario(
      name: "by-hand", claim: "Nothing happens.",
      run: Scenario.Run(horizon: .seconds(horizon), warmup: .seconds(warmup)),
      cluster: Scenario.Cluster(
        writer: Scenario.Instance(
          id: "w", zone: .a, instanceClass: serverless == nil ? "db.r6g.large" : "serverless",
          capacity: serverless),
        readers: [
          Scenario.Instance(id: "r1", zone: .b), Scenario.Instance(id: "r2", zone: .c),
        ]),
      clients: [Scenario.Client(id: "app", count: 2)],
      workloads: [
        Scenario.Workload(
          id: "oltp", client: "app", mix: .pgbenchTPCB(scale: 1, accountsPerBranch: 1000),
          load: .closed(concurrency: 2, thinkTime: .constant(.zero)), duration: .seconds(horizon))
      ])
    verification.ledger = RecoveryPointLedger()
    verification.evidence = [(.singleWriter, true, "12 writes")]
    for (id, role) in [("w", DatabaseInstance.Role.writer), ("r1", .reader), ("r2", .reader)] {
      engine(-3, id, role, .available, epoch: 1)
    }
  }

  var record: RunRecord {
    RunRecord(
      scenario: scenario, scenarioFile: "Scenarios/by-hand.yaml", seed: 7, build: "test",
      origin: Self.origin, end: end.map(Self.at) ?? Self.origin + scenario.run.horizon,
      events: events.enumerated()
        .sorted { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }
        .map(\.element),
      hosts: ["w", "r1", "r2"].map(Self.host),
      workloads: [
        WorkloadRecord(
          workload: scenario.workloads[0],
          requests: (requests
            + commits.map {
              WorkloadRecord.Request(
                arrival: $0.instant - $0.latency, client: $0.client, ending: .committed,
                end: $0.instant)
            }).sorted { $0.arrival < $1.arrival },
          commits: commits.sorted { $0.instant < $1.instant },
          failures: failures.sorted { $0.instant < $1.instant },
          connectAttempts: connects.sorted { $0.begun < $1.begun }, underWay: underWay)
      ],
      faults: faults,
      faultIntervals: faults.compactMap { fault in
        fault.start.map { start in
          let shift = Self.origin - .start
          return (start + shift)...((fault.end ?? .distantFuture) + shift)
        }
      },
      samples: samples, passages: passages, meters: meters, verification: verification,
      digest: "d1", eventCount: 10)
  }

  var result: RunResult { Measurement(of: record).result }

  // MARK: Times and places

  /// Absolute.
  static func at(_ seconds: Double) -> Instant { origin + .seconds(rounding: seconds) }
  static func host(_ id: String) -> HostID {
    HostID(index: id == "w" ? 0 : id == "r1" ? 1 : 2)
  }

  // MARK: What happened

  mutating func emit(_ seconds: Double, _ payload: any TracePayload) {
    events.append(TraceEvent(instant: Self.at(seconds), payload: payload))
  }

  mutating func engine(
    _ seconds: Double, _ id: String, _ role: DatabaseInstance.Role,
    _ state: DatabaseInstance.State, epoch: UInt32 = 1
  ) {
    emit(seconds, EngineStateChanged(instance: id, role: role, state: state, epoch: epoch))
  }

  /// Its volume is recovered under an epoch of this number, without waiting.
  mutating func recovery(_ seconds: Double, _ id: String, epoch: UInt32) {
    let epoch = VolumeEpoch(number: epoch, opener: 1)
    emit(seconds, VolumeEpochTaken(host: id, epoch: epoch))
    emit(
      seconds,
      VolumeRecovered(
        host: id, epoch: epoch, volumeDurableLSN: LSN(900), truncatedRecords: 3))
  }

  mutating func suspicion(_ seconds: Double, _ id: String) {
    emit(
      seconds,
      InstanceSuspected(
        instance: id, reason: .silent, since: Self.at(seconds) - .seconds(6), role: .writer))
  }

  mutating func capacity(_ seconds: Double, _ id: String, milliACU: Int) {
    emit(
      seconds,
      ServerlessCapacitySet(
        instance: id, milliACU: milliACU, demand: 0, utilization: 0, connections: 0))
  }

  /// - Parameters:
  ///   - acted: as its start if it took effect, unless something else is given.
  ///   - action: a crash of the writer's host, unless something else is given.
  mutating func fault(
    _ id: String, from start: Double, to end: Double?, acted: Double? = nil,
    on victims: [String] = ["w"], tookEffect: Bool = true, action: Scenario.Fault.Action? = nil
  ) {
    let time = { (seconds: Double) in Instant.start + .seconds(rounding: seconds) }
    faults.append(
      FaultResult(
        id: id, kind: "host_crash", targets: victims.joined(separator: " "), victims: victims,
        plannedStart: time(start), plannedEnd: end.map(time), start: time(start),
        end: end.map(time), tookEffect: tookEffect, evidence: "seen",
        acted: (acted ?? (tookEffect ? start : nil)).map(time)))
    scenario.faults.append(
      Scenario.Fault(
        id: id, anchor: .at(.seconds(rounding: start), jitter: .zero),
        action: action ?? .host(.init(.instance("w"), .crash))))
    emit(start, FaultStarted(fault: id, targets: victims))
    if let end { emit(end, FaultEnded(fault: id, tookEffect: tookEffect, evidence: "seen")) }
  }

  /// A session is opened; each host has one of its own, of its own number.
  mutating func session(
    _ seconds: Double, of client: Int = 0, to server: String = "w", begun: Double? = nil,
    resolved: Double? = nil, connected: Double? = nil
  ) {
    connect(
      from: begun ?? seconds, of: client, to: server, resolved: resolved, connected: connected,
      until: seconds)
  }

  /// - Parameter until: `nil` while it is under way.
  mutating func connect(
    from begun: Double, of client: Int = 0, to server: String?, wanted: Double? = nil,
    resolved: Double? = nil, isCached: Bool = false, connected: Double? = nil,
    until ended: Double?, failing failure: ConnectAttempt.Failure? = nil
  ) {
    let attempt = ConnectAttempt(
      session: client, client: HostName.client("app", client), wanted: Self.at(wanted ?? begun),
      begun: Self.at(begun))
    if let server {
      (attempt.server, attempt.resolved) = (Self.host(server), Self.at(resolved ?? begun))
    }
    attempt.isCached = isCached
    attempt.connected = (connected ?? (failure == nil ? resolved ?? begun : nil)).map(Self.at)
    (attempt.ended, attempt.failure) = (ended.map(Self.at), failure)
    connects.append(attempt)
  }

  mutating func commit(
    _ seconds: Double, of client: Int = 0, on server: String = "w", session: Double = 0,
    latency: Double = 0.01, writes: Bool = true
  ) {
    commits.append(
      WorkloadRecord.Commit(
        instant: Self.at(seconds), latency: .seconds(rounding: latency),
        begun: Self.at(seconds) - .seconds(rounding: latency),
        session: Self.at(session), server: Self.host(server),
        client: HostName.client("app", client), number: client, writes: writes))
  }

  /// A transaction that was not committed.
  mutating func request(
    _ seconds: Double, of client: Int = 0, ending: WorkloadRecord.Request.Ending = .waiting,
    at end: Double? = nil
  ) {
    requests.append(
      WorkloadRecord.Request(
        arrival: Self.at(seconds), client: HostName.client("app", client), ending: ending,
        end: end.map(Self.at)))
  }

  mutating func failure(
    _ seconds: Double, _ kind: String, isInDoubt: Bool = false, from begun: Double? = nil,
    of client: Int = 0, on server: String = "w", session: Double = 1
  ) {
    failures.append(
      WorkloadRecord.Failure(
        instant: Self.at(seconds), kind: kind, isInDoubt: isInDoubt,
        isConflict: kind.hasPrefix("40"),
        attempt: attempt(begun ?? seconds, of: client, on: server, session: session)))
  }

  func attempt(
    _ begun: Double, of client: Int = 0, on server: String = "w", session: Double = 1
  ) -> WorkloadRecord.Attempt {
    WorkloadRecord.Attempt(
      begun: Self.at(begun), client: HostName.client("app", client), number: client,
      session: Self.at(session), server: Self.host(server))
  }

  mutating func look(_ seconds: Double, at id: String, use: Double = 0.5, lag: Double? = nil) {
    samples.append(
      InstanceSample(
        instant: Self.at(seconds), instance: id, processorUse: use,
        lag: lag.map { .seconds(rounding: $0) }))
  }

  /// A commit was durable so long before a reader showed it, at `seconds`.
  mutating func passage(_ seconds: Double, to id: String, lag: Double) {
    let seen = Self.at(seconds)
    let instance = ["w", "r1", "r2"].firstIndex(of: id) ?? 0
    passages[instance].append(.init(durable: seen - .seconds(rounding: lag), seen: seen))
  }

  mutating func condition(_ condition: Scenario.Condition, _ seconds: Double, _ holds: Bool) {
    verification.conditions.append((condition, Self.at(seconds), holds))
  }

  mutating func objective(
    _ metric: Metric, _ statistic: Scenario.Objective.Statistic = .value,
    _ bound: Scenario.Objective.Bound, client: String? = nil,
    window: Scenario.Objective.Window = .all
  ) {
    scenario.objectives.append(
      Scenario.Objective(
        metric: metric, client: client, statistic: statistic, bound: bound, window: window))
  }

  /// The writer's host dies at 60 s and `r1` takes over: told at 66.1, open at 67.
  mutating func failOver() {
    fault("power", from: 60, to: 95)
    emit(60, HostWentDown(host: "w"))
    suspicion(66, "w")
    emit(66, FailoverStarted(cluster: "by-hand", writer: "w", isPlanned: false, term: 1))
    emit(66, CandidateElected(instance: "r1", attempt: 1, term: 2))
    emit(66.1, PromotionSent(instance: "r1", term: 2))
    engine(66.2, "r1", .writer, .recovering, epoch: 1)
    emit(66.2, VolumeRecoveryStarted(host: "r1"))
    let epoch = VolumeEpoch(number: 2, opener: 1)
    emit(66.7, VolumeEpochTaken(host: "r1", epoch: epoch))
    emit(
      66.8,
      VolumeRecovered(
        host: "r1", epoch: epoch, volumeDurableLSN: LSN(900), truncatedRecords: 3))
    engine(67, "r1", .writer, .available, epoch: 2)
    emit(69, ZonePublished(cluster: "by-hand", serial: 2, writer: "r1"))
  }
}

/// An instant of the scenario.
func moment(_ seconds: Double) -> Instant { .start + .seconds(rounding: seconds) }

func milliseconds(_ span: Waterfall.Span) -> Int64 { span.duration.nanoseconds / 1_000_000 }
