import Scenarios
import Simulation
import Testing

@testable import Reports

@Suite struct `The conclusion of a page` {
  private static func run(
    spans: [(Waterfall.Phase, Int64)], ended: Bool = true
  ) -> RunResult {
    var result = RunResult(scenario: "a", scenarioFile: "a.yaml", claim: "A.", seed: 1)
    result.simulatedTime = .seconds(120)
    let start = Instant.start + .seconds(60)
    let waterfall = Waterfall(
      start: start, spans: spans.map { .init(phase: $0.0, duration: .milliseconds($0.1)) })
    result.failovers = [
      FailoverResult(
        kind: .failover, fault: "az_down", cause: start, oldWriter: "w", newWriter: "r1",
        outages: [
          ClientOutage(
            client: "app", firstCommit: ended ? waterfall.end : nil, waterfall: waterfall)
        ])
    ]
    return result
  }

  @Test func `says how long nobody wrote, and where the time went`() {
    let result = Self.run(spans: [(.detect, 5_000), (.elect, 10), (.connectAttempts, 4_990)])
    #expect(
      Conclusion(result).headline
        == "10.0 s without writes for app after az_down: 5.00 s to detect, 4.99 s to connect and "
        + "10.0 ms for the rest.")
    let single = Self.run(spans: [(.detect, 5_000)])
    #expect(Conclusion(single).headline.hasSuffix("after az_down: 5.00 s to detect."))
    let even = Self.run(spans: Waterfall.Phase.allCases.map { ($0, 10) })
    #expect(Conclusion(even).headline.contains(" to detect, "), "\(Conclusion(even).headline)")
  }

  @Test func `says that an outage did not end`() {
    let result = Self.run(spans: [(.detect, 5_000)], ended: false)
    #expect(
      Conclusion(result).headline
        == "app could not write again after az_down: no commit in the 60.0 s from the fault to the end of "
        + "the run.")
  }

  @Test func `tells a run without an outage by what the load met`() {
    var result = SampleResult.passing
    result.failovers = []
    let conclusion = Conclusion(result)
    #expect(conclusion.headline == "The writer stayed, and no client had to wait for another.")
    #expect(conclusion.rest.contains(" in its worst second was "), "\(conclusion.rest)")
    result.faults = []
    let calm = Conclusion(result)
    #expect(calm.headline == "Nothing was broken, and the writer stayed.")
    #expect(calm.rest.hasPrefix("The p99 of lists was "), "\(calm.rest)")
  }

  @Test func `says why clients never wrote again`() {
    var result = Self.run(spans: [(.detect, 5_000)], ended: false)
    result.failovers[0].outages[0].obstacle = "r1 does not let it in: 53300"
    let waterfall = result.failovers[0].outages[0].waterfall
    for (client, obstacle) in [
      ("b", "there is no writer"), ("c", "it wanted nothing"), ("d", "there is no writer"),
    ] {
      result.failovers[0].outages.append(
        ClientOutage(client: client, firstCommit: nil, waterfall: waterfall, obstacle: obstacle))
    }
    let conclusion = Conclusion(result)
    #expect(
      conclusion.headline.hasSuffix(
        "to the end of the run, when this was its state: r1 does not let it in: 53300."))
    #expect(
      conclusion.rest.hasPrefix(
        "Nor did these write again: b, d (there is no writer); c (it wanted nothing)."),
      "\(conclusion.rest)")
  }

  @Test func `does not say that the writer stayed if it changed or nobody was served`() {
    var result = Self.run(spans: [])
    result.failovers[0].outages = []
    #expect(Conclusion(result).headline == "Nobody wanted anything.")
    result.workloads = [SampleResult.passing.workloads[0]]
    result.workloads[0].unserved = 0
    #expect(
      Conclusion(result).headline == "The writer changed (w → r1), and no client was interrupted.")
    result.failovers = []
    result.workloads[0].unserved = 142
    #expect(
      Conclusion(result).headline
        == "The writer stayed, and 142 transactions had not been served at the end.")
    result.workloads[0].committed = 0
    #expect(Conclusion(result).headline == "Nobody was served: not one transaction committed.")
  }

  @Test func `counts what was never served, refused and lost`() {
    var result = Self.run(spans: [])
    result.failovers = []
    var workload = WorkloadResult(
      id: "oltp", mix: "bank", client: "app", committed: 1, aborted: 0,
      errors: [.init(kind: "no session: 53300", count: 118), .init(kind: "57P01", count: 2)],
      inDoubt: 0, latency: .none)
    workload.unserved = 5_000
    workload.connections.attempts = 200
    workload.connections.failures = [
      .init(kind: "53300", count: 118), .init(kind: "connect timed out", count: 2),
    ]
    result.workloads = [workload]
    result.recoveryPoint.isComplete = true
    result.recoveryPoint.acknowledgedCount = 10
    let rest = Conclusion(result).rest
    #expect(
      rest.contains("5\u{202F}000 transactions of oltp had not been served when the run ended."))
    #expect(
      rest.contains(
        "120 of 200 attempts of oltp to get a session failed: 53300 (118), connect timed out (2)."),
      "\(rest)")
    #expect(rest.contains("2 attempts of oltp at a transaction failed: 57P01 (2)."))
    #expect(rest.contains("No acknowledged commit was lost."))
    result.recoveryPoint.lostCount = 2
    #expect(Conclusion(result).rest.contains("2 of 10 acknowledged commits were lost."))
  }

  @Test func `is of every verdict`() {
    var endings: Set<String> = []
    for verdict in Verdict.allCases {
      var result = SampleResult.passing
      result.verdict = verdict
      if verdict == .fail { result.claims[0].passed = false }
      endings.insert(Conclusion(result).rest)
    }
    #expect(endings.count == Verdict.allCases.count, "\(endings)")
    let nothing = RunResult(scenario: "a", scenarioFile: "a.yaml", claim: "A.", seed: 1)
    #expect(Conclusion(nothing).headline == "The run was broken off before it began.")
    let failing = Conclusion(SampleResult.failing)
    #expect(failing.rest.contains("did not hold"), "\(failing.rest)")
  }
}
