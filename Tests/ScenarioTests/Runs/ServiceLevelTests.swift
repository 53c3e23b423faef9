import Testing

@testable import Scenarios

/// What clients are refused, or are never told, counts against the service.
@Suite struct `A service level in a whole run` {
  private static func run(_ yaml: String) throws -> RunResult {
    let scenario = try Scenario(yaml: yaml, file: "level.yaml")
    return ScenarioRun(scenario, file: "level.yaml", seed: 11, build: "test").execute()
  }

  private static func observed(_ metric: String, in result: RunResult) -> Double {
    result.objectives.first { $0.metric == metric }?.observed?.magnitude ?? -1
  }

  private static let cluster = """
    borealis: 1
    name: level
    claim: The service answers within 100 ms.
    run: { horizon: 10s, seeds: 1..3 }
    cluster:
      writer: { id: w, az: a, class: db.r6g.large }
      volume: { protection_groups: 1, storage_nodes_per_az: 2 }

    """

  /// Nobody is served from 3 s on, and the clients are patient.
  @Test func `is missed by those who are never served`() throws {
    let result = try Self.run(
      Self.cluster + """
        clients: [{ id: app, count: 2, socket_timeout: 1h }]
        workload:
          - { id: oltp, client: app, mix: pgbench-tpcb, accounts_per_branch: 20, arrivals: uniform(50/s) }
        faults:
          - { id: cut, at: 3s, for: 6900ms, partition: { between: [app, writer] } }
        slo:
          - { metric: oltp.latency, stat: p99, below: 100ms }
          - { metric: oltp.unserved, is: 0 }
          - { metric: oltp.latency, stat: p99, window: outside_faults, below: 100ms }

        """)
    #expect(result.verdict == .fail, "\(result.reasons)")
    #expect(result.objectives.map(\.passed) == [false, false, false])
    #expect((4...7).contains(Self.observed("oltp.latency", in: result)))
    // 50 in each of the six seconds until the last one, and some that were under way.
    #expect((290...320).contains(Self.observed("oltp.unserved", in: result)))
    #expect((290...320).contains(result.workloads[0].unserved))
  }

  /// The server has no room for another connection from 1 s to 7 s.
  @Test func `is missed by those who are refused`() throws {
    let result = try Self.run(
      Self.cluster + """
        clients: [{ id: app, count: 2 }]
        workload:
          - { id: late, client: app, mix: pgbench-tpcb, accounts_per_branch: 20, arrivals: poisson(10/s), at: 3s }
        faults:
          - { id: full, at: 1s, for: 6s, connection_storm: { on: writer, connections: 1800 } }
        slo:
          - { metric: late.errors, is: 0 }
          - { metric: late.connections.refused, is: 0 }
          - { metric: late.connect_time, stat: max, below: 1s }

        """)
    #expect(result.verdict == .fail, "\(result.reasons)")
    #expect(result.objectives.map(\.passed) == [false, false, false])
    let connections = result.workloads[0].connections
    #expect(connections.failures.map(\.kind) == ["53300"])
    #expect(connections.refused > 30 && connections.refused == connections.failures[0].count)
    #expect(result.workloads[0].errors.map(\.kind).contains("no session: 53300"))
    #expect((3...5).contains(Self.observed("late.connect_time", in: result)))
  }
}
