import Testing

@testable import Scenarios
@testable import Simulation

/// Two variants of a cluster under one seed share their luck: what the clients want, and when, is the same, so
/// that what differs comes from the variants.
@Suite struct `Two variants of a scenario` {
  /// A transaction as the client meant it.
  private struct Wish: Equatable, CustomStringConvertible {
    let arrival: Interval
    let steps: [String]

    var description: String { "\(arrival) \(steps.joined(separator: " "))" }
  }

  /// The transactions that were wished for on a cluster with these lines, in order of time.
  private static func wishes(
    readers: String, writer: String, load: String, seed: UInt64
  ) throws -> [Wish] {
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
    return lists.history.sorted { $0.invoked < $1.invoked }.map { transaction in
      let steps = transaction.operations.map { operation in
        switch operation {
        case .append(let list, _): "append \(list)"
        case .read(let list, _): "read \(list)"
        }
      }
      return Wish(arrival: transaction.invoked - origin, steps: steps)
    }
  }

  private static let open = "arrivals: poisson(20/s), connections: 12"

  @Test func `are asked for the same transactions at the same instants`() throws {
    let small = try Self.wishes(readers: "[]", writer: "db.r6g.large", load: Self.open, seed: 5)
    let large = try Self.wishes(
      readers: "[{ id: r1, az: b }, { id: r2, az: c }]", writer: "db.r6g.4xlarge", load: Self.open,
      seed: 5)
    #expect(small.count > 80)
    #expect(small == large)
    let other = try Self.wishes(readers: "[]", writer: "db.r6g.large", load: Self.open, seed: 6)
    #expect(small != other)
  }
}
