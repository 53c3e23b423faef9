import Foundation
import Simulation
import Testing

@testable import Scenarios

@Suite struct `A registry` {
  /// A name stands for one thing, or a scenario would not say what it means.
  @Test func `gives each name once`() {
    let invariants = Invariant.all.map(\.name)
    for names in [
      Mix.kinds.map { $0.name }, Scenario.Situation.all.map(\.name),
      Scenario.Condition.all.map(\.name), invariants, Scenario.ClaimedInvariant.all.map(\.name),
      RunBuilder().scenario.metricScope.all.map(\.name), Mix.keys,
    ] {
      #expect(!names.isEmpty && Set(names).count == names.count, "\(names)")
    }
  }

  @Test func `numbers invariants from one, without a hole`() {
    #expect(Invariant.all.map(\.number) == Array(1...Invariant.all.count))
    #expect(Invariant.all.map(\.label).first == "INV-1")
  }

  /// Whatever is judged by nobody but a script needs a mix with that script.
  @Test func `has somebody who judges each invariant`() {
    var scenario = RunBuilder().scenario
    scenario.workloads = []
    for invariant in Invariant.all where invariant.judge == nil {
      #expect(invariant.impossibility(scenario) != nil, "\(invariant.name)")
    }
  }

  @Test func `saves an invariant as its name`() throws {
    let data = try JSONEncoder().encode(Invariant.all)
    #expect(
      String(decoding: data, as: UTF8.self).hasPrefix(#"["no_acknowledged_commit_lost","single_"#))
    #expect(try JSONDecoder().decode([Invariant].self, from: data) == Invariant.all)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Invariant].self, from: Data(#"["no_such_thing"]"#.utf8))
    }
  }

  @Test func `tells mixes of one kind apart by their parameters`() {
    let bank = Mix.bank(accounts: 5, initialBalance: 10, audits: .percent(10))
    let audits = Mix.bank(accounts: 5, initialBalance: 10, audits: .percent(100))
    let larger = Mix.bank(accounts: 6, initialBalance: 10, audits: .percent(10))
    let lists = Mix.listAppend(keys: 5, operations: 1...4, reads: .percent(50))
    #expect(bank == bank && bank != audits && bank != lists)
    #expect(bank.sharesTables(with: audits) && !bank.sharesTables(with: larger))
    // They have tables of their own.
    #expect(bank.sharesTables(with: lists))
    #expect(bank.writes && !audits.writes)
    #expect(bank.simpler.map(\.name) == ["bank", "bank"])
  }

  // MARK: Claims that hold, or fail, by construction

  private static func scenario(_ claims: String, readers: String = "") -> String {
    """
    borealis: 1
    name: small
    claim: Something holds.
    run: { horizon: 3m }
    cluster: { writer: { az: a }, readers: [\(readers)] }
    clients: [ { id: app } ]
    workload: [ { id: oltp, client: app, mix: pgbench-tpcb, concurrency: 1 } ]
    claims: { \(claims) }
    """
  }

  @Test(arguments: [
    ("never: [failover]", "the cluster has no reader that could be promoted"),
    ("sometimes: [call_refused]", "no fault of the scenario is a call of the API"),
    ("never: [writer_restart, reader_restart]", "the cluster has no reader"),
    (
      "sometimes: [scale_up]",
      "no instance is of the class serverless, and no other changes its capacity"
    ),
    ("always: [bank_total_constant]", "no workload has the mix bank, so nothing would be checked"),
    (
      "always: [\"isolation: serializable\"]",
      "no workload has the mix list-append, so nothing would be checked"
    ),
  ])
  func `refuses a claim about what cannot happen`(claims: String, reason: String) {
    let error = #expect(throws: ScenarioError.self) {
      _ = try Scenario(yaml: Self.scenario(claims), file: "small.yaml")
    }
    #expect(error?.description.hasSuffix(reason) == true, "\(String(describing: error))")
  }

  @Test func `takes the same claims where they can be judged`() throws {
    let scenario = try Scenario(
      yaml: Self.scenario(
        "never: [failover, reader_restart], always: [rolled_back_leaves_nothing]",
        readers: "{ id: r1, az: b }"), file: "small.yaml")
    #expect(scenario.claims.never == [.failover, .readerRestart])
    #expect(scenario.claims.always == [.rolledBackLeavesNothing])
  }
}
