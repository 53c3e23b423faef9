import Testing

@testable import ControlPlane
@testable import Database
@testable import Scenarios
@testable import Simulation

@Suite struct `A claim as judged` {
  @Test func `that always holds needs somebody who looked`() {
    var run = RunBuilder()
    run.scenario.claims.always = [
      .noAcknowledgedCommitLost, .singleWriter, .copiesAgree, .isolation(.serializable),
    ]
    run.verification.evidence = [
      (.noAcknowledgedCommitLost, true, "1,234 commits looked up"),
      (.singleWriter, false, "no write was seen"),
      (.isolation, true, "12 transactions"),
    ]
    let late = Violation(.isolation, at: moment(50), evidence: "a cycle")
    let early = Violation(.isolation, at: moment(40), evidence: "a lost update:\n  T1")
    run.verification.violations = [late, early]
    let result = run.result
    #expect(result.claims.map(\.passed) == [true, nil, nil, false])
    #expect(
      result.claims.map(\.evidence) == [
        "1,234 commits looked up", "no write was seen", "nobody checked it",
        "INV-5: a lost update:\n  T1\nand 1 more violation",
      ])
    #expect(result.claims.map(\.instant) == [100, 100, 100, 40].map(moment))
    #expect(result.violations.map(\.instant) == [moment(40), moment(50)])
    #expect(result.verdict == .fail)
    #expect(
      result.reasons == [
        "always isolation: serializable failed: INV-5: a lost update",
        "always single_writer could not be judged: no write was seen",
        "always copies_agree could not be judged: nobody checked it",
      ])
  }

  @Test func `of isolation is judged at its own level`() {
    var run = RunBuilder()
    run.scenario.claims.always = [.isolation(.readCommitted), .isolation(.serializable)]
    run.verification.evidence = [(.isolation, true, "12 transactions")]
    run.verification.violations = [
      Violation(.isolation, at: moment(40), evidence: "a lost update", level: .repeatableRead)
    ]
    #expect(run.result.claims.map(\.passed) == [true, false])
    #expect(
      run.result.reasons == ["always isolation: serializable failed: INV-5: a lost update"])
    // Not claimed, but the level at which the workload runs.
    run.scenario.claims.always = [.isolation(.readCommitted)]
    #expect(run.result.claims.map(\.passed) == [true])
    #expect(
      run.result.reasons
        == ["INV-5, transactions are isolated as their level promises: a lost update"])
  }

  @Test func `of a situation is decided by the first sighting`() {
    var run = RunBuilder()
    run.failOver()
    run.emit(30, HostWentDown(host: "r2"))
    run.engine(50, "r2", .reader, .available)
    run.emit(70, HostWentDown(host: "r2"))
    run.engine(80, "r2", .reader, .starting)
    run.engine(81, "r2", .reader, .available, epoch: 2)
    run.engine(98, "w", .reader, .available, epoch: 2)
    run.failure(60, "connection reset", isInDoubt: true)
    run.failure(59, "40001")
    run.scenario.claims.sometimes = [.failover, .readerRestart, .commitInDoubt]
    run.scenario.claims.never = [.writerRestart, .scaleUp]
    let claims = run.result.claims
    #expect(claims.map(\.passed) == [true, true, true, true, true])
    #expect(claims.map(\.kind) == [.sometimes, .sometimes, .sometimes, .never, .never])
    #expect(claims.map(\.instant) == [67, 50, 60, 100, 100].map(moment))
    #expect(claims[0].evidence == "r1 was promoted for w")
    #expect(claims[1].evidence == "seen 2 times; first, r2 came back as a reader")

    run.scenario.claims.sometimes = [.scaleDown]
    run.scenario.claims.never = [.failover]
    #expect(run.result.claims.map(\.passed) == [false, false])
    #expect(
      run.result.reasons == [
        "sometimes scale_down failed: not seen in 100.0 s",
        "never failover failed: r1 was promoted for w",
      ])
  }

  /// A reader that only looks for its new writer has not restarted, nor has one that is promoted.
  @Test func `of a restarted reader needs its process to have ended`() {
    var run = RunBuilder()
    run.failOver()
    run.engine(66, "r2", .reader, .starting)
    run.engine(68, "r2", .reader, .available, epoch: 2)
    run.scenario.claims.never = [.readerRestart]
    #expect(run.result.claims.map(\.passed) == [true])
  }

  // MARK: Eventually

  private static func eventually(
    _ conditions: [Scenario.Condition], within: Int64 = 20,
    after: Scenario.Eventuality.Beginning = .lastFaultEnd
  ) -> RunBuilder {
    var run = RunBuilder()
    run.fault("power", from: 40, to: 50)
    run.scenario.claims.eventually = [
      Scenario.Eventuality(after: after, within: .seconds(within), conditions: conditions)
    ]
    return run
  }

  @Test func `that comes true eventually needs all conditions at one instant`() {
    var run = Self.eventually([.instancesOK, .allCopiesComplete])
    for (seconds, instances, copies) in [
      (49.5, true, true), (50.5, false, false), (55.5, true, false), (60.5, false, true),
      (62.5, true, true),
    ] {
      run.condition(.instancesOK, seconds, instances)
      run.condition(.allCopiesComplete, seconds, copies)
    }
    let claim = run.result.claims[0]
    #expect(
      claim.name == "after faults.end, within 20s: instances_ok and all_copies_complete")
    #expect(claim.passed == true && claim.instant == moment(62.5))
    #expect(claim.evidence == "true 12.5 s after faults.end")

    run.scenario.claims.eventually[0].within = .seconds(12)
    let late = run.result.claims[0]
    #expect(late.passed == false && late.instant == moment(62))
    #expect(
      late.evidence
        == "at 62.000 s, instances_ok no longer held; all was true 12.5 s after faults.end")
    #expect(late.manners == ["too late"])
  }

  @Test func `that writes work needs a transaction from after the beginning`() {
    var run = Self.eventually(
      [.writesOK], within: 10, after: .edge(FaultEdge(fault: "power", side: .start)))
    run.commit(40.001, latency: 0.1)
    run.commit(45, writes: false)
    run.commit(49, latency: 8.9)
    let claim = run.result.claims[0]
    #expect(claim.passed == true && claim.instant == moment(49))
    #expect(claim.name == "after power.start, within 10s: writes_ok")

    run.commits.removeLast()
    #expect(run.result.claims[0].passed == false)
    #expect(
      run.result.claims[0].evidence
        == "at 50.000 s, writes_ok had not come true; nor until the run ended")
    #expect(run.result.claims[0].manners == ["never"])
  }

  @Test func `that comes true eventually takes writes and looks together`() {
    var run = Self.eventually([.writesOK, .instancesOK])
    run.condition(.instancesOK, 52, true)
    run.condition(.instancesOK, 53, false)
    run.condition(.instancesOK, 58, true)
    run.commit(52.5)
    #expect(run.result.claims[0].instant == moment(52.5))
    run.commits.removeAll()
    run.commit(53.5)
    #expect(run.result.claims[0].instant == moment(58))
  }

  @Test func `that comes true eventually is unknown without a beginning, looks or time`() {
    var run = Self.eventually([.instancesOK])
    #expect(run.result.claims[0].passed == nil)
    #expect(run.result.claims[0].evidence == "nobody looked at instances_ok")
    run.condition(.instancesOK, 60, false)
    #expect(run.result.claims[0].passed == false)
    run.end = 65
    #expect(run.result.claims[0].passed == nil)
    run.faults[0].end = nil
    #expect(run.result.claims[0].evidence == "faults.end never came")
  }
}

