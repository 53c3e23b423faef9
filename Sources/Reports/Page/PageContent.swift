import Scenarios
import Simulation
import Statistics

/// What the page's template is filled with.
///
/// The template finds these by their names; a name that it does not find it leaves out in silence,
/// which is why a test looks for each part of the page.
struct PageContent {
  struct NamedValue {
    let name: String
    let value: String
    var note = ""
  }

  struct KeyEntry {
    let name: String
    let style: String
  }

  struct Failover {
    let title: String
    let waterfall: String
    let table: PageTable?
  }

  struct Tables {
    let claims: PageTable?
    let objectives: PageTable?
    let periods: PageTable?
    let recovery: PageTable?
    let lost: PageTable?
    let faults: PageTable?
    let events: PageTable?
  }

  let scenario: String
  let seed: String
  let claim: String
  let verdict: String
  let hasReasons: Bool
  let reasons: [String]
  let figures: [NamedValue]
  let replay: String
  let digest: String
  let facts: [NamedValue]
  let tables: Tables
  let violations: [String]
  let key: [KeyEntry]
  let timeline: String
  let hasZoom: Bool
  let zoom: String
  let zoomCaption: String
  let timelineCaption: String
  let conclusion: Conclusion
  let assumptions: [String]
  let hasClaims: Bool
  let hasTimeline: Bool
  let hasFailovers: Bool
  let failoverLead: String
  let failovers: [Failover]
  let recoveryLead: String
  let totals: [PageTable]
  let styleSheet = StyleSheet.text
  let script = PointerScript.text

  init(_ result: RunResult) {
    scenario = result.scenario
    seed = String(result.seed)
    claim = result.claim
    verdict = result.verdict.rawValue
    hasReasons = !result.reasons.isEmpty
    reasons = result.reasons
    figures = Self.figures(of: result)
    replay = result.replayCommand
    digest = result.digest
    facts = Self.facts(of: result)
    tables = Tables(
      claims: .claims(of: result), objectives: .objectives(of: result),
      periods: .periods(of: result), recovery: .recovery(of: result), lost: .lost(of: result),
      faults: .faults(of: result),
      events: .events(of: result))
    violations = result.violations.prefix(20).map(\.description)
    key = Self.key(of: result)
    timeline = TimelineChart(result).markup
    timelineCaption =
      "The whole run on one axis of virtual time. Dashed lines are bounds of objectives"
      + (result.faults.isEmpty ? "." : "; where a fault is on, the ground is tinted.")
    let window = TimelineChart.zoom(on: result)
    hasZoom = window != nil
    zoom = window.map { TimelineChart(result, window: $0).markup } ?? ""
    zoomCaption =
      window.map { window in
        "The same from \(Words.time(window.lowerBound)) to \(Words.time(window.upperBound)), around "
          + (result.failovers.isEmpty ? "the first fault." : "the longest outage.")
      } ?? ""
    conclusion = Conclusion(result)
    assumptions = ModelAssumptions.all
    hasClaims = !(result.claims.isEmpty && result.objectives.isEmpty && result.violations.isEmpty)
    hasTimeline = result.simulatedTime > .zero
    hasFailovers = !result.failovers.isEmpty
    failoverLead =
      "From the fault, or a client's last commit after it, to its first commit by the next writer; a client that "
      + "was not interrupted has no outage. The chart shows the client that waited longest: what the service did "
      + "until the name had moved, then the client's own causes. Together they are the outage."
    failovers = result.failovers.map(Self.failover)
    recoveryLead = Self.recoveryLead(of: result)
    totals = Self.totals(of: result)
  }

  // MARK: Headline

