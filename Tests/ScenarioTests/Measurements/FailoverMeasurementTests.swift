import Testing

@testable import ControlPlane
@testable import Database
@testable import Scenarios
@testable import Simulation

@Suite struct `A failover as measured` {
  private static let timedOut = ConnectAttempt.Failure(cause: .timedOut, kind: "connect timed out")

  private static func failover(
    _ change: (inout RunBuilder) -> Void = { _ in }
  ) -> RunBuilder {
    var run = RunBuilder()
    run.session(1, of: 0)
    run.session(1, of: 1)
    run.failOver()
    change(&run)
    return run
  }

  private static func bars(_ outage: ClientOutage) -> [String] {
    outage.waterfall.spans.map { "\($0.phase.rawValue) \(milliseconds($0))" }
  }

  @Test func `has each cause of a client on its critical path`() throws {
    let run = Self.failover { run in
      run.commit(59.9, of: 0, session: 1)
      // It finds its connection dead at 69.5, goes to the old writer once more, and only then asks.
      run.failure(69.5, "timed out", from: 59.95, of: 0)
      run.connect(
        from: 69.5, to: "w", isCached: true, until: 69.9, failing: Self.timedOut)
      run.emit(70.1, ClientResolved(host: "client-app-0", instance: "r1"))
      run.session(70.5, of: 0, to: "r1", begun: 70, resolved: 70.1, connected: 70.3)
      run.commit(70.6, of: 0, on: "r1", session: 70.5, latency: 10.65)
      run.commit(70.7, of: 0, on: "r1", session: 70.5)
    }
    let failovers = run.result.failovers
    try #require(failovers.count == 1)
    let failover = failovers[0]
    #expect(failover.kind == .failover && failover.fault == "power")
    #expect(failover.cause == moment(60))
    #expect(failover.oldWriter == "w" && failover.newWriter == "r1")
    try #require(
      failover.outages.map(\.client) == ["client-app-0"] && failover.clientsAtWork.count == 2)
    let outage = failover.outages[0]
    #expect(outage.firstCommit == moment(70.6) && outage.duration == .milliseconds(10_600))
    #expect(outage.obstacle == nil)
    #expect(
      Self.bars(outage) == [
        "detect 6000", "elect 100", "fence and recover 700", "open 200", "name moved 2000",
        "client notices 500", "name cached 500", "name look-up 100", "connect attempts 200",
        "log in 200", "first commit 100",
      ])
  }

  /// A connection that has time to run into its time-out before the name has moved costs the client nothing.
  @Test func `counts with the service what the client could not have changed`() throws {
    let run = Self.failover { run in
      run.commit(59.9, of: 0, session: 1)
      run.failure(63, "timed out", from: 59.95, of: 0)
      run.connect(from: 63, to: "w", isCached: true, until: 66, failing: Self.timedOut)
      run.connect(from: 66.5, to: "w", wanted: 63, until: 69.5, failing: Self.timedOut)
      run.session(70.5, of: 0, to: "r1", begun: 70)
      run.commit(70.6, of: 0, on: "r1", session: 70.5, latency: 10.65)
    }
    let outage = try #require(run.result.failovers.first?.outages.first)
    // Where the name led it was right when it asked: what the client had to wait for is the dead host.
    #expect(
      Self.bars(outage).suffix(4) == [
        "name moved 2000", "connect attempts 1000", "log in 500", "first commit 100",
      ])
  }

  @Test func `has no outage of a client that it passes by`() {
    let run = Self.failover { run in
      run.events.removeAll { $0.payload is HostWentDown }
      for client in 0...1 {
        run.commit(66.95, of: client, session: 1)
        run.session(67.02, of: client, to: "r1")
        run.commit(67.03, of: client, on: "r1", session: 67.02)
        run.failure(67.01, "40001", of: client)
      }
      run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(1))))
      run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(1))), client: "app")
    }
    let result = run.result
    #expect(result.failovers.map(\.outages.count) == [0])
    #expect(result.objectives.map(\.observed) == [.duration(.zero), .duration(.zero)])
    #expect(result.objectives.map(\.passed) == [true, true])
  }

  /// As in a partition that only its heartbeats do not pass: it commits until it is fenced.
  @Test func `begins with the last commit of the old writer`() throws {
    let run = Self.failover { run in
      run.events.removeAll { $0.payload is HostWentDown }
      run.engine(66.99, "w", .writer, .fenced)
      run.commit(66.98, of: 0, session: 1)
      run.failure(67.005, "57P01", from: 66.99, of: 0)
      run.emit(67.006, ClientResolved(host: "client-app-0", instance: "r1"))
      run.session(67.01, of: 0, to: "r1", begun: 67.006)
      run.commit(67.015, of: 0, on: "r1", session: 67.01, latency: 0.027)
    }
    let outage = try #require(run.result.failovers.first?.outages.first)
    #expect(outage.duration == .milliseconds(35) && outage.waterfall.start == moment(66.98))
    #expect(
      Self.bars(outage) == [
        "detect 0", "elect 0", "fence and recover 0", "open 20", "name moved 6", "log in 4",
        "first commit 5",
      ])
  }

  @Test func `is a restart in place if the same instance opens again`() throws {
    var run = RunBuilder()
    run.session(1)
    run.fault("crash", from: 40, to: 40)
    run.engine(40.1, "w", .writer, .stopped)
    run.emit(40.5, EngineCrashed(instance: "w", restartDelay: .seconds(1)))
    run.emit(41.5, EngineStarted(instance: "w", role: .writer))
    run.engine(41.5, "w", .writer, .starting)
    run.recovery(42, "w", epoch: 2)
    run.engine(42.5, "w", .writer, .available, epoch: 2)
    // An answer that was under way.
    run.commit(40.05, session: 1)
    run.failure(43, "connection reset", from: 40.06)
    run.session(43.5, begun: 43, connected: 43.1)
    run.commit(44, session: 43.5, latency: 3.94)
    run.scenario.claims.sometimes = [.writerRestart]
    run.scenario.claims.never = [.failover]
    let result = run.result
    let restart = try #require(result.failovers.first)
    #expect(restart.kind == .restart && restart.newWriter == "w")
    #expect(restart.cause == moment(40) && restart.fault == "crash")
    let outage = try #require(restart.outages.first)
    #expect(outage.firstCommit == moment(44))
    #expect(
      Self.bars(outage) == [
        "detect 450", "elect 1000", "fence and recover 500", "open 500", "client notices 500",
        "connect attempts 100", "log in 400", "first commit 500",
      ])
    #expect(result.claims.map(\.passed) == [true, true])
  }

  @Test func `names a client that never commits again, and why`() throws {
    var run = Self.failover { run in
      run.failure(70, "timed out", from: 59.9, of: 1)
      run.connect(from: 70, of: 1, to: "w", isCached: true, until: 73, failing: Self.timedOut)
      run.commit(70, of: 0, on: "r1", session: 69, latency: 11)
    }
    run.objective(.failoverSeenByClient, .p50, .below(.time(.seconds(30))), client: "app")
    run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(30))), client: "app")
    run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(50))))
    run.objective(.failoverSeenByClient, .mean, .below(.time(.seconds(20))))
    let result = run.result
    let outage = try #require(result.failovers.first?.outages.last)
    #expect(outage.client == "client-app-1" && outage.firstCommit == nil)
    #expect(outage.obstacle == "a kept answer leads it to w: connect timed out")
    #expect(Self.bars(outage).suffix(2) == ["client notices 1000", "name cached 30000"])
    #expect(outage.waterfall.end == moment(100))
    // 10 s for one; 40 s and counting for the other.
    #expect(result.objectives.map(\.passed) == [true, false, nil, false])
    #expect(result.objectives[1].observed == .duration(.seconds(40)))
    #expect(result.verdict == .fail)
    #expect(
      result.reasons[0]
        == "objective failover.client_seen of app max below 30s: it was at least 40.0 s")
  }

  @Test func `tells what holds a client up`() throws {
    func obstacle(_ change: (inout RunBuilder) -> Void) throws -> String? {
      let run = Self.failover { run in
        run.request(59.9)
        change(&run)
      }
      return try #require(run.result.failovers.first?.outages.first).obstacle
    }
    #expect(
      try obstacle { $0.underWay = [$0.attempt(59.9)] }
        == "it waits for an answer on a connection to w from before the loss, with a socket time-out of"
        + " 10s")
    #expect(
      try obstacle { $0.underWay = [$0.attempt(75, on: "r1", session: 74)] }
        == "it waits for an answer from r1")
    #expect(
      try obstacle { run in
        run.connect(
          from: 80, to: "r1", until: 80.1, failing: .init(cause: .refused, kind: "53300"))
      } == "r1 does not let it in: 53300")
    #expect(
      try obstacle { $0.connect(from: 80, to: nil, until: nil) }
        == "the name server gives no answer")
  }

  @Test func `has no new writer if nobody followed before the end`() throws {
    var run = RunBuilder()
    run.session(1)
    run.fault("power", from: 90, to: nil)
    run.emit(90, HostWentDown(host: "w"))
    run.suspicion(96, "w")
    run.request(89.9)
    let failover = try #require(run.result.failovers.first)
    #expect(failover.kind == .failover && failover.newWriter == nil)
    let outage = try #require(failover.outages.first)
    #expect(outage.firstCommit == nil && outage.obstacle == "there is no writer")
    #expect(Self.bars(outage) == ["detect 6000", "elect 4000"])
  }

  @Test func `is over only with a write, on the writer of the moment, in a session of its own`()
    throws
  {
    let run = Self.failover { run in
      run.failure(66.3, "connection reset", from: 60)
      run.commit(67.5, on: "r1", session: 66.5, writes: false)
      run.commit(68, on: "w", session: 1)
      run.commit(68.5, on: "r1", session: 30)
      run.commit(69, on: "r1", session: 66.5)
    }
    #expect(try #require(run.result.failovers.first).outages[0].firstCommit == moment(69))
  }

  @Test func `goes on if the successor is lost before anybody commits`() throws {
    let run = Self.failover { run in
      run.emit(68, HostWentDown(host: "r1"))
      run.suspicion(74, "r1")
      run.emit(74, PromotionSent(instance: "r2", term: 3))
      run.engine(75, "r2", .writer, .available, epoch: 3)
      run.emit(76, ClientResolved(host: "client-app-0", instance: "r2"))
      for client in 0...1 {
        run.session(76.5, of: client, to: "r2")
        run.commit(77, of: client, on: "r2", session: 76.5, latency: 17.5)
      }
    }
    let failovers = run.result.failovers
    #expect(failovers.map(\.newWriter) == ["r1", "r2"])
    #expect(failovers.map(\.cause) == [moment(60), moment(68)])
    // The first fault did not begin in the reign of r1.
    #expect(failovers.map(\.fault) == ["power", nil])
    #expect(failovers.map { $0.outages[0].firstCommit } == [moment(77), moment(77)])
    let waterfall = failovers[0].outages[0].waterfall
    #expect(waterfall.duration(of: .detect) == .seconds(12))
    #expect(waterfall.duration(of: .nameMoved) == .seconds(2))
    #expect(waterfall.total == .seconds(17))
  }

  @Test func `is put down to the fault that struck the writer`() {
    var run = RunBuilder()
    run.fault("elsewhere", from: 30, to: 31, on: ["storage-c0"])
    run.failOver()
    run.fault("cable", from: 59, to: 80, on: ["storage-b0"])
    run.fault("late", from: 62, to: 80)
    #expect(run.result.failovers.map(\.fault) == ["power"])
  }

  /// `w` falls silent and is replaced while it lives.
  private static func silence(_ change: (inout RunBuilder) -> Void) -> [String?] {
    var run = RunBuilder()
    run.failOver()
    run.events.removeAll { $0.payload is HostWentDown }
    run.faults.removeAll()
    change(&run)
    return run.result.failovers.map(\.fault)
  }

  private static let call = Scenario.Fault.Action.call(
    .init(.failover(to: nil)))

  @Test func `is not put down to a call before the control plane takes it on`() {
    let found = Self.silence { run in
      run.fault("cut", from: 60, to: 90, on: ["control-plane"])
      // It is made in the midst of the silence, and only heard when all is over.
      run.fault("go", from: 62, to: 91, acted: 90.5, on: [], action: Self.call)
      run.fault("never", from: 63, to: nil, on: ["w"], tookEffect: false, action: Self.call)
    }
    #expect(found == ["cut"])
  }

  @Test func `is put down to the call that asked for it, however much else strikes the writer`() {
    var run = RunBuilder()
    run.fault("slow", from: 50, to: 90)
    run.fault("go", from: 55, to: 70.1, acted: 70, on: ["r1"], action: Self.call)
    run.fault("again", from: 55, to: 70.2, acted: 70.2, on: ["r2"], action: Self.call)
    run.emit(70, FailoverStarted(cluster: "by-hand", writer: "w", isPlanned: true, term: 1))
    run.emit(70.3, EngineDemoted(instance: "w"))
    run.engine(70.3, "w", .writer, .stopped)
    run.engine(70.4, "r1", .writer, .available, epoch: 2)
    let failover = run.result.failovers.first
    #expect(failover?.fault == "go" && failover?.cause == moment(70))
  }

  @Test func `is put down to what was on when the silence began`() {
    let found = Self.silence { run in
      run.fault("early", from: 20, to: 59, on: ["control-plane"])
      run.fault("cut", from: 60.5, to: 90, on: ["control-plane"])
      run.fault("later", from: 62, to: 90)
    }
    #expect(found == ["cut"])
    let striking = Self.silence { run in
      run.fault("cable", from: 60, to: 90)
      run.fault("cut", from: 60.5, to: 90, on: ["control-plane"])
    }
    #expect(striking == ["cable"])
    let unheard = Self.silence { run in
      run.fault("cut", from: 60, to: 90, on: ["control-plane"])
      run.fault("disk", from: 60.2, to: 90, on: ["storage-a0"])
      run.fault(
        "inject", from: 60.4, to: 61, action: .statement(.init(.instance("w"), "SELECT 1")))
    }
    #expect(unheard == ["cut"])
  }

  @Test func `has no fault that had not done anything yet`() {
    let found = Self.silence { run in
      run.events.removeAll { $0.payload is InstanceSuspected || $0.payload is FailoverStarted }
      run.fault("cable", from: 59, to: 90, acted: 80)
      run.fault("idle", from: 60, to: 90, tookEffect: false)
    }
    #expect(found == [nil])
  }

  @Test func `is put down to a plain statement only for want of anything else`() {
    func fault(_ change: (inout RunBuilder) -> Void) -> String? {
      var run = RunBuilder()
      let statement = Scenario.Fault.Action.statement(
        .init(.instance("w"), "SELECT 1"))
      run.fault("select", from: 41, to: 46, action: statement)
      change(&run)
      run.emit(45, EngineHung(instance: "w"))
      run.engine(50, "w", .writer, .available, epoch: 2)
      return run.result.failovers.first?.fault
    }
    #expect(fault { $0.fault("pause", from: 40, to: 60) } == "pause")
    #expect(fault { _ in } == "select")
    #expect(fault { $0.faults[0].end = moment(44) } == nil)
    #expect(
      fault { run in
        run.fault("pause", from: 40, to: 60)
        run.emit(
          41,
          EngineCrashInjected(
            instance: "w", part: .dispatcher, client: Address(host: HostID(index: 9), port: 1)))
      } == "select")
  }

  @Test func `of a host goes by the fault that strikes this host again and again`() {
    var run = RunBuilder()
    run.failOver()
    run.faults[0].victims = ["w", "r1"]
    run.fault("cable", from: 70, to: 90, on: ["storage-b0"])
    run.emit(75, HostWentDown(host: "r1"))
    run.engine(82, "r2", .writer, .available, epoch: 3)
    let failovers = run.result.failovers
    #expect(failovers.map(\.fault) == ["power", "power"])
    #expect(failovers.map(\.cause) == [moment(60), moment(75)])
  }

  @Test func `splits what failed into the connection and the log-in`() throws {
    let run = Self.failover { run in
      run.commit(59.9, of: 0, session: 1)
      run.failure(69, "timed out", from: 59.95, of: 0)
      // Connected at 69.5, refused at 70.5, tries again at 71.
      run.connect(
        from: 69, to: "r1", connected: 69.5, until: 70.5,
        failing: .init(cause: .refused, kind: "53300"))
      run.session(72, of: 0, to: "r1", begun: 71, connected: 71.2)
      run.commit(72.1, of: 0, on: "r1", session: 72, latency: 12.15)
    }
    let outage = try #require(run.result.failovers.first?.outages.first)
    #expect(
      Self.bars(outage).suffix(3) == ["connect attempts 1200", "log in 1800", "first commit 100"])
    #expect(outage.duration == .milliseconds(12_100))
  }

  @Test func `has no fault if the last one was long over`() {
    var run = RunBuilder()
    run.fault("elsewhere", from: 30, to: 31)
    run.emit(60, HostWentDown(host: "w"))
    run.engine(67, "r1", .writer, .available, epoch: 2)
    let failover = run.result.failovers.first
    #expect(failover?.fault == nil && failover?.cause == moment(60))
  }

  @Test func `concerns only clients of the cluster endpoint that were at work`() {
    var run = RunBuilder()
    run.scenario.clients[0].count = 3
    run.scenario.clients.append(Scenario.Client(id: "audit", endpoint: .reader))
    run.session(1, of: 1)
    run.session(75, of: 2, to: "r1")
    run.failOver()
    for client in 0...2 { run.request(59, of: client) }
    #expect(run.result.failovers.first?.outages.map(\.client) == ["client-app-1"])
    run.scenario.workloads[0].duration = .seconds(59)
    #expect(run.result.failovers.first?.outages.isEmpty == true)
  }

  @Test func `is none while loading, and none if the writer is cleared`() {
    var run = RunBuilder()
    run.engine(-2, "w", .writer, .stopped)
    run.engine(-1, "w", .writer, .available, epoch: 2)
    run.suspicion(50, "w")
    run.emit(53, SuspicionCleared(instance: "w"))
    #expect(run.result.failovers.isEmpty)
  }

  @Test func `is none if the writer says the same again`() {
    var run = RunBuilder()
    run.engine(50, "w", .writer, .recovering)
    run.engine(51, "w", .writer, .available, epoch: 1)
    #expect(run.result.failovers.isEmpty)
  }
}

