public import Scenarios
import Simulation
import Statistics

/// The few lines at the end of `borealis run`.
public struct TerminalSummary {
  private let result: RunResult
  private let report: String?

  /// The width of the names on the left.
  private static let margin = 14

  /// - Parameter report: the path of the page, as the user may open it; `nil` if there is none.
  public init(_ result: RunResult, report: String?) {
    self.result = result
    self.report = report
  }

  /// The lines, each with its end; without colours.
  public var text: String {
    var lines = ["\(result.verdict.rawValue.uppercased())  \(result.scenario), seed \(result.seed)"]
    lines += result.reasons.map { "      \($0)" }
    lines.append("")
    lines += rows.map { name, value in
      name + String(repeating: " ", count: max(1, Self.margin - name.count)) + value
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var rows: [(String, String)] {
    var rows: [(String, String)] = []
    for failover in result.failovers { rows.append(("failover", Self.text(of: failover))) }
    if result.failovers.isEmpty { rows.append(("failover", "none: the writer stayed")) }
    rows.append(("RPO", recoveryPoint))
    for reader in result.lag where reader.lag.count > 0 {
      rows.append(
        (
          "lag",
          "\(reader.reader): mean \(Words.duration(reader.lag.mean)), "
            + "p50 \(Words.duration(reader.lag.p50)), "
            + "p99 \(Words.duration(reader.lag.p99)), max \(Words.duration(reader.lag.max))"
        ))
    }
    for workload in result.workloads {
      let rate = Words.rate(workload.committed, over: result.measuredTime)
      let errors = workload.errors.reduce(0) { $0 + $1.count }
      rows.append(
        (
          "throughput",
          "\(workload.id): \(rate), p99 "
            + (workload.latency.count > 0
              ? (workload.latency.isAtLeast(0.99) ? "≥ " : "") + Words.duration(workload.latency.p99)
              : "–")
            + ", \(Words.count(errors, "error"))"
            + (workload.unserved > 0 ? ", \(Words.count(workload.unserved)) unserved" : "")
            + ((workload.omitted ?? 0) > 0 ? ", \(Words.count(workload.omitted ?? 0)) omitted" : "")
        ))
    }
    for capacity in result.capacity {
      rows.append(
        (
          "capacity",
          "\(capacity.instance): \(FixedPoint.string(capacity.lowest, decimals: 1)) to "
            + "\(FixedPoint.string(capacity.highest, decimals: 1)) ACU, mean "
            + FixedPoint.string(capacity.mean, decimals: 2)
        ))
    }
    rows.append(("claims", Self.tally(result.claims.map(\.passed), done: "hold")))
    if !result.objectives.isEmpty {
      rows.append(("objectives", Self.tally(result.objectives.map(\.passed), done: "met")))
    }
    rows.append(
      ("digest", "\(result.digest), \(Words.count(result.eventCount, "event"))"))
    if let report { rows.append(("report", report)) }
    return rows
  }

  private var recoveryPoint: String {
    let ledger = result.recoveryPoint
    guard ledger.isComplete else {
      return "unknown: the database was not read to its end; "
        + "\(Words.count(ledger.acknowledgedCount)) commits acknowledged"
    }
    var text =
      "\(Words.count(ledger.lostCount)) of \(Words.count(ledger.acknowledgedCount)) acknowledged "
      + "commits lost"
    if ledger.lostCount > 0 {
      text += " (\(FixedPoint.bytes(ledger.lostBytes)), \(Words.duration(ledger.lostTime)))"
    }
    return text + ", \(Words.count(ledger.inDoubtCount)) in doubt"
  }

  private static func text(of failover: FailoverResult) -> String {
    var times = failover.outages.map { outage in
      "\(outage.duration.map(Words.duration) ?? "no commit again") for \(outage.client)"
        + (outage.obstacle.map { " (\($0))" } ?? "")
    }
    if times.isEmpty { times = ["no client was interrupted"] }
    let cause = failover.fault.map { " after \($0)" } ?? ""
    return "\(times.joined(separator: ", ")): \(Words.succession(failover))\(cause)"
  }

  private static func tally(_ judgements: [Bool?], done: String) -> String {
    let passed = judgements.count { $0 == true }
    let failed = judgements.count { $0 == false }
    let unknown = judgements.count - passed - failed
    return "\(passed) of \(judgements.count) \(done)"
      + (failed > 0 ? ", \(failed) failed" : "") + (unknown > 0 ? ", \(unknown) not judged" : "")
  }
}
