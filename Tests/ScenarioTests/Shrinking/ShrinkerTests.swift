import Simulation
import Testing

@testable import Scenarios

/// The algorithm, without a simulator: the judge looks at the scenario itself.
@Suite struct `A shrinker` {
  private static func start() throws -> Scenario {
    let text = TinyScenario(
      name: "start", horizon: "60s", zones: "abc", volume: [], arrivals: "poisson(20/s)",
      connections: 8,
      faults: [
        "{ id: slow, at: 1s, for: 2s, disk: { on: \"storage@c[1]\", slow: 10x } }",
        "{ id: out, at: 4321ms +- 500ms, for: 20s, outage: { az: b } }",
        "{ id: cut, after: out.end + 1s, for: 3s, partition: { between: [w, storage] } }",
        "{ id: down, after: cut.start + 1500ms, for: 4s, host_crash: { on: r1 } }",
        "{ id: kill, at: 50s, crash: { on: writer } }",
      ], eventually: ["{ after: cut.end, within: 5s, that: writes_ok }"]
    ).yaml
    return try Scenario(yaml: text, file: "start.yaml")
  }

  /// Fails where the fault `down` strikes a host for two seconds and the bank has seven transactions a second.
  private static func fails(_ scenario: Scenario) -> Bool {
    let isStruck = scenario.faults.contains {
      $0.action == .host(.init(.instance("r1"), .crash)) && ($0.duration ?? .zero) >= .seconds(2)
    }
    let isBusy = scenario.workloads.contains {
      guard $0.id == "bank", case .open(.poisson(let rate), _) = $0.load else { return false }
      return rate >= .perSecond(7)
    }
    return isStruck && isBusy
  }

  /// Several candidates at a time are judged as several processes would: the first in order counts.
  private static func shrink(_ scenario: Scenario, limit: Int = 2_000) throws -> (Scenario, Int) {
    var shrinker = Shrinker(
      scenario, starts: [("out", .milliseconds(4_400)), ("cut", .milliseconds(25_400))],
      limit: limit
    ) { candidates in
      let isValid = candidates.allSatisfy(\.isValid)
      #expect(isValid, "a candidate that no file could say")
      return candidates.firstIndex(where: fails)
    }
    let smallest = try shrinker.shrink(
      keeping: .claim(.always, name: Scenario.ClaimedInvariant.noAcknowledgedCommitLost.name))
    return (smallest, shrinker.judged)
  }

