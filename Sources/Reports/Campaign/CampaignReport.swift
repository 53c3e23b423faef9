public import Scenarios
import Simulation
import Statistics

/// What a campaign leaves behind for other programs, and what it says on the terminal.
///
/// Nothing here depends on how long the runs took or in which order they ended: the same scenario, seeds
/// and build give the same bytes.
public struct CampaignReport {
  private let campaign: Campaign

  public init(_ campaign: Campaign) { self.campaign = campaign }

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

  /// The campaign as a test suite with a case for each seed, in the form that CI servers read.
  ///
  /// Source: the JUnit XML schema of Apache Ant, as Jenkins and GitLab take it.
  public var junit: String {
    let failures = campaign.outcomes.count {
      $0.verdict == .fail || $0.verdict == .nondeterministic
    }
    let errors = campaign.count(of: .unknown)
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuite name=\"\(escaped(campaign.scenario))\" tests=\"\(campaign.outcomes.count)\""
    text += " failures=\"\(failures)\" errors=\"\(errors)\">\n"
    for outcome in campaign.outcomes {
      text +=
        "  <testcase classname=\"\(escaped(campaign.scenario))\" name=\"seed \(outcome.seed)\""
      if outcome.verdict == .pass {
        text += "/>\n"
        continue
      }
      let element = outcome.verdict == .unknown ? "error" : "failure"
      let message = escaped(outcome.reasons.first ?? outcome.verdict.rawValue)
      let lines = outcome.reasons + [campaign.replayCommand(of: outcome.seed)]
      text += ">\n    <\(element) message=\"\(message)\">"
      text += escaped(lines.joined(separator: "\n")) + "</\(element)>\n  </testcase>\n"
    }
    return text + "</testsuite>\n"
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

  private func escaped(_ text: String) -> String { SVGCanvas.escaped(text) }

  /// What a person wants to know first, at most `limit` failing seeds with how to see them again.
  public func summary(failuresShown limit: Int = 10) -> String {
    let total = campaign.outcomes.count
    var text = "\(campaign.verdict.rawValue.uppercased())  \(campaign.scenario), \(total) seeds: "
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
