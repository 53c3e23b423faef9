import Testing

@testable import Scenarios
@testable import Simulation

/// Two variants of a cluster under one seed share their luck: what the clients want, and when, is the same, so
/// that what differs comes from the variants.
@Suite struct `Two variants of a scenario` {
  /// What the clients wanted of a cluster.
  private struct Wishes: Equatable {
    /// When transactions arrived, since the start of the scenario.
    var arrivals: [Interval]
    /// What each did, in any order: a session that has to connect first is late.
    var transactions: [String]
  }

  /// Runs a cluster with these lines.
  private static func wishes(
    readers: String, writer: String, load: String, seed: UInt64
  ) throws -> Wishes {
    let yaml = """
      borealis: 1
      name: variant
      claim: Clients do not know what serves them.
      run: { horizon: 6s }
      cluster:
        writer: { id: w, az: a, class: \(writer) }
        readers: \(readers)
      clients:
        - { id: app, driver: plain, count: 2 }
      workload:
        - { id: lists, client: app, mix: list-append, keys: 8, \(load) }
      claims:
        always: [no_acknowledged_commit_lost]
      """
    let scenario = try Scenario(yaml: yaml, file: "variant.yaml")
    let run = ScenarioRun(scenario, file: "variant.yaml", seed: seed, build: "test")
    let result = run.execute()
    #expect(result.verdict == .pass)
    let origin = try #require(run.origin)
    let lists = try #require(run.scripts.first?.script as? ListAppendScript)
    let transactions = lists.history.map { transaction in
      let steps = transaction.operations.map { operation in
        switch operation {
        case .append(let list, _): "append \(list)"
        case .read(let list, _): "read \(list)"
        }
      }
      return steps.joined(separator: ", ")
    }
    let commits = run.runners.flatMap(\.record.commits)
    return Wishes(
      arrivals: commits.map { $0.instant - $0.latency - origin }.sorted(),
      transactions: transactions.sorted())
  }

  private static let open = "arrivals: poisson(20/s), connections: 12"

  @Test func `are asked for the same transactions at the same instants`() throws {
    let small = try Self.wishes(readers: "[]", writer: "db.r6g.large", load: Self.open, seed: 5)
    let large = try Self.wishes(
      readers: "[{ id: r1, az: b }, { id: r2, az: c }]", writer: "db.r6g.4xlarge", load: Self.open,
      seed: 5)
    #expect(small.arrivals.count > 80)
    #expect(small == large)
    let other = try Self.wishes(readers: "[]", writer: "db.r6g.large", load: Self.open, seed: 6)
    #expect(small != other)
  }
}
