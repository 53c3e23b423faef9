import Scenarios
import Simulation
import Testing

@Suite struct `Replication lag` {
  private static func scenario(fault: String) throws -> Scenario {
    try Scenario(
      yaml: """
        borealis: 1
        name: lag
        claim: A reader shows what is committed.
        run: { horizon: 30s, seeds: 1..50 }
        cluster:
          writer: { id: w, az: a }
          readers: [{ id: r1, az: b }, { id: r2, az: c }]
        clients: [{ id: app, driver: plain }]
        workload:
          - { id: bank, client: app, mix: bank, accounts: 20, arrivals: poisson(20/s) }
        faults:
          - { id: fault, at: 5s, for: 12s, \(fault) }
        claims: { always: [no_acknowledged_commit_lost] }
        """, file: "lag.yaml")
  }

  private static func longest(_ fault: String) throws -> [String: Interval] {
    let scenario = try scenario(fault: fault)
    let result = ScenarioRun(scenario, file: "lag.yaml", seed: 3, build: "test").execute()
    return Dictionary(uniqueKeysWithValues: result.lag.map { ($0.reader, $0.lag.max) })
  }

  @Test func `grows for the reader that is cut off, and for no other`() throws {
    let longest = try Self.longest("partition: { between: [w, r1] }")
    #expect(try #require(longest["r1"]) > .seconds(8))
    #expect(try #require(longest["r2"]) < .milliseconds(100))
  }

  @Test func `is none while nobody can commit`() throws {
    let longest = try Self.longest("host_crash: { on: w }")
    #expect(try #require(longest["r2"]) < .milliseconds(100))
  }
}
