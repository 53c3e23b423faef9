import Foundation
import Reports
import Scenarios
import Simulation
import Statistics
import Testing

@Suite struct `A campaign` {
  private static func campaign() throws -> Campaign {
    let scenario = try Scenario(
      yaml: TinyScenario(name: "probe", faults: ["{ id: c, at: 2s, crash: { on: w } }"]).yaml,
      file: "a.yaml")
    return Campaign(scenario, file: "a.yaml", build: "test")
  }

  private static func outcome(
    _ seed: UInt64, _ verdict: Verdict, outage: Interval? = nil
  ) -> Campaign.Outcome {
    var outcome = Campaign.Outcome(seed: seed, failure: "\(verdict) & so on")
    outcome.verdict = verdict
    outcome.longestOutage = outage
    return outcome
  }

  @Test func `comes to the gravest verdict`() throws {
    var campaign = try Self.campaign()
    #expect(campaign.verdict == .unknown, "no run proves nothing")
    for (seed, verdict) in [
      (5, Verdict.pass), (4, .unknown), (3, .processorLimit), (2, .fail), (1, .nondeterministic),
    ] {
      campaign.add(Self.outcome(UInt64(seed), verdict))
      #expect(campaign.verdict == verdict)
    }
    #expect(campaign.outcomes.map(\.seed) == [1, 2, 3, 4, 5])
    #expect(campaign.failures.map(\.seed) == [1, 2, 3, 4])
    #expect(campaign.worst(3).map(\.seed) == [1, 2, 3])
  }

  @Test func `is no pass when it was interrupted, and says so first`() throws {
    let scenario = try Scenario(yaml: TinyScenario(name: "probe", faults: []).yaml, file: "a.yaml")
    var campaign = Campaign(scenario, file: "a.yaml", build: "test", seeds: 1...5)
    campaign.add(Self.outcome(2, .pass))
    campaign.wasInterrupted = true
    #expect(campaign.verdict == .unknown && campaign.skipped == [1, 3, 4, 5])
    let summary = CampaignReport(campaign).summary()
    #expect(summary.hasPrefix("INTERRUPTED  probe, 1 of 5 seeds: 1 pass\n"), "\(summary)")
    let text = JUnitReport([.init(campaign) { _ in nil }]).text
    #expect(text.contains("tests=\"5\" failures=\"0\" errors=\"0\" skipped=\"4\""), "\(text)")
    #expect(text.ranges(of: "<skipped message=\"the campaign was interrupted\"/>").count == 4)
  }

  @Test func `ranks seeds by verdict, then by lost commits, then by outage`() throws {
    var campaign = try Self.campaign()
    for (seed, verdict, outage) in [
      (1, .pass, 9), (2, .pass, 20), (3, .fail, 1), (4, .pass, 15), (5, .pass, 20),
    ] as [(UInt64, Verdict, Int64)] {
      campaign.add(Self.outcome(seed, verdict, outage: .seconds(outage)))
    }
    var lost = Self.outcome(6, .pass)
    lost.lostCommits = 1
    campaign.add(lost)
    #expect(campaign.worst(4).map(\.seed) == [3, 6, 2, 5])
    #expect(campaign.worst(99).count == 6)
  }

  @Test func `names the situations that no seed came into`() throws {
    var campaign = try Self.campaign()
    for (seed, counts) in [(1, [0, 3, 0]), (2, [0, 0, 1]), (3, [0, 2, 0])] as [(UInt64, [Int])] {
      var outcome = Self.outcome(seed, .pass)
      outcome.probes = zip(["torn", "filled", "fenced"], counts).map {
        ProbeCount(name: $0, count: $1)
      }
      campaign.add(outcome)
    }
    #expect(campaign.probes.map(\.seeds) == [0, 2, 1])
    #expect(campaign.unreachedProbes == ["torn"])
    let report = CampaignReport(campaign)
    #expect(report.probes == "probe,seeds,count\r\ntorn,0,0\r\nfilled,2,5\r\nfenced,1,1\r\n")
    #expect(report.summary().contains("probes        2 of 3 reached\n  no seed reached: torn\n"))
  }