@Suite struct `A claim about nothing` {
  @Test func `that nothing happened holds if the run was watched to its end`() {
    var run = RunBuilder()
    run.scenario.claims.never = [.failover, .writerRestart]
    #expect(run.result.claims.map(\.passed) == [true, true])
    run.end = 50
    #expect(run.result.claims.map(\.passed) == [nil, nil])
  }

  /// Without a COMMIT nobody can be in doubt about one.
  @Test func `that no commit was in doubt needs commits`() {
    var run = RunBuilder()
    run.scenario.claims.never = [.commitInDoubt]
    #expect(run.result.claims.map(\.passed) == [nil])
    #expect(
      run.result.reasons == [
        "never commit_in_doubt could not be judged: not seen in 100.0 s, but no client had a COMMIT"
          + " under way"
      ])
    run.commit(20)
    #expect(run.result.claims.map(\.passed) == [true])
  }

  /// Clients that want nothing say nothing about whether they would have been served.
  @Test func `that writes work is unknown after the workloads`() {
    var run = RunBuilder()
    run.fault("power", from: 40, to: 50)
    run.scenario.claims.eventually = [
      Scenario.Eventuality(after: .lastFaultEnd, within: .seconds(20), conditions: [.writesOK])
    ]
    #expect(run.result.claims.map(\.passed) == [false])
    run.scenario.workloads[0].duration = .seconds(45)
    #expect(run.result.claims.map(\.passed) == [nil])
    #expect(
      run.result.claims[0].evidence
        == "no workload was under way that writes through the cluster endpoint")
  }
}

