import Simulation
import Testing

@testable import Scenarios

/// Chaos that draws workloads, too.
@Suite struct `The workloads that chaos draws` {
  private static func yaml(_ count: String, more: String = "") -> String {
    """
    borealis: 1
    name: drawn
    claim: Something holds.
    run: { horizon: 8s }
    cluster: { writer: { az: a }, readers: [{ id: r1, az: b }] }
    clients: [{ id: app }]
    workload:
      - { id: oltp, client: app, mix: pgbench-tpcb, accounts_per_branch: 20, arrivals: poisson(5/s) }
      - { id: bank, client: app, mix: bank, arrivals: poisson(5/s) }
      - { id: lists, client: app, mix: list-append, arrivals: poisson(5/s) }
    chaos: { workloads: \(count), families: [delay, loss], window: 1s..6s }
    claims: { always: [no_acknowledged_commit_lost, bank_total_constant, "isolation: read committed"] }
    \(more)
    """
  }

  private static func scenario(_ count: String) throws -> Scenario {
    try Scenario(yaml: yaml(count), file: "drawn.yaml")
  }

  @Test func `are as many as it says, and each is drawn by some seed`() throws {
    let scenario = try Self.scenario("1..2")
    var counts: [Int] = []
    var missing = scenario.workloads.map(\.id)
    for seed in 1...30 as ClosedRange<UInt64> {
      let drawn = scenario.unfolded(seed: seed)
      #expect(drawn.workloads == scenario.unfolded(seed: seed).workloads)
      counts.append(drawn.workloads.count)
      missing.removeAll { id in drawn.workloads.contains { $0.id == id } }
      let claims = drawn.claims.always.map(\.invariant)
      #expect(claims.contains(.bankTotalConstant) == drawn.workloads.contains { $0.id == "bank" })
      #expect(claims.contains(.isolation) == drawn.workloads.contains { $0.id == "lists" })
      #expect(claims.contains(.noAcknowledgedCommitLost))
    }
    #expect(missing == [] && counts.min() == 1 && counts.max() == 2)
  }

  @Test func `leave the faults of a seed as they are`() throws {
    let (few, all) = (try Self.scenario("1..2"), try Self.scenario("3..3"))
    for seed in 1...20 as ClosedRange<UInt64> {
      #expect(few.unfolded(seed: seed).faults == all.unfolded(seed: seed).faults)
    }
  }

  @Test func `are no more than there are, and none that an objective is of`() throws {
    #expect(throws: ScenarioError.self) { try Self.scenario("1..4") }
    func read(_ count: String) throws -> Scenario {
      try Scenario(
        yaml: Self.yaml(count, more: "slo: [{ metric: oltp.errors, is: 0 }]"), file: "drawn.yaml")
    }
    _ = try read("3..3")
    let error = #expect(throws: ScenarioError.self) { try read("2..3") }
    #expect(error.map { "\($0)" }?.contains("chaos draws 2..3 of the 3 workloads") == true)
  }

  /// A replay runs the plan that the seed has made of the scenario.
  @Test func `are the same in a replay`() throws {
    let scenario = try Self.scenario("1..2")
    let plan = try Scenario(yaml: scenario.unfolded(seed: 3).yaml, file: "plan.yaml")
    let (run, replay) = (
      ScenarioRun(scenario, file: "drawn.yaml", seed: 3, build: "test").execute(),
      ScenarioRun(plan, file: "plan.yaml", seed: 3, build: "test").execute()
    )
    #expect(RunComparison(run, replay, names: ("before", "now")).differences == [])
    #expect(run.probes.count > replay.probes.count && replay.probes.count > 20)
    var changed = replay
    changed.probes[0].count += 1
    #expect(!RunComparison(run, changed, names: ("before", "now")).differences.isEmpty)
  }

  /// What a run came into is told by the same names whatever it draws.
  @Test func `are counted beside families, tunables and situations`() throws {
    let scenario = try Self.scenario("1..2")
    let runs = (1...2 as ClosedRange<UInt64>).map { seed in
      ScenarioRun(scenario, file: "drawn.yaml", seed: seed, build: "test").execute()
    }
    #expect(runs[0].probes.map(\.name) == runs[1].probes.map(\.name))
    for (run, seed) in zip(runs, 1...2 as ClosedRange<UInt64>) {
      let drawn = scenario.unfolded(seed: seed)
      func count(_ name: String) -> Int? { run.probes.first { $0.name == name }?.count }
      for workload in scenario.workloads {
        #expect(count("workload \(workload.id)") == (drawn.workloads.contains(workload) ? 1 : 0))
      }
      for family in ["delay", "loss"] {
        #expect(count("family \(family)") == drawn.faults.count { $0.id.hasPrefix("\(family)-") })
      }
      #expect(count("situation failover") != nil && count("situation scale_up") == nil)
      #expect(run.probes.contains { $0.name.hasPrefix("tunable ") })
    }
  }
}