  @Test func `lists the situations that no seed came into in lines that fit`() throws {
    var campaign = try Self.campaign()
    var outcome = Self.outcome(1, .pass)
    outcome.probes = (1...40).map { ProbeCount(name: "volume.rare_situation_\($0)", count: 0) }
    campaign.add(outcome)
    let lines = CampaignReport(campaign).summary().split(separator: "\n")
    let from = try #require(
      lines.firstIndex { $0.hasPrefix("  no seed reached: volume.rare_situation_1, ") })
    #expect(lines[from...].count < 15 && lines[from...].allSatisfy { $0.count <= 100 })
    #expect(lines[(from + 1)...].allSatisfy { $0.hasPrefix("    volume.") })
    #expect(
      lines[from...].joined(separator: " ").ranges(of: "volume.rare_situation_").count == 40)
  }

  @Test func `replays the share of seeds that the scenario names, always the same ones`() {
    func run(_ share: Percentage) -> Scenario.Run {
      Scenario.Run(horizon: .seconds(1), replayShare: share)
    }
    let seeds = 1...10_000 as ClosedRange<UInt64>
    #expect(seeds.count { run(.zero).isReplayed($0) } == 0)
    #expect(seeds.count { run(.whole).isReplayed($0) } == 10_000)
    #expect((400...600).contains(seeds.count { run(.percent(5)).isReplayed($0) }))
    #expect(
      seeds.allSatisfy { !run(.percent(5)).isReplayed($0) || run(.percent(9)).isReplayed($0) })
  }

  @Test func `is a suite that an XML parser reads`() throws {
    var campaign = try Self.campaign()
    campaign.add(Self.outcome(1, .pass))
    campaign.add(Self.outcome(2, .fail))
    campaign.add(Self.outcome(3, .unknown))
    var slow = Self.outcome(4, .processorLimit)
    slow.realSeconds = 1.25
    slow.reasons = ["it hangs \u{1B}[31m"]
    campaign.add(slow)
    let suite = JUnitReport.Suite(campaign) { $0 == 2 ? "out/seed-2/report.html" : nil }
    let text = JUnitReport([suite, suite]).text
    let counts = "tests=\"4\" failures=\"1\" errors=\"2\" skipped=\"0\" time=\"1.250\""
    #expect(text.contains("<testsuite name=\"probe\" file=\"a.yaml\" \(counts)>"), "\(text)")
    #expect(text.contains("<testsuites name=\"borealis\" tests=\"8\" failures=\"2\" errors=\"4\""))
    let start = "<testcase classname=\"probe\" name=\"seed"
    #expect(text.contains("\(start) 1\" file=\"a.yaml\" time=\"0.000\">"))
    #expect(text.contains("\(start) 4\" file=\"a.yaml\" time=\"1.250\">"))
    #expect(
      text.contains("<failure type=\"fail\" message=\"fail &amp; so on\">fail &amp; so on\n"))
    #expect(text.contains("borealis run a.yaml --seed 2</failure>"))
    #expect(text.contains("<error type=\"cpu_limit\" message=\"it hangs [31m\">"))
    #expect(text.contains("<property name=\"report\" value=\"out/seed-2/report.html\"/>"))
    #expect(text.contains("<system-out>[[ATTACHMENT|out/seed-2/report.html]]</system-out>"))
    #expect(text.contains("<property name=\"seed\" value=\"3\"/>"))
    #expect(!text.unicodeScalars.contains("\u{1B}"), "XML has no place for it")
  }

  @Test func `tells quantiles of the outages that values do not exceed`() throws {
    var campaign = try Self.campaign()
    for seed in 1...20 as ClosedRange<UInt64> {
      campaign.add(Self.outcome(seed, .pass, outage: .seconds(Int64(21 - seed))))
    }
    campaign.add(Self.outcome(21, .pass))
    let text = CampaignReport(campaign).summary()
    #expect(text.contains("p50 10.0 s, p95 19.0 s, max 20.0 s over 20 runs"), "\(text)")
  }
}

@Suite struct `An objective over many runs` {
  private static func campaign(_ objective: String) throws -> Campaign {
    let yaml =
      TinyScenario(name: "pool", faults: []).yaml + "slo:\n  - { \(objective) }\n"
    return Campaign(try Scenario(yaml: yaml, file: "a.yaml"), file: "a.yaml", build: "test")
  }