@Suite struct `A verdict` {
  /// Calls that nobody heard cannot be refused.
  @Test func `that calls are never refused takes a call that was heard`() {
    var run = RunBuilder()
    run.scenario.claims.never = [.callRefused]
    #expect(run.result.claims.map(\.passed) == [nil])
    #expect(run.result.claims[0].evidence.hasSuffix("but no call reached the control plane"))
    let client = Address(host: HostID(index: 9), port: 1)
    run.emit(20, ManagementCallTaken(cluster: "by-hand", call: "FailoverDBCluster", client: client))
    #expect(run.result.claims.map(\.passed) == [true])
    run.emit(
      30, ManagementCallRefused(cluster: "by-hand", call: "FailoverDBCluster", code: "no"))
    #expect(run.result.claims.map(\.passed) == [false])
  }

  /// What a campaign is to judge is no judgement of one run.
  @Test func `is unknown if all is left to a campaign, and nothing happened`() {
    var run = RunBuilder()
    run.verification.evidence = []
    run.objective(.latency(workload: "oltp"), .p99, .below(.time(.seconds(1))))
    run.scenario.objectives[0].confidence = .percent(95)
    #expect(run.result.verdict == .unknown)
  }

  @Test func `is unknown if nothing was claimed, and nothing happened`() {
    var run = RunBuilder()
    run.verification.evidence = [(.copiesAgree, false, "there was no writer at the end")]
    #expect(run.result.verdict == .unknown)
    run.scenario.claims.never = [.failover]
    #expect(run.result.verdict == .pass)
  }

  @Test func `is unknown if the end state could not be read`() {
    var run = RunBuilder()
    run.verification.ledger = nil
    run.commit(50)
    #expect(run.result.recoveryPoint.acknowledgedCount == 1)
    #expect(run.result.reasons == ["the end state could not be read"])
    #expect(run.result.verdict == .unknown)
  }

  @Test func `is pass without a reason`() {
    let result = RunBuilder().result
    #expect(result.verdict == .pass && result.reasons.isEmpty)
  }

  @Test func `is unknown if a fault did not act`() {
    var run = RunBuilder()
    run.fault("power", from: 40, to: 50, tookEffect: false)
    #expect(run.result.verdict == .unknown)
    #expect(run.result.reasons == ["fault power did not act: seen"])
    run.faults.removeAll()
    #expect(run.result.reasons == ["fault power was not carried out"])
  }

  @Test func `is fail if anything failed, and says what is unknown besides`() {
    var run = RunBuilder()
    run.fault("power", from: 40, to: 50, tookEffect: false)
    run.scenario.claims.sometimes = [.failover]
    #expect(run.result.verdict == .fail)
    #expect(
      run.result.reasons == [
        "sometimes failover failed: not seen in 100.0 s", "fault power did not act: seen",
      ])
  }

  @Test func `is fail for a violation of what nobody claimed`() {
    var run = RunBuilder()
    run.verification.violations = [
      Violation(.rolledBackLeavesNothing, at: moment(1), evidence: "one is there")
    ]
    #expect(run.result.verdict == .fail)
    #expect(
      run.result.reasons
        == ["INV-6, a transaction that was rolled back leaves nothing behind: one is there"])
  }

  @Test func `is unknown if the run was broken off`() {
    var run = RunBuilder()
    run.end = 12
    run.scenario.claims.sometimes = [.failover]
    run.fault("power", from: 40, to: nil)
    run.faults.removeAll()
    #expect(run.result.verdict == .unknown)
    #expect(
      run.result.reasons == [
        "the run was broken off after 12.0 s of 100.0 s",
        "sometimes failover could not be judged: not seen in 12.0 s",
      ])
  }
}
