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

  /// A wrong wall clock of the writer makes no commit later.
  @Test func `does not read wall clocks`() throws {
    // Of a commit that is durable, each reader is told by one message to another zone, which nothing but the link
    // delays: no lag is shorter than the link's shortest way, and among so many some are below its median.
    let median = 400
    let link = NetworkProfile().crossZone.latency
    #expect(
      link.shape == .lognormal(median: .microseconds(Int64(median)), p99: .microseconds(1_250)))
    let shortest = link.shortest
    #expect(shortest > .microseconds(50) && shortest < .microseconds(100), "\(shortest)")
    let scenario = try Scenario(
      yaml: """
        borealis: 1
        name: wrong-clocks
        claim: Clocks that are wrong do not make commits later.
        run: { horizon: 20s, warmup: 2s }
        cluster:
          writer: { id: w, az: a }
          readers: [{ id: r1, az: b }, { id: r2, az: c }]
        clients: [{ id: app }]
        workload:
          - { id: bank, client: app, mix: bank, accounts: 20, arrivals: uniform(50/s) }
        faults:
          - { id: behind, at: 4s, for: 5s, clock: { on: w, offset: -5s } }
          - { id: ahead, at: 11s, for: 5s, clock: { on: w, offset: 5s } }
        claims: { always: [no_acknowledged_commit_lost] }
        slo:
          - { metric: lag, stat: max, below: 100ms }
          - { metric: lag, stat: min, above: \(shortest.nanoseconds / 1000)us }
          - { metric: lag, stat: min, below: \(median)us }
        """, file: "wrong-clocks.yaml")
    let result = ScenarioRun(scenario, file: "wrong-clocks.yaml", seed: 11, build: "test").execute()
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(result.faults.allSatisfy { $0.tookEffect })
    // Each commit that wrote counts for each reader: nine in ten of 50 in each of 18 s.
    for reader in result.lag {
      #expect((700...900).contains(reader.lag.count), "\(reader.lag.count)")
      #expect(reader.lag.p50 < reader.lag.mean && reader.lag.mean < reader.lag.p99)
    }
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
