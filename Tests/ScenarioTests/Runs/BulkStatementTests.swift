import Testing
import Volume

@testable import Scenarios

/// One large statement, or the same rows in many, beside transactions of others.
@Suite struct `A bulk statement` {
  private static func scenario(_ faults: String, volume: String) throws -> Scenario {
    let text = """
      borealis: 1
      name: bulk
      claim: A bulk statement ends, and later commits go on.
      run: { horizon: 30s, seeds: 1..3 }
      cluster: { writer: { id: w, az: a }, volume: { \(volume) } }
      clients: [{ id: app }]
      workload: [{ id: oltp, client: app, mix: bank, arrivals: poisson(10/s) }]
      faults:
        - { id: make, at: 1s, sql: { on: w, text: "CREATE TABLE big (id int PRIMARY KEY, v int)" } }
      \(faults)
      claims: { always: [no_acknowledged_commit_lost, bank_total_constant] }
      slo:
        - { metric: oltp.latency, stat: p99, below: 100ms }
        - { metric: oltp.latency, stat: max, below: 300ms }
      """
    return try Scenario(yaml: text, file: "bulk.yaml")
  }

  private static func fill(_ id: String, at second: Double, _ rows: ClosedRange<Int>) -> String {
    "  - { id: \(id), at: \(second)s, sql: { on: w, text: \"INSERT INTO big SELECT g, 0 FROM "
      + "generate_series(\(rows.lowerBound), \(rows.upperBound)) g\" } }"
  }

  private static func judge(_ faults: [String], volume: String) throws {
    let scenario = try Self.scenario(faults.joined(separator: "\n"), volume: volume)
    let result = ScenarioRun(scenario, file: "bulk.yaml", seed: 11, build: "test").execute()
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(result.total(of: .redoRecords).run > 40_000)
    #expect(result.total(of: .retransmissions).run < 1000)
  }

  @Test(arguments: ["protection_groups: 1", "protection_groups: 2", "protection_groups: 10"])
  func `of 20,000 rows ends, and hardly anybody notices`(volume: String) throws {
    try Self.judge([Self.fill("fill", at: 2, 1...20_000)], volume: volume)
  }

  @Test func `ends while an AZ is away`() throws {
    let outage = "  - { id: down, at: 1500ms, for: 20s, outage: { az: c } }"
    try Self.judge([outage, Self.fill("fill", at: 2, 1...20_000)], volume: "protection_groups: 2")
  }

  @Test func `may also be many small ones`() throws {
    let faults = (0..<10).map {
      Self.fill("f\($0)", at: 2 + Double($0) / 2, $0 * 2000 + 1...$0 * 2000 + 2000)
    }
    try Self.judge(faults, volume: "protection_groups: 2")
  }
}
