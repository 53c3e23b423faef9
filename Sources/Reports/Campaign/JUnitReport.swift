public import Scenarios
import Statistics

/// Campaigns as test suites with a case for each seed, in the form that CI servers read.
///
/// | verdict | becomes |
/// |---|---|
/// | `pass` | a case |
/// | `fail`, `nondeterministic` | a case with a `failure` |
/// | `unknown`, `cpu_limit` | a case with an `error`: nothing was shown, neither way |
/// | not run, since the campaign was interrupted | a case that is `skipped` |
///
/// An objective for which the scenario asks a confidence is one more case: with a `failure` if it does not hold, with an
/// `error` if the runs do not show it. What all objectives come to is among the properties of the suite.
///
/// Times are real ones, so that two equal campaigns differ in them.
///
/// Source: the JUnit XML schema of Apache Ant, as Jenkins and GitLab take it; `properties` of a case and
/// `[[ATTACHMENT|path]]` as Jenkins reads them.
public struct JUnitReport {
  /// A campaign and where its reports are.
  public struct Suite {
    public let campaign: Campaign
    /// The path of the page of a seed's run; `nil` if none was kept.
    public let report: (UInt64) -> String?

    public init(_ campaign: Campaign, report: @escaping (UInt64) -> String?) {
      (self.campaign, self.report) = (campaign, report)
    }
  }

  private let suites: [Suite]

  /// Seeds that were not run are listed up to this number.
  private static let mostSkipped = 10_000

  public init(_ suites: [Suite]) { self.suites = suites }

  public var text: String {
    var body = ""
    var total = Tally()
    for suite in suites {
      let tally = Tally(suite.campaign, skippedAtMost: Self.mostSkipped)
      body += Self.markup(of: suite, tally)
      total.add(tally)
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"borealis\"\(total.attributes)>\n\(body)</testsuites>\n"
  }

  private struct Tally {
    var tests = 0
    var failures = 0
    var errors = 0
    var skipped = 0
    var seconds = 0.0

    init() {}

    init(_ campaign: Campaign, skippedAtMost most: Int) {
      skipped = min(most, campaign.skipped.count)
      let asked = campaign.pooledObjectives.filter(\.isAsked)
      tests = campaign.outcomes.count + skipped + asked.count
      let verdicts = campaign.outcomes.map(\.verdict) + asked.map(\.verdict)
      failures = verdicts.count { JUnitReport.element(for: $0) == "failure" }
      errors = verdicts.count { JUnitReport.element(for: $0) == "error" }
      seconds = campaign.outcomes.reduce(0) { $0 + ($1.realSeconds ?? 0) }
    }

    mutating func add(_ other: Tally) {
      tests += other.tests
      failures += other.failures
      errors += other.errors
      skipped += other.skipped
      seconds += other.seconds
    }

    var attributes: String {
      " tests=\"\(tests)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\""
        + " time=\"\(FixedPoint.string(seconds, decimals: 3))\""
    }
  }

  private static func markup(of suite: Suite, _ tally: Tally) -> String {
    let campaign = suite.campaign
    let name = escaped(campaign.scenario)
    let file = escaped(campaign.scenarioFile)
    var text = "<testsuite name=\"\(name)\" file=\"\(file)\"\(tally.attributes)>\n"
    text += properties(
      [
        ("claim", campaign.claim), ("build", campaign.build),
        ("interrupted", campaign.wasInterrupted ? "true" : "false"),
      ]
        + campaign.pooledObjectives.map { ("objective", "\($0.objective): \($0.figures)") },
      indent: "  ")
    for outcome in campaign.outcomes {
      text += start(
        "seed \(outcome.seed)", name: name, file: file, seconds: outcome.realSeconds ?? 0)
      let report = suite.report(outcome.seed)
      text += properties(
        [
          ("seed", "\(outcome.seed)"), ("verdict", outcome.verdict.rawValue),
          ("digest", outcome.digest), ("replay", campaign.replayCommand(of: outcome.seed)),
        ] + (report.map { [("report", $0)] } ?? []), indent: "    ")
      if let element = element(for: outcome.verdict) {
        let message = escaped(outcome.reasons.first ?? outcome.verdict.rawValue)
        let lines = outcome.reasons + [campaign.replayCommand(of: outcome.seed)]
        text += "    <\(element) type=\"\(outcome.verdict.rawValue)\" message=\"\(message)\">"
        text += escaped(lines.joined(separator: "\n")) + "</\(element)>\n"
      }
      if let report {
        text += "    <system-out>[[ATTACHMENT|\(escaped(report))]]</system-out>\n"
      }
      text += "  </testcase>\n"
    }
    for objective in campaign.pooledObjectives where objective.isAsked {
      text += start("objective \(objective.objective)", name: name, file: file, seconds: 0)
      if let element = element(for: objective.verdict), let reason = objective.reason {
        text +=
          "    <\(element) type=\"\(objective.verdict.rawValue)\" message=\"\(escaped(reason))\">"
        text += escaped(objective.figures) + "</\(element)>\n"
      }
      text += "  </testcase>\n"
    }
    for seed in campaign.skipped.prefix(mostSkipped) {
      text += start("seed \(seed)", name: name, file: file, seconds: 0)
      text += "    <skipped message=\"the campaign was interrupted\"/>\n  </testcase>\n"
    }
    return text + "</testsuite>\n"
  }

  private static func start(
    _ title: String, name: String, file: String, seconds: Double
  ) -> String {
    "  <testcase classname=\"\(name)\" name=\"\(escaped(title))\" file=\"\(file)\""
      + " time=\"\(FixedPoint.string(seconds, decimals: 3))\">\n"
  }

  private static func element(for verdict: Verdict) -> String? {
    switch verdict {
    case .pass: nil
    case .fail, .nondeterministic: "failure"
    case .unknown, .processorLimit: "error"
    }
  }

  private static func properties(
    _ properties: [(name: String, value: String)], indent: String
  ) -> String {
    let lines = properties.map {
      "\(indent)  <property name=\"\($0.name)\" value=\"\(escaped($0.value))\"/>\n"
    }
    return "\(indent)<properties>\n\(lines.joined())\(indent)</properties>\n"
  }

  /// XML 1.0 has no place for control characters, not even as references.
  private static func escaped(_ text: String) -> String {
    let scalars = text.unicodeScalars.filter {
      $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
    }
    return SVGCanvas.escaped(String(String.UnicodeScalarView(scalars)))
  }
}