  @Test func `finds what it takes, and no more`() throws {
    let (smallest, judged) = try Self.shrink(try Self.start())
    #expect(Self.fails(smallest) && smallest.isValid)
    #expect(smallest.claims.always == [.noAcknowledgedCommitLost])
    #expect(smallest.claims.eventually.isEmpty && smallest.objectives.isEmpty)
    // One fault of five, at an instant of its own, as short as it may be.
    #expect(smallest.faults.map(\.id) == ["down"])
    let fault = try #require(smallest.faults.first)
    guard case .at(let start, .zero) = fault.anchor else {
      Issue.record("the fault still depends on another: \(fault.anchor)")
      return
    }
    #expect(start.nanoseconds % 1_000_000_000 == 0, "\(start) could be rounder")
    #expect(try #require(fault.duration) < .seconds(3))
    // One workload of three.
    #expect(smallest.workloads.map(\.id) == ["bank"])
    guard case .open(.poisson(let rate), let connections) = smallest.workloads[0].load else {
      return
    }
    #expect(rate >= .perSecond(7) && rate < .perSecond(11) && connections == 1)
    #expect(
      smallest.workloads[0].mix == .bank(accounts: 2, initialBalance: 1000, audits: .percent(20)))
    #expect(smallest.cluster.readers.map(\.id) == ["r1"])
    #expect(smallest.cluster.volume.protectionGroups == 1)
    #expect(smallest.run.horizon < .seconds(40) && smallest.run.warmup == .zero)
    #expect(judged < 300, "it took \(judged) runs")
  }

  /// What a failure does not need of the network and the disks goes back to what a file need not say.
  @Test func `lays aside profiles that have nothing to do with it`() throws {
    var scenario = try Self.start()
    scenario.network.sameZone = .init(latency: .constant(.milliseconds(3)))
    scenario.network.crossZone = .init(latency: .constant(.milliseconds(9)), loss: .percent(2))
    scenario.disk.read = .constant(.milliseconds(1))
    scenario.disk.flush = .constant(.milliseconds(5))
    let (without, _) = try Self.shrink(scenario)
    #expect(without.network == Scenario.Network() && without.disk == Scenario.Disk())
    // One of them matters, and it stays as it is.
    let slow = scenario.disk.flush
    var passes: [String] = []
    var shrinker = Shrinker(
      scenario, report: { if passes.last != $0.pass { passes.append($0.pass) } }
    ) { candidates in
      candidates.firstIndex { Self.fails($0) && $0.disk.flush == slow }
    }
    let with = try shrinker.shrink()
    #expect(with.network == Scenario.Network())
    #expect(with.disk == Scenario.Disk(flush: slow))
    #expect(passes.contains("network and disks"))
    // Where nothing is out of the ordinary there is nothing to try.
    let step = try #require(ScenarioReduction.all.first { $0.name == "network and disks" })
    #expect(step.candidates(try Self.start()).isEmpty)
  }

  @Test func `stops when it has judged as many as it may`() throws {
    let (smallest, judged) = try Self.shrink(try Self.start(), limit: 7)
    #expect(judged == 7 && Self.fails(smallest))
  }

  @Test func `passes on what stops the judge`() throws {
    struct Stop: Error {}
    var shrinker = Shrinker(try Self.start()) { _ in throw Stop() }
    #expect(throws: Stop.self) { try shrinker.shrink() }
  }

  // MARK: The kind of a failure

  private static func result(
    observed: Interval, isOpenEnded: Bool = false, below bound: Interval = .seconds(20)
  ) -> RunResult {
    var result = RunResult(scenario: "a", scenarioFile: "a.yaml", claim: "A.", seed: 1)
    result.verdict = .fail
    result.objectives = [
      ObjectiveResult(
        metric: "failover.client_seen", statistic: "max", window: "", comparison: .below,
        bound: .duration(bound), observed: .duration(observed), isAtLeast: isOpenEnded,
        passed: observed < bound)
    ]
    return result
  }

  @Test func `tells an outage that ended from one that never did, and keeps half of the margin`()
    throws
  {
    let first = Self.result(observed: .seconds(30))
    let failure = try #require(first.waysOfFailing.first)
    #expect(failure == .objective("failover.client_seen max", isOpenEnded: false))
    let target = FailureTarget(failure, in: first)
    for (other, isMet) in [
      (first, true), (Self.result(observed: .seconds(25)), true),
      (Self.result(observed: .milliseconds(24_900)), false),
      (Self.result(observed: .seconds(19)), false),
      (Self.result(observed: .seconds(40), isOpenEnded: true), false),
    ] { #expect(target.isMet(by: other) == isMet, "\(other.objectives)") }
    // What has not ended is as long as the run, whose horizon shrinks.
    let open = Self.result(observed: .seconds(60), isOpenEnded: true)
    let endless = FailureTarget(try #require(open.waysOfFailing.first), in: open)
    #expect(endless.isMet(by: Self.result(observed: .seconds(21), isOpenEnded: true)))
    #expect(!endless.isMet(by: Self.result(observed: .seconds(90))))
    // A condition of the user's is either of the two, whichever the run shows.
    #expect(open.way(like: .objective("failover.client_seen max")) == endless.failure)
    #expect(open.way(like: .objective("lag max")) == nil)
  }

  @Test func `takes one lost commit for as wrong as many`() throws {
    func lost(_ count: Int) -> RunResult {
      var result = Self.result(observed: .seconds(1))
      result.objectives = [
        ObjectiveResult(
          metric: "rpo.transactions", statistic: "value", window: "", comparison: .exactly,
          bound: .count(0), observed: .count(count), passed: count == 0)
      ]
      return result
    }
    let target = FailureTarget(try #require(lost(50).waysOfFailing.first), in: lost(50))
    #expect(target.isMet(by: lost(1)) && !target.isMet(by: lost(0)))
  }

  @Test func `tells one anomaly, and one crash, from another`() {
    func claim(_ manners: [String]) -> RunResult {
      var result = RunResult(scenario: "a", scenarioFile: "a.yaml", claim: "A.", seed: 1)
      result.claims = [
        ClaimResult(
          name: "isolation: serializable", kind: .always, passed: false, evidence: "",
          manners: manners, instant: nil)
      ]
      return result
    }
    let skew = FailureTarget(claim(["G2-item"]).waysOfFailing[0], in: claim(["G2-item"]))
    #expect(skew.isMet(by: claim(["G1c", "G2-item"])) && !skew.isMet(by: claim(["G1c"])))
    let words = "scenario a\nVolume/Segment.swift:12: Fatal error: no room\nCurrent stack trace:\n"
    let crash = RunFailure.Crash(signal: 4, lastWords: words)
    #expect(crash == .init(signal: 4, site: "Volume/Segment.swift:12"))
    #expect(crash != .init(signal: 4, lastWords: "") && crash != .init(signal: 6, site: crash.site))
  }

  // MARK: Conditions on a metric

  @Test(arguments: [
    (
      "failover.client_seen > 20s", "failover.client_seen max below 20s", "failover.client_seen max"
    ),
    (
      "failover.client_seen p95 > 1.5s", "failover.client_seen p95 below 1.5s",
      "failover.client_seen p95"
    ),
    ("oltp.throughput < 3/s", "oltp.throughput min above 3/s", "oltp.throughput min"),
    ("rpo.transactions > 0", "rpo.transactions below 0", "rpo.transactions value"),
  ])
  func `takes a condition for an objective that fails`(
    condition: String, objective: String, subject: String
  ) throws {
    let (scenario, failure) = try Self.start().failing(when: condition)
    #expect(scenario.objectives.map(\.description) == [objective])
    #expect(failure == .objective(subject))
    #expect(scenario.isValid)
  }

  @Test(arguments: [
    ("nonsense", "--shrink:1:1: expected a metric, perhaps a statistic, > or <, and a quantity"),
    (
      "failover.client_sen > 20s",
      "no metric is called 'failover.client_sen'; did you mean 'failover.client_seen'?"
    ),
    ("failover.client_seen > 20", "expected a duration with its unit"),
    ("failover.client_seen most > 20s", "stat: expected "),
  ])
  func `says what is wrong with a condition`(condition: String, message: String) throws {
    let error = try #require(throws: ScenarioError.self) {
      _ = try Self.start().failing(when: condition)
    }
    #expect(error.description.contains(message), "\(error)")
  }
}

/// Whole runs in this process.
@Suite struct `A property of a scenario` {
  /// The writer is cut off from its storage, and dies; two more faults have nothing to do with it.
  private static func scenario() throws -> Scenario {
    let text = TinyScenario(
      name: "cut-off", horizon: "8s",
      faults: [
        "{ id: slow, at: 1s, for: 1s, disk: { on: \"storage@c[1]\", slow: 10x } }",
        "{ id: cut, at: 2s +- 500ms, for: 2s, partition: { between: [w, storage] } }",
        "{ id: down, after: cut.start + 1500ms, for: 2s, host_crash: { on: w } }",
        "{ id: other, after: down.start, for: 1s, crash: { on: r2 } }",
      ]
    ).yaml
    return try Scenario(yaml: text, file: "cut-off.yaml")
  }

  @Test func `holds where nothing is wrong`() throws {
    let property = ScenarioProperty(try Self.scenario(), seeds: 1...2)
    if let counterexample = property.counterexample() { Issue.record("\(counterexample)") }
  }

  @Test func `is broken by a planted defect, and the smallest scenario that shows it is told`()
    throws
  {
    let defects = RunDefects(["volume.acknowledges_before_durable"])
    let property = ScenarioProperty(try Self.scenario(), seeds: 1...20, defects: defects)
    let found = try #require(property.counterexample(limit: 30), "no seed shows the defect")
    #expect(found.failure == .claim(.always, name: "no_acknowledged_commit_lost"))
    #expect(found.scenario.faults.count < 3, "\(found)")
    #expect(found.scenario.workloads.count == 1)
    #expect(found.scenario.run.seeds == found.seed...found.seed)
    // What it tells is a file; that file fails in the same way, and without the defect it does not.
    let text = "\(found)"
    let yaml = try #require(text.firstRange(of: "borealis: 1").map { text[$0.lowerBound...] })
    let again = try Scenario(yaml: String(yaml), file: "again.yaml")
    #expect(again == found.scenario)
    func run(_ defects: RunDefects) -> RunResult {
      ScenarioRun(again, file: "again.yaml", seed: found.seed, build: "test", defects: defects)
        .execute()
    }
    #expect(run(defects).recoveryPoint.lostCount > 0)
    #expect(run(RunDefects()).recoveryPoint.lostCount == 0)
  }

  @Test func `may be any function of a result`() throws {
    let property = ScenarioProperty(try Self.scenario(), seeds: 3...3) { $0.failovers.isEmpty }
    let found = try #require(property.counterexample(limit: 12))
    #expect(found.failure == nil && found.seed == 3 && !found.result.failovers.isEmpty)
    #expect(found.description.contains("# The smallest of "))
  }
}
