import Simulation
import Testing

@testable import Scenarios

/// A writer that comes back while a reader, which has become the writer meanwhile, still looks for it.
@Suite struct `A writer that was cut off` {
  /// The reader tries to reach its writer from about one second after the cut on, and its second packet leaves a second
  /// later: it gets through if the cut has ended by then. With little to write, the old writer is not fenced before.
  private static let yaml = """
    borealis: 1
    name: isolated
    claim: Who takes over stays the writer.
    run: { horizon: 14s, seeds: 1..8 }
    cluster:
      writer: { id: w, az: a }
      readers: [{ id: r1, az: b, tier: 0 }]
      parameters: { heartbeat_interval: 250ms, heartbeat_timeout: 1.5s }
    clients: [{ id: app, dns_ttl: 1s, connect_timeout: 1s, socket_timeout: 3s }]
    workload: [{ id: bank, client: app, mix: bank, arrivals: poisson(2/s) }]
    faults:
      - { id: cut, at: 5s, for: 2200ms, isolate: { on: w } }
    claims:
      always: [no_acknowledged_commit_lost, single_writer]
      eventually: [{ after: cut.end, within: 6s, that: writes_ok }]
    """

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `is followed no more by who has taken over`(seed: UInt64) throws {
    let scenario = try Scenario(yaml: Self.yaml, file: "isolated.yaml")
    let result = ScenarioRun(scenario, file: "isolated.yaml", seed: seed, build: "test").execute()
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(result.failovers.map(\.newWriter) == ["r1"])
  }
}
