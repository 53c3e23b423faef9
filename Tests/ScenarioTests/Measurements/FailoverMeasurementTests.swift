import Testing

@testable import ControlPlane
@testable import Database
@testable import Scenarios
@testable import Simulation

@Suite struct `A failover as measured` {
  private static let phases: [Waterfall.Phase] = [
    .detect, .fence, .elect, .recoverVolume, .open, .dns, .reconnect, .firstCommit,
  ]

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

  @Test func `has each phase of each client on its critical path`() throws {
    let run = Self.failover { run in
      run.commit(59.9, of: 0, session: 1)
      run.emit(70, ClientResolved(host: "client-app-0", instance: "r1"))
      run.session(70.5, of: 0, to: "r1")
      run.commit(70.6, of: 0, on: "r1", session: 70.5)
      run.commit(70.7, of: 0, on: "r1", session: 70.5)
      run.emit(71, ClientResolved(host: "client-app-1", instance: "r1"))
      run.session(73, of: 1, to: "r1")
      run.commit(73.25, of: 1, on: "r1", session: 73)
    }
    let failovers = run.result.failovers
    try #require(failovers.count == 1)
    let failover = failovers[0]
    #expect(failover.kind == .failover && failover.fault == "power")
    #expect(failover.cause == moment(60))
    #expect(failover.oldWriter == "w" && failover.newWriter == "r1")
    try #require(failover.outages.map(\.client) == ["client-app-0", "client-app-1"])
    let outage = failover.outages[0]
    #expect(outage.firstCommit == moment(70.6) && outage.duration == .milliseconds(10_600))
    #expect(outage.waterfall.spans.map(\.phase) == Self.phases)
    #expect(outage.waterfall.spans.map(milliseconds) == [6000, 0, 100, 700, 200, 3000, 500, 100])
    #expect(
      failover.outages[1].waterfall.spans.map(milliseconds)
        == [6000, 0, 100, 700, 200, 4000, 2000, 250])
  }

  /// A writer that lives is fenced by the new epoch, which is after the election.
  @Test func `fences a living writer after the election`() throws {
    var run = RunBuilder()
    run.session(1)
    run.failOver()
    run.events.removeAll { $0.payload is HostWentDown }
    run.engine(75, "w", .writer, .fenced)
    run.commit(61, session: 1)
    run.commit(70, on: "r1", session: 69)
    let failover = try #require(run.result.failovers.first)
    #expect(failover.cause == moment(60) && failover.fault == "power")
    let waterfall = try #require(failover.outages.first).waterfall
    #expect(
      waterfall.spans.map(\.phase) == [
        .detect, .elect, .fence, .recoverVolume, .open, .dns, .reconnect, .firstCommit,
      ])
    #expect(waterfall.spans.map(milliseconds) == [6000, 100, 600, 100, 200, 0, 2000, 1000])
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
    // An answer that was under way, and one of the old session, which cannot be.
    run.commit(40.05, session: 1)
    run.commit(43, session: 1)
    run.session(43.5)
    run.commit(44, session: 43.5)
    run.scenario.claims.sometimes = [.writerRestart]
    run.scenario.claims.never = [.failover]
    let result = run.result
    let restart = try #require(result.failovers.first)
    #expect(restart.kind == .restart && restart.newWriter == "w")
    #expect(restart.cause == moment(40) && restart.fault == "crash")
    let outage = try #require(restart.outages.first)
    #expect(outage.firstCommit == moment(44))
    #expect(outage.waterfall.spans.map(\.phase) == Self.phases)
    #expect(outage.waterfall.spans.map(milliseconds) == [500, 0, 1000, 500, 500, 0, 1000, 500])
    #expect(result.claims.map(\.passed) == [true, true])
  }

  @Test func `does not end for a client that never commits again`() throws {
    var run = Self.failover { run in
      run.emit(70, ClientResolved(host: "client-app-1", instance: "r1"))
      run.commit(70, of: 0, on: "r1", session: 69)
    }
    run.objective(.failoverSeenByClient, .p50, .below(.time(.seconds(30))), client: "app")
    run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(30))), client: "app")
    run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(50))))
    run.objective(.failoverSeenByClient, .mean, .below(.time(.seconds(20))))
    let result = run.result
    let outage = try #require(result.failovers.first?.outages.last)
    #expect(outage.client == "client-app-1" && outage.firstCommit == nil)
    #expect(outage.waterfall.end == moment(70))
    #expect(outage.waterfall.spans.last?.phase == .dns)
    // 10 s for one; 40 s and counting for the other.
    #expect(result.objectives.map(\.passed) == [true, false, nil, false])
    #expect(result.objectives[1].observed == .duration(.seconds(40)))
    #expect(result.verdict == .fail)
    #expect(
      result.reasons[0]
        == "objective failover.client_seen of app max below 30s: it was at least 40.0 s")
  }

  @Test func `has no new writer if nobody followed before the end`() throws {
    var run = RunBuilder()
    run.session(1)
    run.fault("power", from: 90, to: nil)
    run.emit(90, HostWentDown(host: "w"))
    run.suspicion(96, "w")
    let failover = try #require(run.result.failovers.first)
    #expect(failover.kind == .failover && failover.newWriter == nil)
    let outage = try #require(failover.outages.first)
    #expect(outage.firstCommit == nil && outage.waterfall.spans.map(milliseconds) == [6000, 0])
  }

  @Test func `is over only with a write, on the writer of the moment, in a session of its own`()
    throws
  {
    let run = Self.failover { run in
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
      run.commit(77, on: "r2", session: 76.5)
      run.commit(77, of: 1, on: "r2", session: 76.5)
    }
    let failovers = run.result.failovers
    #expect(failovers.map(\.newWriter) == ["r1", "r2"])
    #expect(failovers.map(\.cause) == [moment(60), moment(68)])
    // The first fault did not begin in the reign of r1.
    #expect(failovers.map(\.fault) == ["power", nil])
    #expect(failovers.map { $0.outages[0].firstCommit } == [moment(77), moment(77)])
    #expect(failovers[0].outages[0].waterfall.duration(of: .dns) == .seconds(9))
  }

  @Test func `is put down to the fault that struck the writer`() {
    var run = RunBuilder()
    run.fault("elsewhere", from: 30, to: 31, on: ["storage-c0"])
    run.failOver()
    run.fault("cable", from: 59, to: 80, on: ["storage-b0"])
    run.fault("late", from: 62, to: 80)
    #expect(run.result.failovers.map(\.fault) == ["power"])
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
      run.session(session, of: client, to: "r1")
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
      #expect(outage.waterfall.start == cause)
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
