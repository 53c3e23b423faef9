import Foundation
import Reports
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

  private static func run(_ fault: String) throws -> RunResult {
    let scenario = try scenario(fault: fault)
    return ScenarioRun(scenario, file: "lag.yaml", seed: 3, build: "test").execute()
  }

  private static func longest(_ fault: String) throws -> [String: Interval] {
    let result = try run(fault)
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

  /// Not zero: a gap in the curve, an empty cell in the table.
  @Test func `is none of a reader while that is down`() throws {
    let result = try Self.run("host_crash: { on: r1 }")
    let curve = try #require(result.series.lag.first { $0.reader == "r1" }).highest
    #expect(curve[5...16].allSatisfy { $0 == nil })
    #expect(curve[..<4].allSatisfy { $0 != nil } && curve[25...].allSatisfy { $0 != nil })
    let other = try #require(result.series.lag.first { $0.reader == "r2" }).highest
    #expect(other.allSatisfy { $0 != nil })
    let files = ReportWriter(result).files
    let table = try #require(files.first { $0.name == "lag.csv" }).contents
      .split(separator: "\r\n")
    for second in 5...16 {
      let row = table.first { $0.hasPrefix("\(second).000,r1,") }
      #expect(row == "\(second).000,r1,")
    }
    // What the page shows under the pointer, bucket by bucket: the curve has a gap of as many.
    let page = try #require(files.first { $0.name == ReportWriter.pageName }).contents
    let gap = curve.count { $0 == nil }
    let values = page.components(separatedBy: "data-values=\"").dropFirst()
      .map { $0.prefix { $0 != "\"" }.split(separator: ",") }
    #expect(values.contains { $0.count == curve.count && $0.count { $0 == "–" } == gap })
  }
}