@Suite struct `A waterfall of marks` {
  /// Every event of a failover is moved about or left out, and commits come whenever they do: whatever
  /// is left must add up to the outage, from the cause to the first commit.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `adds up whatever was seen of it, in whatever order`(seed: UInt64) throws {
    let random = Simulation(seed: seed).random("marks")
    var run = RunBuilder()
    for client in 0...1 { run.session(1, of: client) }
    run.failOver()
    run.emit(70, ClientResolved(host: "client-app-0", instance: "r1"))
    let fixed = [
      EngineStateChanged.name, HostWentDown.name, FaultStarted.name, FaultEnded.name,
    ]
    for event in run.events where !fixed.contains(event.name) {
      let seconds = RunBuilder.origin.duration(to: event.instant).seconds
      let moved = seconds + Double(random.integer(below: 17)) - 8
      run.events.removeAll { $0 == event }
      guard random.chance(0.7) else { continue }
      run.emit(moved, event.payload)
    }
    for client in 0...1 {
      let session = 60 + Double(random.integer(below: 20))
      run.request(59, of: client)
      run.failure(session - 1, "timed out", from: 59, of: client)
      run.session(session, of: client, to: "r1", begun: session - Double(random.integer(below: 3)))
      for _ in 0..<3 {
        let seconds = session + Double(random.integer(below: 10))
        run.commit(
          seconds, of: client, on: random.chance(0.8) ? "r1" : "w", session: session,
          writes: random.chance(0.8))
      }
    }
    let failovers = run.result.failovers
    try #require(failovers.count == 1)
    let cause = failovers[0].cause
    #expect(cause <= moment(60) && failovers[0].outages.isEmpty == false)
    for outage in failovers[0].outages {
      let cause = outage.waterfall.start
      #expect(cause >= failovers[0].cause)
      var sum = Interval.zero
      for span in outage.waterfall.spans {
        #expect(span.duration >= .zero)
        sum = sum + span.duration
      }
      if let firstCommit = outage.firstCommit {
        #expect(cause + sum == firstCommit && sum == outage.duration)
      } else {
        #expect(cause + sum <= moment(100))
      }
    }
  }
}
