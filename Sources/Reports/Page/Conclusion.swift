import Scenarios
import Simulation
import Statistics

/// What a run showed, in words: the first thing that a reader of the page wants to know.
///
/// It is made of the failovers' waterfalls, of the totals and of the judgements, and of nothing else: for a run
/// that passed, failed or proves nothing, and with or without an outage.
struct Conclusion: Equatable {
  /// One sentence, such as `10.0 s without writes for app after az_down: 5.0 s to detect, 5.0 s until the
  /// client noticed.`
  let headline: String
  /// What else is worth a sentence.
  let rest: String

  init(_ result: RunResult) {
    headline = Self.headline(of: result)
    let sentences =
      [Self.moreFailovers(of: result), Self.stranded(in: result), Self.periods(of: result)]
      + Self.unserved(in: result) + [Self.recovery(of: result), Self.judgement(of: result)]
    rest = sentences.filter { !$0.isEmpty }.joined(separator: " ")
  }

  // MARK: Outages

  private static func headline(of result: RunResult) -> String {
    guard result.simulatedTime > .zero else { return "The run was broken off before it began." }
    guard let (failover, outage) = result.worstOutage else { return calm(result) }
    let cause = failover.fault.map { " after \($0)" } ?? ""
    guard let duration = outage.duration else {
      let rest = (Instant.start + result.simulatedTime) - failover.cause
      return
        "\(outage.client) could not write again\(cause): no commit in the \(Words.duration(rest)) "
        + "from the fault to the end of the run"
        + (outage.obstacle.map { ", when this was its state: \($0)." } ?? ".")
    }
    return "\(Words.duration(duration)) without writes for \(outage.client)\(cause): "
      + "\(phases(of: outage.waterfall))."
  }

  /// A run in which no client waited for another writer.
  private static func calm(_ result: RunResult) -> String {
    let attempts = result.workloads.reduce(0) { $0 + $1.connections.attempts }
    let unserved = result.workloads.reduce(0) { $0 + $1.unserved }
    let errors = result.workloads.reduce(0) { $0 + $1.errors.reduce(0) { $0 + $1.count } }
    if result.committedCount == 0 {
      return attempts + unserved + errors > 0
        ? "Nobody was served: not one transaction committed." : "Nobody wanted anything."
    }
    let failovers = result.failovers.map(Words.succession).joined(separator: ", ")
    let writer = failovers.isEmpty ? "The writer stayed" : "The writer changed (\(failovers))"
    if unserved > 0 {
      return
        "\(writer), and \(Words.count(unserved, "transaction")) had not been served at the end."
    }
    if !failovers.isEmpty { return "\(writer), and no client was interrupted." }
    return result.faults.contains { $0.start != nil }
      ? "The writer stayed, and no client had to wait for another."
      : "Nothing was broken, and the writer stayed."
  }

  /// The phases that matter, in the order of time, and the rest in one.
  static func phases(of waterfall: Waterfall) -> String {
    let total = waterfall.total
    let large = waterfall.spans.filter { $0.duration > .zero && $0.duration / total >= 0.05 }
    var parts = large.map { "\(Words.duration($0.duration)) \(words(for: $0.phase))" }
    let rest = total - large.reduce(.zero) { $0 + $1.duration }
    if parts.isEmpty { return "\(Words.duration(total)) in all" }
    if rest > .zero { parts.append("\(Words.duration(rest)) for the rest") }
    guard parts.count > 1, let last = parts.popLast() else { return parts[0] }
    return "\(parts.joined(separator: ", ")) and \(last)"
  }

  /// A phase as the end of `5 s …`.
  private static func words(for phase: Waterfall.Phase) -> String {
    switch phase {
    case .detect: "to detect"
    case .elect: "to elect a new writer"
    case .fenceAndRecover: "to fence the old writer off and recover the volume"
    case .open: "until the new writer was open"
    case .nameMoved: "until the endpoint's name had moved"
    case .clientNotices: "until the client noticed"
    case .nameLookUp: "to look the name up"
    case .nameCached: "until the client's cached name had expired"
    case .connectAttempts: "to connect"
    case .logIn: "to log in"
    case .firstCommit: "to the first commit"
    case .noRequest: "in which the client wanted nothing"
    }
  }

  private static func moreFailovers(of result: RunResult) -> String {
    guard result.failovers.count > 1 else { return "" }
    let endless = result.failovers.flatMap(\.outages).count { $0.firstCommit == nil }
    return "This was the longest of \(result.failovers.count) interruptions of the writer"
      + (endless > 1 ? "; \(endless) outages did not end." : ".")
  }