  /// - Parameter values: of each run, in seconds.
  private static func pooled(
    _ objective: String, _ values: [[ObjectiveResult.Value]]
  ) throws -> (Campaign, PooledObjective) {
    var campaign = try campaign(objective)
    for (seed, values) in values.enumerated() {
      var outcome = Campaign.Outcome(seed: UInt64(seed), failure: "")
      (outcome.verdict, outcome.reasons) = (.pass, [])
      outcome.objectives = [
        .init(
          name: "x", observed: values.map(\.magnitude).max(), passed: true,
          isAtLeast: values.contains(where: \.isAtLeast), values: values)
      ]
      campaign.add(outcome)
    }
    return (campaign, try #require(campaign.pooledObjectives.first))
  }

  private static let sure = "metric: failover.client_seen, stat: p95, below: 30s, confidence: 95%"

  /// 59 runs that all stay below show it, and 58 do not: 0.95 to the 58th is above 5 %.
  @Test(arguments: [58, 59]) func `needs enough runs to be sure`(runs: Int) throws {
    let (campaign, objective) = try Self.pooled(
      Self.sure, (1...runs).map { [.init(20 + Double($0) / 10), .init(1)] })
    #expect(
      objective.runs.count == runs && objective.valueCount == 2 * runs && objective.runsNeeded == 59
    )
    #expect(objective.isAsked && objective.confidence == 0.95)
    // The limit is one of the worst values of the runs, not one of all the values.
    #expect(objective.statistic.upper == (runs == 59 ? 25.9 : nil))
    #expect(objective.statistic.estimate == Double(runs == 59 ? 254 : 253) / 10)
    #expect(objective.holds == (runs == 59 ? true : nil))
    #expect(campaign.verdict == (runs == 59 ? .pass : .unknown))
    #expect((objective.reason == nil) == (runs == 59))
  }

  @Test func `allows single runs beyond the bound, but not too many`() throws {
    func runs(beyond: Int) -> [[ObjectiveResult.Value]] {
      (0..<200).map { [.init($0 < beyond ? 40 : 20)] }
    }
    let verdicts = try [2, 4, 8, 30].map { try Self.pooled(Self.sure, runs(beyond: $0)).0.verdict }
    #expect(verdicts == [.pass, .pass, .unknown, .fail])
  }

