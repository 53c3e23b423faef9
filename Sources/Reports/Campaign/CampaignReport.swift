public import Scenarios
import Simulation
import Statistics

/// What a campaign leaves behind for other programs, and what it says on the terminal.
///
/// Nothing here depends on how long the runs took or in which order they ended: the same scenario, seeds
/// and build give the same bytes.
public struct CampaignReport {
  private let campaign: Campaign

  /// The name of the page among the files.
  public static let pageName = "report.html"

  public init(_ campaign: Campaign) { self.campaign = campaign }

  /// The page first, then the tables; names are relative and without folders.
  ///
  /// - Parameter reports: the page of a seed's run, relative to that of the campaign; `nil` if it was not
  ///   kept.
  public func files(reports: (UInt64) -> String?) -> [(name: String, contents: String)] {
    var files = [
      (Self.pageName, CampaignPage(campaign, reports: reports).markup), ("seeds.csv", table),
    ]
    if campaign.outcomes.contains(where: { !$0.objectives.isEmpty }) {
      files.append(("objectives.csv", objectives))
    }
    if !campaign.probes.isEmpty { files.append(("probes.csv", probes)) }
    return files
  }

  /// One line a seed: seed, verdict, outage_ms, lost_commits, digest, reasons.
  public var table: String {
    var table = CSVTable(["seed", "verdict", "outage_ms", "lost_commits", "digest", "reasons"])
    for outcome in campaign.outcomes {
      table.add([
        "\(outcome.seed)", outcome.verdict.rawValue,
        outcome.longestOutage.map { CSVReport.milliseconds($0) } ?? "", "\(outcome.lostCommits)",
        outcome.digest, outcome.reasons.joined(separator: "; "),
      ])
    }
    return table.contents
  }

  /// One line a seed and objective: seed, objective, observed, passed; observed in the base unit.
  public var objectives: String {
    var table = CSVTable(["seed", "objective", "observed", "passed"])
    for outcome in campaign.outcomes {
      for objective in outcome.objectives {
        table.add([
          "\(outcome.seed)", objective.name, CSVReport.number(objective.observed, decimals: 9),
          objective.passed.map { $0 ? "true" : "false" } ?? "",
        ])
      }
    }
    return table.contents
  }

  /// One line a probe: name, seeds, count.
  public var probes: String {
    var table = CSVTable(["probe", "seeds", "count"])
    for probe in campaign.probes { table.add([probe.name, "\(probe.seeds)", "\(probe.count)"]) }
    return table.contents
  }

  /// `pooled        failover.client_seen p95 18.4 s, from 15.2 s to 22.0 s with 95 % confidence, …`
  private static func line(of objective: PooledObjective) -> String {
    func words(_ value: Double?) -> String {
      value.map { objective.quantity($0).description } ?? "?"
    }
    let percent = FixedPoint.string(objective.confidence * 100, decimals: 0)
    return "pooled        \(objective.name): \(words(objective.estimate)), from "
      + "\(words(objective.lower)) to \(words(objective.upper)) with \(percent) % confidence each, of "
      + "\(Words.count(objective.values, "value")) in \(Words.count(objective.runs, "run"))\n"
  }

  /// What a person wants to know first, at most `limit` failing seeds with how to see them again.
  public func summary(failuresShown limit: Int = 10) -> String {
    let total = campaign.outcomes.count
    let skipped = campaign.skipped.count
    let headline = campaign.wasInterrupted ? "INTERRUPTED" : campaign.verdict.rawValue.uppercased()
    let count = skipped > 0 ? "\(total) of \(total + skipped) seeds" : "\(total) seeds"
    var text = "\(headline)  \(campaign.scenario), \(count): "
    if total == 0 { text += "none has ended" }
    text += Verdict.allCases.filter { campaign.count(of: $0) > 0 }
      .map { "\(campaign.count(of: $0)) \($0.rawValue)" }.joined(separator: ", ")
    text += "\n"
    for objective in campaign.pooledObjectives where objective.isAsked {
      if let reason = objective.reason { text += "      \(reason)\n" }
    }
    if total > 0 {
      let share = FixedPoint.string(campaign.largestFailingShare() * 100, decimals: 1)
      text += "sure          with 95 % confidence at most \(share) % of all seeds do not pass\n"
    }
    let outages = campaign.outages
    if let longest = outages.last {
      // The smallest value that half, or 95 %, of the values do not exceed.
      let middle = outages[(outages.count + 1) / 2 - 1]
      let high = outages[(outages.count * 95 + 99) / 100 - 1]
      text += "outage        p50 \(Words.duration(middle)), p95 \(Words.duration(high)), "
      text += "max \(Words.duration(longest)) over \(Words.count(outages.count, "run")), "
      text += "as the slowest client saw it\n"
    }
    for objective in campaign.pooledObjectives { text += Self.line(of: objective) }
    text += "lost commits  \(campaign.lostCommits)\n"
    let replayed = campaign.outcomes.count(where: \.wasReplayed)
    if replayed > 0 {
      let differing = campaign.count(of: .nondeterministic)
      text += "replayed      \(Words.count(replayed, "seed")) in a second process, "
      text += differing == 0 ? "each the same\n" : "\(differing) of them came to something else\n"
    }
    for outcome in campaign.failures.prefix(limit) {
      text += "seed \(outcome.seed): \(outcome.reasons.first ?? outcome.verdict.rawValue)\n"
      text += "  \(campaign.replayCommand(of: outcome.seed))\n"
    }
    if campaign.failures.count > limit {
      text += "and \(campaign.failures.count - limit) more, in seeds.csv\n"
    }
    let probes = campaign.probes
    if !probes.isEmpty {
      let unreached = campaign.unreachedProbes
      text += "probes        \(probes.count - unreached.count) of \(probes.count) reached\n"
      for name in unreached { text += "  no seed reached: \(name)\n" }
    }
    return text
  }
}
