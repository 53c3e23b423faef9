import Mustache
import Scenarios
import Simulation
import Statistics

/// A campaign as one page, whether it passed or not: the verdict, how each objective is distributed over the
/// seeds, the worst seeds with links to their reports, and the situations that were reached.
struct CampaignPage {
  private let campaign: Campaign
  private let reports: LookupTable<UInt64, String>

  private static let worstShown = 10

  /// - Parameter reports: the page of a seed's run, relative to this one; `nil` if it was not kept.
  init(_ campaign: Campaign, reports: (UInt64) -> String?) {
    self.campaign = campaign
    var kept = LookupTable<UInt64, String>()
    for outcome in campaign.worst(Self.worstShown) { kept[outcome.seed] = reports(outcome.seed) }
    self.reports = kept
  }

  var markup: String {
    var body = ""
    body += section("Objectives", objectives)
    body += section("Outages and losses", totals)
    body += section("Worst seeds", worst)
    body += section("Situations", probes)
    let headline = campaign.wasInterrupted ? "interrupted" : campaign.verdict.rawValue
    return CampaignFrame(
      title: "\(headline): \(campaign.scenario)", scenario: campaign.scenario,
      subtitle: "Borealis campaign report", style: headline, claim: campaign.claim,
      conclusion: Self.conclusion(of: campaign), body: body,
      footer: "Build \(campaign.build), \(campaign.scenarioFile)."
    ).markup
  }

  private func section(_ title: String, _ content: String) -> String {
    content.isEmpty ? "" : "<section>\n<h2>\(title)</h2>\n\(content)</section>\n"
  }

  // MARK: In words

  static func conclusion(of campaign: Campaign) -> String {
    let (done, passed) = (campaign.outcomes.count, campaign.count(of: .pass))
    var text = "\(Words.count(passed)) of \(Words.count(done, "seed")) passed"
    for verdict in Verdict.byGravity where verdict != .pass && campaign.count(of: verdict) > 0 {
      text += ", \(Words.count(campaign.count(of: verdict))) \(verdict.rawValue)"
    }
    text += "."
    if campaign.wasInterrupted {
      text += " It was interrupted: \(Words.count(campaign.skipped.count, "seed")) did not run."
    }
    if let longest = campaign.outages.last {
      text +=
        " The longest outage of any client in any run was \(Words.duration(longest)); "
        + "\(Words.count(campaign.outages.count)) of the runs had one\(campaign.unendedOutages)."
    } else if done > 0 {
      text += " No client had an outage."
    }
    text +=
      campaign.lostCommits == 0
      ? " No acknowledged commit was found missing."
      : " \(Words.count(campaign.lostCommits, "acknowledged commit")) "
        + "\(campaign.lostCommits == 1 ? "was" : "were") lost."
    return text
  }

  // MARK: Parts

  private var objectives: String {
    let all = campaign.pooledObjectives
    var table = PageTable(
      [
        .mark("Holds"), .text("Objective"), .text("Over all seeds"), .number("Estimate"),
        .number("Limits"), .number("Each with"), .number("Runs that met it"), .number("Worst run"),
      ],
      caption:
        "What each objective comes to over the runs; between its limits lies the value of all seeds"
    )
    var charts = ""
    var trends = ""
    for objective in all {
      table.add([
        objective.holds.map { $0 ? "yes" : "no" } ?? "not shown", objective.objective.description,
        objective.measureText, objective.estimateText, objective.limitsText,
        objective.measure == .runs ? "–" : objective.percentage, objective.tally,
        objective.worstText,
      ])
      charts += DistributionChart(objective).figure
      if let slope = objective.slope, slope.lower > 0 || slope.upper < 0 {
        let unit = objective.objective.unit
        trends +=
          "<p>\(SVGCanvas.escaped(objective.name)): each second more of a run's longest outage goes with "
          + "\(Self.text(slope.estimate, unit)) more (\(objective.percentage): "
          + "\(Self.text(slope.lower, unit)) to \(Self.text(slope.upper, unit))).</p>\n"
      }
    }
    return all.isEmpty ? "" : table.markup + charts + trends
  }

