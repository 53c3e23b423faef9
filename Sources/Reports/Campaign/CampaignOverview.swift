public import Scenarios
import Simulation

/// Several campaigns side by side: a line for each, on the terminal and on a page.
public struct CampaignOverview {
  private let campaigns: [(campaign: Campaign, page: String)]

  /// - Parameter campaigns: each with its page, relative to that of the overview.
  public init(_ campaigns: [(campaign: Campaign, page: String)]) { self.campaigns = campaigns }

  /// What they come to together: the gravest verdict of all, and that they were interrupted before it.
  private var headline: String {
    if campaigns.contains(where: \.campaign.wasInterrupted) { return "INTERRUPTED" }
    let verdict = Verdict.byGravity.first { verdict in
      campaigns.contains { $0.campaign.verdict == verdict }
    }
    return (verdict ?? .unknown).rawValue.uppercased()
  }

  /// A headline, and then a line a campaign; each line with its end.
  public var summary: String {
    let passed = campaigns.count { $0.campaign.verdict == .pass }
    var text = "\(headline)  \(passed) of \(campaigns.count) scenarios pass\n"
    let width = campaigns.map(\.campaign.scenario.count).max() ?? 0
    for (campaign, _) in campaigns {
      let gap = String(repeating: " ", count: width - campaign.scenario.count + 2)
      text += "  \(campaign.scenario)\(gap)\(Self.words(for: campaign))\n"
    }
    return text
  }

  private static func words(for campaign: Campaign) -> String {
    let count = campaign.outcomes.count
    let passed = campaign.count(of: .pass)
    let left = campaign.skipped.count
    return (campaign.wasInterrupted ? "interrupted" : campaign.verdict.rawValue)
      + ", \(passed) of \(Words.count(count, "seed")) passed"
      + (left > 0 ? ", \(left) not run" : "")
  }

  /// The page.
  public var markup: String {
    var table = PageTable(
      [
        .mark("Verdict"), .text("Scenario"), .text("Claim"), .number("Passed"), .number("Seeds"),
        .number("Longest outage"), .number("Lost"),
      ], caption: "A campaign for each scenario; its name is a link to its page")
    for (campaign, page) in campaigns {
      let longest = campaign.outcomes.max {
        ($0.longestOutage ?? .zero) < ($1.longestOutage ?? .zero)
      }
      table.add(
        [
          campaign.wasInterrupted ? "interrupted" : campaign.verdict.rawValue, campaign.scenario,
          campaign.claim, Words.count(campaign.count(of: .pass)),
          Words.count(campaign.outcomes.count), longest?.outage ?? "–",
          Words.count(campaign.lostCommits),
        ], link: page)
    }
    let passed = campaigns.count { $0.campaign.verdict == .pass }
    return CampaignFrame(
      title: "\(headline.lowercased()): \(Words.count(campaigns.count, "scenario"))",
      scenario: Words.count(campaigns.count, "scenario"), subtitle: "Borealis campaign report",
      style: headline.lowercased(), claim: "\(passed) of \(campaigns.count) scenarios pass.",
      conclusion: campaigns.filter { $0.campaign.verdict != .pass }
        .map { "\($0.campaign.scenario): \(CampaignPage.conclusion(of: $0.campaign))" }
        .joined(separator: " "),
      body: "<section>\n<h2>Scenarios</h2>\n\(table.markup)</section>\n",
      footer: campaigns.first.map { "Build \($0.campaign.build)." } ?? ""
    ).markup
  }
}