  /// The clients that never wrote again, but for that of the headline, by what they were waiting for.
  private static func stranded(in result: RunResult) -> String {
    let first = result.worstOutage?.outage
    var groups: [(obstacle: String, clients: [String])] = []
    for outage in result.failovers.flatMap(\.outages) where outage.firstCommit == nil {
      guard let obstacle = outage.obstacle, outage.client != first?.client,
        !groups.contains(where: { $0.clients.contains(outage.client) })
      else { continue }
      if let place = groups.firstIndex(where: { $0.obstacle == obstacle }) {
        groups[place].clients.append(outage.client)
      } else {
        groups.append((obstacle, [outage.client]))
      }
    }
    let texts = groups.map { obstacle, clients in
      let names = clients.prefix(namesShown).joined(separator: ", ")
      let more = clients.count - namesShown
      return "\(names)\(more > 0 ? " and \(more) more" : "") (\(obstacle))"
    }
    return texts.isEmpty ? "" : "Nor did these write again: \(texts.joined(separator: "; "))."
  }

  private static let namesShown = 3

  // MARK: Load

  /// The workload that faults slowed most.
  private static func periods(of result: RunResult) -> String {
    guard let periods = RunPeriods(result) else {
      guard let worst = result.worstLatency else { return "No transaction committed." }
      return "The p99 of \(worst.id) was \(Words.duration(worst.latency.p99))."
    }
    var worst: (id: String, before: Interval, during: Interval)?
    for (place, workload) in result.series.workloads.enumerated() {
      guard let before = periods.figures(of: place, in: .before)?.worstP99,
        let during = periods.figures(of: place, in: .during)?.worstP99
      else { continue }
      if during > worst?.during ?? .zero { worst = (workload.id, before, during) }
    }
    guard let worst else { return "" }
    return
      "The p99 of \(worst.id) in its worst second was \(Words.duration(worst.before)) before the faults "
      + "and \(Words.duration(worst.during)) during them."
  }

  /// What clients are still waiting for, what kept them from a session, and what their transactions failed with.
  private static func unserved(in result: RunResult) -> [String] {
    var sentences: [String] = []
    for workload in result.workloads {
      if workload.unserved > 0 {
        sentences.append(
          "\(Words.count(workload.unserved, "transaction")) of \(workload.id) had not been served when the run "
            + "ended.")
      }
      let connections = workload.connections
      let failed = connections.failures.reduce(0) { $0 + $1.count }
      if failed > 0 {
        sentences.append(
          "\(Words.count(failed)) of \(Words.count(connections.attempts, "attempt")) of \(workload.id) to get a "
            + "session failed: \(kinds(connections.failures)).")
      }
      let others = workload.errors.filter { !$0.kind.hasPrefix("no session: ") }
      let count = others.reduce(0) { $0 + $1.count }
      if count > 0 {
        sentences.append(
          "\(Words.count(count, "attempt")) of \(workload.id) at a transaction failed: \(kinds(others))."
        )
      }
    }
    return sentences
  }

  /// `53300 (118), connect timed out (2)`: the most frequent, and how many are left out.
  private static func kinds(_ failures: [WorkloadResult.ErrorCount]) -> String {
    let shown = failures.prefix(namesShown).map { "\($0.kind) (\(Words.count($0.count)))" }
    let rest = failures.dropFirst(namesShown).reduce(0) { $0 + $1.count }
    return (shown + (rest > 0 ? ["others (\(Words.count(rest)))"] : [])).joined(separator: ", ")
  }

  // MARK: Judgement

  private static func recovery(of result: RunResult) -> String {
    let ledger = result.recoveryPoint
    if !ledger.isComplete {
      return "What survived is not known: the database was not read to its end."
    }
    if ledger.acknowledgedCount == 0 { return "No commit was acknowledged." }
    return ledger.lostCount == 0
      ? "No acknowledged commit was lost."
      : "\(Words.count(ledger.lostCount)) of \(Words.count(ledger.acknowledgedCount)) acknowledged commits "
        + "were lost."
  }

  private static func judgement(of result: RunResult) -> String {
    let judged = result.claims.count + result.objectives.count
    switch result.verdict {
    case .pass:
      return judged == 0
        ? "Nothing was claimed." : "Claims and objectives hold, \(judged) of \(judged)."
    case .fail:
      let failed =
        result.claims.count { $0.passed == false } + result.objectives.count { $0.passed == false }
      return failed == 0
        ? "A checker found a violation."
        : "Of \(judged) claims and objectives \(failed) did not hold."
    case .unknown: return "The run proves nothing, for the reasons below."
    case .processorLimit: return "The run was ended at the limit of its CPU time."
    case .nondeterministic:
      return "Run again, it came to something else, so that nothing here can be believed."
    }
  }
}
