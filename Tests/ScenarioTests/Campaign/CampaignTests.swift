import Foundation
import Reports
import Scenarios
import Simulation
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
    for (seed, verdict) in [(4, Verdict.pass), (3, .unknown), (2, .fail), (1, .nondeterministic)] {
      campaign.add(Self.outcome(UInt64(seed), verdict))
      #expect(campaign.verdict == verdict)
    }
    #expect(campaign.outcomes.map(\.seed) == [1, 2, 3, 4])
    #expect(campaign.failures.map(\.seed) == [1, 2, 3])
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
    let text = CampaignReport(campaign).junit
    #expect(text.contains("<testsuite name=\"probe\" tests=\"3\" failures=\"1\" errors=\"1\">"))
    #expect(text.contains("<failure message=\"fail &amp; so on\">fail &amp; so on\n"))
    #expect(text.contains("borealis run a.yaml --seed 2</failure>"))
    #expect(text.contains("<testcase classname=\"probe\" name=\"seed 1\"/>"))
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