  /// A value in the base unit of its metric.
  static func text(_ value: Double, _ unit: Metric.Unit) -> String {
    switch unit {
    case .time: FixedPoint.duration(nanoseconds: Int64((value * 1e9).rounded()))
    case .rate: "\(FixedPoint.string(value, decimals: 1))/s"
    case .capacity: "\(FixedPoint.string(value, decimals: 1)) ACU"
    case .bytes: FixedPoint.bytes(Int(value.rounded()))
    case .count: FixedPoint.string(value, decimals: value == value.rounded() ? 0 : 2)
    }
  }

  private var totals: String {
    var table = PageTable(
      [.text("What"), .number("Value")],
      caption:
        "The longest outage of each run that had one, as its slowest client saw it, and losses",
      style: "narrow")
    if let longest = campaign.outages.last {
      table.add(["runs with an outage", Words.count(campaign.outages.count)])
      for (name, quantile) in [("p50", 0.5), ("p95", 0.95)] {
        let outage = campaign.outage(quantile)
        func text(_ seconds: Double?) -> String { Words.duration(seconds: seconds) }
        let percent = FixedPoint.string(outage.confidence * 100, decimals: 0)
        let limits =
          switch (outage.lower, outage.upper) {
          case (let lower?, let upper?): " (\(text(lower)) to \(text(upper)), \(percent) % each)"
          case (let lower?, nil): " (above \(text(lower)), \(percent) %)"
          case (nil, let upper?): " (below \(text(upper)), \(percent) %)"
          case (nil, nil): ""
          }
        table.add([name, text(outage.estimate) + limits])
      }
      table.add(["longest", Words.duration(longest)])
      table.add(["runs that ended in an outage", Words.count(campaign.unendedOutageCount)])
    }
    table.add(["acknowledged commits lost", Words.count(campaign.lostCommits)])
    let replayed = campaign.outcomes.count(where: \.wasReplayed)
    if replayed > 0 { table.add(["runs made twice and compared", Words.count(replayed)]) }
    return table.markup
  }

  private var worst: String {
    var table = PageTable(
      [
        .mark("Verdict"), .token("Seed"), .number("Outage"), .number("Lost"), .text("Why"),
        .text("Run it"),
      ],
      caption:
        "The gravest verdicts first, then the most lost commits, then the longest outage; where a "
        + "report was kept, the seed is a link to it")
    for outcome in campaign.worst(Self.worstShown) {
      table.add(
        [
          outcome.verdict.rawValue, "\(outcome.seed)",
          outcome.outage, Words.count(outcome.lostCommits),
          outcome.reasons.first ?? "", campaign.replayCommand(of: outcome.seed),
        ], link: reports[outcome.seed])
    }
    return table.isEmpty ? "" : table.markup
  }

  private var probes: String {
    var table = PageTable(
      [.mark("Reached"), .text("Situation"), .number("Seeds"), .number("Times")],
      caption: "Rare situations that the code has marked, and how many seeds came into them")
    for probe in campaign.probes.sorted(by: { ($0.seeds, $0.name) < ($1.seeds, $1.name) }) {
      table.add([
        probe.count > 0 ? "yes" : "no", probe.name, Words.count(probe.seeds),
        Words.count(probe.count),
      ])
    }
    return table.isEmpty ? "" : table.markup
  }
}

/// What the pages of campaigns have in common.
struct CampaignFrame {
  let title: String
  let scenario: String
  let subtitle: String
  /// The verdict, which is also the name of its style.
  let style: String
  let claim: String
  let conclusion: String
  /// Markup.
  let body: String
  let footer: String
  let styleSheet = StyleSheet.text

  var markup: String {
    do {
      return try MustacheTemplate(string: Self.template).render(self)
    } catch {
      preconditionFailure("the page's own template does not parse: \(error)")
    }
  }

  private static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{title}}</title>
    <style>
    {{{styleSheet}}}
    </style>
    </head>
    <body>
    <header>
    <div class="overline"><span><b>{{scenario}}</b></span><span>{{subtitle}}</span></div>
    <span class="verdict {{style}}">{{style}}</span>
    <h1>{{claim}}</h1>
    <p class="conclusion">{{conclusion}}</p>
    </header>
    <main>
    {{{body}}}</main>
    <footer>{{footer}} Times are virtual. The same scenarios, seeds and build give this page again, byte for
    byte.</footer>
    </body>
    </html>

    """
}