  /// The numbers that a reader came for.
  private static func figures(of result: RunResult) -> [NamedValue] {
    var figures: [NamedValue] = []
    if let (failover, outage) = result.worstOutage {
      let cause = failover.fault.map { ", after \($0)" } ?? ""
      figures.append(
        NamedValue(
          name: result.failovers.count > 1 ? "Longest outage" : "Outage, client-seen",
          value: outage.duration.map(Words.duration) ?? "did not end",
          note: "\(outage.client): \(Words.succession(failover))\(cause)"))
    } else {
      figures.append(
        NamedValue(
          name: "Outage, client-seen", value: "none",
          note: result.failovers.isEmpty ? "the writer stayed" : "no client was interrupted"))
    }
    let ledger = result.recoveryPoint
    figures.append(
      NamedValue(
        name: "Recovery point",
        value: ledger.isComplete ? "\(Words.count(ledger.lostCount)) lost" : "unknown",
        note: "of \(Words.count(ledger.acknowledgedCount)) acknowledged; "
          + "\(Words.count(ledger.inDoubtCount)) in doubt"))
    if let worst = result.worstLag {
      figures.append(
        NamedValue(
          name: "Replication lag p99", value: Words.duration(worst.lag.p99),
          note: "\(worst.reader), at most \(Words.duration(worst.lag.max))"))
    }
    figures.append(
      NamedValue(
        name: "Throughput", value: Words.rate(result.committedCount, over: result.measuredTime),
        note: "\(Words.count(result.committedCount, "commit")) in "
          + Words.duration(result.measuredTime)))
    if let worst = result.worstLatency {
      figures.append(
        NamedValue(
          name: "Latency p99",
          value: (worst.latency.isAtLeast(0.99) ? "≥ " : "") + Words.duration(worst.latency.p99),
          note: "\(worst.id), median \(Words.duration(worst.latency.p50))"
            + (worst.unserved > 0 ? ", \(Words.count(worst.unserved)) unserved" : "")))
    }
    if let capacity = result.capacity.max(by: { $0.highest < $1.highest }) {
      figures.append(
        NamedValue(
          name: "Capacity, highest",
          value: "\(FixedPoint.string(capacity.highest, decimals: 1)) ACU",
          note: "\(capacity.instance), mean \(FixedPoint.string(capacity.mean, decimals: 1))"))
    }
    return figures
  }

  private static func facts(of result: RunResult) -> [NamedValue] {
    [
      NamedValue(name: "Build", value: result.build),
      NamedValue(name: "Trace", value: Words.count(result.eventCount, "event")),
      NamedValue(name: "Engine", value: result.engine),
      NamedValue(
        name: "Simulated",
        value: "\(Words.duration(result.simulatedTime)), the first "
          + "\(Words.duration(result.warmUp)) as warm-up"),
    ]
  }

  // MARK: Timeline

  private static func key(of result: RunResult) -> [KeyEntry] {
    var key: [KeyEntry] = []
    if !result.faults.isEmpty {
      key.append(KeyEntry(name: "fault", style: "background:var(--fault)"))
    }
    if !result.failovers.isEmpty {
      key.append(KeyEntry(name: "no commit possible", style: "background:var(--outage)"))
    }
    for role in InstanceResult.Role.allCases
    where result.instances.contains(where: { $0.roles.contains { $0.role == role } }) {
      let paint =
        role == .starting
        ? "repeating-linear-gradient(45deg,var(--starting-stripe) 0 3px,var(--starting) 3px 6px)"
        : Palette.role(role)
      key.append(KeyEntry(name: role.rawValue, style: "background:\(paint)"))
    }
    if result.warmUp > .zero {
      key.append(KeyEntry(name: "warm-up, not counted", style: "background:var(--faint)"))
    }
    return key
  }

  // MARK: Failovers

  private static func failover(_ failover: FailoverResult) -> Failover {
    let cause = failover.fault.map { "after \($0), " } ?? ""
    let what =
      failover.kind == .restart
      ? "Restart of \(failover.oldWriter)"
      : "Failover from \(failover.oldWriter) to \(failover.newWriter ?? "nobody")"
    let worst =
      failover.outages.first { $0.firstCommit == nil }
      ?? failover.outages.max { $0.waterfall.total < $1.waterfall.total }
    let client = worst.map { ", as \($0.client) saw it" } ?? ""
    return Failover(
      title: "\(what), \(cause)from \(Words.time(failover.cause))\(client)",
      waterfall: worst.map { WaterfallChart(outage: $0).markup } ?? "",
      table: failover.outages.count > 1 || worst?.obstacle != nil ? .outages(of: failover) : nil)
  }

  // MARK: Recovery point

  private static func recoveryLead(of result: RunResult) -> String {
    let ledger = result.recoveryPoint
    if !ledger.isComplete {
      return "The database was not read to its end, so it is not known what survived."
    }
    if ledger.lostCount == 0 {
      return "Every commit that a client was acknowledged was found when the database was read "
        + "at the end. A commit in doubt was sent but never answered; it may have survived or not."
    }
    return "\(Words.count(ledger.lostCount, "commit")) that clients were acknowledged "
      + "\(ledger.lostCount == 1 ? "was" : "were") not found when the database was read at the "
      + "end. The age is that of the oldest at the failure that lost it."
  }

  // MARK: Totals

  private static func totals(of result: RunResult) -> [PageTable] {
    let tables: [PageTable?] = [
      .workloads(of: result), .latencies(of: result), .errors(of: result),
      .connections(of: result), .lag(of: result), .capacity(of: result), .instances(of: result),
      .meters(of: result),
    ]
    return tables.compactMap(\.self)
  }
}
