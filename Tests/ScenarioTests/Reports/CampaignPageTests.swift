import Foundation
import Scenarios
import Simulation
import Statistics
import Testing

@testable import Reports

@Suite struct `The page of a campaign` {
  private static func campaign(_ count: UInt64, failing: UInt64? = nil) throws -> Campaign {
    let yaml =
      TinyScenario(name: "probe", faults: ["{ id: c, at: 2s, crash: { on: w } }"]).yaml
      + "slo:\n  - { metric: failover.client_seen, stat: max, below: 30s }\n"
      + "  - { metric: oltp.latency, stat: p99, below: 80ms }\n"
    let scenario = try Scenario(yaml: yaml, file: "a.yaml")
    var campaign = Campaign(scenario, file: "a.yaml", build: "test", seeds: 1...count)
    for seed in 1...count {
      var outcome = Campaign.Outcome(seed: seed, failure: "")
      outcome.verdict = seed == failing ? .fail : .pass
      outcome.reasons = seed == failing ? ["<it was slow>"] : []
      outcome.longestOutage = .seconds(Int64(10 + seed % 20))
      outcome.objectives = [
        .init(
          name: "failover.client_seen max", observed: Double(10 + seed % 20),
          passed: seed != failing),
        .init(name: "oltp.latency p99", observed: 0.002 * Double(10 + seed % 20), passed: true),
      ]
      outcome.probes = [
        ProbeCount(name: "a hole was filled", count: 2), ProbeCount(name: "torn", count: 0),
      ]
      campaign.add(outcome)
    }
    return campaign
  }

  @Test func `shows verdict, distributions, worst seeds and situations, also when all passed`()
    throws
  {
    let campaign = try Self.campaign(100)
    let page = CampaignPage(campaign) { $0 == 19 ? "seed-19/report.html" : nil }.markup
    for part in [
      "<span class=\"verdict pass\">pass</span>", "100 of 100 seeds passed.",
      "failover.client_seen max below 30s", "<figure><svg ", "bound 30.0 s",
      "<a href=\"seed-19/report.html\">19</a>", "borealis run a.yaml --seed 19", "✗ no", "✓ yes",
      "a hole was filled", "each second more of a run&#39;s longest outage goes with 2.00 ms more",
    ] {
      #expect(page.contains(part.replacing("&#39;", with: "'")) || page.contains(part), "\(part)")
    }
    #expect(!page.contains("too few runs"))
    #expect(page.ranges(of: "<caption>").count == page.ranges(of: "<table").count)
    let objective = try #require(campaign.pooledObjectives.first)
    #expect(objective.measure == .runs && objective.holds == true && objective.slope == nil)
    #expect(objective.met == 100 && objective.missed == 0 && objective.worst?.value == 29)
    #expect(
      page.contains("mean of the p99 of 100 runs") && page.contains("each of 100 runs by itself"))
  }

  @Test func `says what failed, and that few seeds say little`() throws {
    var campaign = try Self.campaign(5, failing: 3)
    let page = CampaignPage(campaign) { _ in nil }.markup
    #expect(page.contains("4 of 5 seeds passed, 1 fail."))
    #expect(page.contains("4 of 5</td>") && page.contains("✗ no"))
    #expect(page.contains("&lt;it was slow&gt;") && !page.contains("<it was slow>"))
    #expect(page.contains("class=\"dot failed\""))
    campaign.wasInterrupted = true
    #expect(
      CampaignPage(campaign) { _ in nil }.markup.contains("<span class=\"verdict interrupted\">"))
    let overview = CampaignOverview([
      (campaign, "probe/report.html"), (try Self.campaign(3), "b.html"),
    ])
    #expect(
      overview.summary.hasPrefix("INTERRUPTED  1 of 2 scenarios pass\n"), "\(overview.summary)")
    #expect(overview.markup.contains("<a href=\"probe/report.html\">probe</a>"))
  }

  /// `BOREALIS_SAMPLES=/some/folder swift test --filter 'looked at'` writes a sample there.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["BOREALIS_SAMPLES"] != nil))
  func `can be written out to be looked at`() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["BOREALIS_SAMPLES"])
    try CampaignPage(try Self.campaign(120, failing: 19)) { "seed-\($0)/report.html" }.markup.write(
      toFile: "\(folder)/campaign.html", atomically: true, encoding: .utf8)
  }
}
