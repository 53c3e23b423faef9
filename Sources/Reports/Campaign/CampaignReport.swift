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

  /// One line a seed: seed, verdict, outage_ms, outage_ended, lost_commits, digest, reasons. An outage that had not
  /// ended when the run did is counted up to then.
  public var table: String {
    var table = CSVTable([
      "seed", "verdict", "outage_ms", "outage_ended", "lost_commits", "digest", "reasons",
    ])
    for outcome in campaign.outcomes {
      table.add([
        "\(outcome.seed)", outcome.verdict.rawValue,
        outcome.longestOutage.map { CSVReport.milliseconds($0) } ?? "",
        outcome.longestOutage == nil ? "" : outcome.outageGoesOn ? "false" : "true",
        "\(outcome.lostCommits)", outcome.digest, outcome.reasons.joined(separator: "; "),
      ])
    }
    return table.contents
  }

  /// One line a seed and objective, and then one an objective over all seeds, with `all` for a seed: what it comes to
  /// in ``PooledObjective``. Values are in the base unit; limits hold with the confidence each.
  public var objectives: String {
    var table = CSVTable([
      "seed", "objective", "observed", "passed", "of", "lower", "upper", "confidence", "runs",
      "met",
    ])
    func word(_ passed: Bool?) -> String { passed.map { $0 ? "true" : "false" } ?? "" }
    func number(_ value: Double?) -> String { CSVReport.number(value, decimals: 9) }
    for outcome in campaign.outcomes {
      for objective in outcome.objectives {
        table.add([
          "\(outcome.seed)", objective.name, number(objective.observed), word(objective.passed), "",
          "", "", "", "", "",
        ])
      }
    }
    for objective in campaign.pooledObjectives {
      let statistic = objective.statistic
      table.add([
        "all", objective.name, number(statistic.estimate), word(objective.holds),
        objective.measureText, number(statistic.lower), number(statistic.upper),
        CSVReport.number(objective.confidence, decimals: 3), "\(objective.runs.count)",
        "\(objective.met)",
      ])
    }
    return table.contents
  }

  /// One line a probe: name, seeds, count.
  public var probes: String {
    var table = CSVTable(["probe", "seeds", "count"])
    for probe in campaign.probes { table.add([probe.name, "\(probe.seeds)", "\(probe.count)"]) }
    return table.contents
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
      text += "outage        "
      for (name, quantile) in [("p50", 0.5), ("p95", 0.95)] {
        text += "\(name) \(Words.duration(seconds: campaign.outage(quantile).estimate)), "
      }
      text += "max \(Words.duration(longest)) over \(Words.count(outages.count, "run")), "
      text += "as the slowest client saw it\(campaign.unendedOutages)\n"
    }
    for objective in campaign.pooledObjectives {
      text += "objective     \(objective.objective): \(objective.figures)\n"
    }
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
      if !unreached.isEmpty {
        text += Self.wrapped(unreached, after: "no seed reached: ", indent: "  ")
      }
    }
    return text
  }

  private static let width = 100

  /// A list in lines of at most ``width`` columns, those after the first indented twice.
  private static func wrapped(_ names: [String], after label: String, indent: String) -> String {
    var (text, line) = ("", indent + label)
    for (place, name) in names.enumerated() {
      let word = place + 1 < names.count ? "\(name)," : name
      let isFirst = line.hasSuffix(": ") || line.allSatisfy { $0 == " " }
      if !isFirst, line.count + 1 + word.count > width {
        text += line + "\n"
        line = indent + indent
      }
      line += (line.last == " " ? "" : " ") + word
    }
    return text + line + "\n"
  }
}

extension Campaign.Outcome {
  /// The longest outage in words; "≥" if it had not ended when the run did.
  var outage: String {
    longestOutage.map { (outageGoesOn ? "≥ " : "") + Words.duration($0) } ?? "–"
  }
}

extension Campaign {
  /// In words, to be put behind a figure of outages; empty if all have ended.
  var unendedOutages: String {
    unendedOutageCount == 0
      ? "" : "; in \(Words.count(unendedOutageCount)) it had not ended when the run did"
  }
}