  @Test func `has no upper limit while outages had not ended`() throws {
    let (campaign, objective) = try Self.pooled(
      Self.sure, (0..<100).map { [.init(10, isAtLeast: $0 < 10)] })
    #expect(
      objective.statistic.upper == nil && objective.statistic.estimate == nil
        && objective.statistic.lower == 10)
    #expect(campaign.verdict == .unknown)
  }

  @Test func `says nothing of the verdict if nobody asked`() throws {
    let (campaign, objective) = try Self.pooled(
      "metric: failover.client_seen, stat: p95, below: 30s", [[.init(40)], [.init(40)]])
    // Of two runs the lower limit of a p95 is there, and the upper is not.
    #expect(!objective.isAsked && objective.holds == false && campaign.verdict == .pass)
  }

  @Test func `of many values in a run is a mean over the runs`() throws {
    var campaign = try Self.campaign(
      "metric: oltp.latency, stat: p99, below: 100ms, confidence: 90%")
    for seed in 1...4 as ClosedRange<UInt64> {
      var outcome = Campaign.Outcome(seed: seed, failure: "")
      outcome.verdict = .pass
      outcome.objectives = [.init(name: "x", observed: 0.01 * Double(seed), passed: true)]
      campaign.add(outcome)
    }
    let objective = try #require(campaign.pooledObjectives.first)
    #expect(
      objective.statistic.estimate == 0.025 && objective.valueCount == 4 && objective.holds == true)
    // t of 90 % with 3 degrees of freedom is 1.6377; the deviation is 12.91 ms.
    #expect(abs(try #require(objective.statistic.upper) - 0.035571) < 1e-6)
  }

  @Test(arguments: ["stat: p95", "stat: mean", "stat: max"], [0, 1])
  func `shows nothing by no run, and nothing certain by one`(
    statistic: String, runs: Int
  ) throws {
    let asked = statistic == "stat: max" ? "" : ", confidence: 95%"
    let (campaign, objective) = try Self.pooled(
      "metric: failover.client_seen, \(statistic), below: 30s\(asked)",
      Array(repeating: [.init(20)], count: runs))
    #expect(objective.runs.count == runs && objective.statistic.lower == nil)
    #expect(objective.statistic.upper == nil)
    let isOwn = statistic == "stat: max"
    #expect(objective.holds == (isOwn && runs == 1 ? true : nil))
    #expect(campaign.verdict == (isOwn && runs == 1 ? .pass : .unknown))
    #expect((objective.reason == nil) == (isOwn && runs == 1))
    if runs == 0 { #expect(objective.reason?.hasSuffix("no run had anything to measure") == true) }
    #expect(objective.largestMissingShare > 0.94)
  }

  /// Where nobody was there to be interrupted, an outage of zero is no evidence.
  @Test func `is not shown by runs in which nothing was at stake`() throws {
    var campaign = try Self.campaign(Self.sure)
    for seed in 1...100 as ClosedRange<UInt64> {
      var outcome = Campaign.Outcome(seed: seed, failure: "")
      outcome.verdict = .pass
      outcome.objectives = [
        .init(
          name: "x", observed: seed > 58 ? 0 : 20, passed: seed > 58 ? nil : true,
          values: [.init(seed > 58 ? 0 : 20)])
      ]
      campaign.add(outcome)
    }
    let objective = campaign.pooledObjectives[0]
    #expect(objective.runs.count == 58 && objective.unjudged == 42)
    #expect(objective.holds == nil && campaign.verdict == .unknown)
  }

  @Test func `comes with the confidence that the scenario asks, everywhere`() throws {
    var campaign = try Self.campaign(
      "metric: oltp.latency, stat: p99, below: 40ms, confidence: 90%")
    for seed in 1...4 as ClosedRange<UInt64> {
      var outcome = Campaign.Outcome(seed: seed, failure: "")
      outcome.verdict = .pass
      outcome.longestOutage = .seconds(Int64(seed * seed))
      outcome.objectives = [
        .init(name: "oltp.latency p99", observed: 0.01 * Double(seed), passed: true)
      ]
      campaign.add(outcome)
    }
    let objective = campaign.pooledObjectives[0]
    #expect(objective.confidence == 0.9 && objective.slope?.confidence == 0.9)
    let report = CampaignReport(campaign)
    let figures = "mean of the p99 of 4 runs 25.0 ms, 14.4 ms to 35.6 ms with 90 % confidence each"
    #expect(report.summary().contains(figures), "\(report.summary())")
    let junit = JUnitReport([.init(campaign) { _ in nil }]).text
    #expect(junit.contains(figures) && junit.contains("tests=\"5\" failures=\"0\" errors=\"0\""))
    #expect(
      junit.contains("name=\"objective oltp.latency p99 below 40ms, confidence 90%\""), "\(junit)")
    let row = try #require(report.objectives.split(separator: "\r\n").last)
    #expect(row.hasPrefix("all,oltp.latency p99,0.025000000,true,mean of the p99 of 4 runs,0.0144"))
    #expect(row.hasSuffix(",0.900,4,4"), "\(row)")
    let page = try #require(report.files { _ in nil }.first).contents
    for cell in ["mean of the p99 of 4 runs", "25.0 ms", "14.4 ms to 35.6 ms", "90 %"] {
      #expect(page.contains(">\(cell)</td>"), "\(cell)")
    }
    #expect(!page.contains("a confidence of 95 %"))
  }

  @Test func `is a case of its own for a CI server if the runs do not show it`() throws {
    let (campaign, objective) = try Self.pooled(Self.sure, [[.init(20)], [.init(20)]])
    let junit = JUnitReport([.init(campaign) { _ in nil }]).text
    #expect(junit.contains("tests=\"3\" failures=\"0\" errors=\"1\""))
    #expect(
      junit.contains("<error type=\"unknown\" message=\"\(try #require(objective.reason))\">"))
  }

  @Test func `tells how many seeds may fail after all`() throws {
    var campaign = try Self.campaign(Self.sure)
    #expect(campaign.largestFailingShare() == 1)
    for seed in 1...59 as ClosedRange<UInt64> {
      var outcome = Campaign.Outcome(seed: seed, failure: "")
      outcome.verdict = .pass
      campaign.add(outcome)
    }
    #expect(abs(campaign.largestFailingShare() - 0.0495) < 0.0001)
    campaign.add(Campaign.Outcome(seed: 60, failure: "no"))
    #expect(abs(campaign.largestFailingShare() - 0.0767) < 0.0002)
  }
}
