import Scenarios
import Simulation
import Statistics

/// How the page and the terminal put values into words.
enum Words {
  static func duration(_ interval: Interval) -> String {
    FixedPoint.duration(nanoseconds: interval.nanoseconds)
  }

  /// A time in seconds; a dash if there is none.
  static func duration(seconds: Double?) -> String {
    seconds.map { FixedPoint.duration(nanoseconds: Int64(($0 * 1e9).rounded())) } ?? "–"
  }

  /// An instant in seconds with milliseconds: `61.234 s`.
  static func time(_ instant: Instant) -> String {
    "\(FixedPoint.seconds(nanoseconds: instant.nanoseconds)) s"
  }

  static func time(_ instant: Instant?) -> String { instant.map { time($0) } ?? "–" }

  static func count(_ value: Int) -> String { FixedPoint.grouped(value) }

  /// What a meter counted, with its unit unless that is the thing itself.
  static func amount(_ amount: Int, _ unit: Meter.Kind.Unit) -> String {
    switch unit {
    case .count: count(amount)
    case .bytes: FixedPoint.bytes(amount)
    case .nanoseconds: duration(.nanoseconds(Int64(amount)))
    }
  }

  /// With one decimal; a dash if there is nothing to divide by.
  static func ratio(_ part: Int, to whole: Int) -> String {
    whole == 0 ? "–" : FixedPoint.string(Double(part) / Double(whole), decimals: 1)
  }

  /// A count with its noun: `1 commit`, `2 commits`.
  static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// Events over a length of time, per second.
  static func rate(_ count: Int, over interval: Interval) -> String {
    interval > .zero ? "\(FixedPoint.string(Double(count) / interval.seconds, decimals: 1))/s" : "–"
  }

  /// The bound of an objective: `below 30.0 s`.
  static func bound(_ objective: ObjectiveResult) -> String {
    let word =
      switch objective.comparison {
      case .below: "below"
      case .above: "above"
      case .exactly: "exactly"
      }
    return "\(word) \(objective.bound)"
  }

  /// What happened to the writer: `w → r1`, or `w again`.
  static func succession(_ failover: FailoverResult) -> String {
    guard let new = failover.newWriter else { return "\(failover.oldWriter) → none" }
    return failover.kind == .restart ? "\(new) again" : "\(failover.oldWriter) → \(new)"
  }
}

extension RunResult {
  /// The part of the run that the totals cover.
  var measuredTime: Interval { max(simulatedTime - warmUp, .zero) }

  var committedCount: Int { workloads.reduce(0) { $0 + $1.committed } }

  /// The outage that lasted longest, one that never ended before all others.
  var worstOutage: (failover: FailoverResult, outage: ClientOutage)? {
    let outages = failovers.flatMap { failover in failover.outages.map { (failover, $0) } }
    return outages.first { $0.1.firstCommit == nil }
      ?? outages.max { $0.1.waterfall.total < $1.1.waterfall.total }
  }

  /// The reader with the largest p99 of those that were measured.
  var worstLag: LagResult? {
    lag.filter { $0.lag.count > 0 }.max { $0.lag.p99 < $1.lag.p99 }
  }

  var worstLatency: WorkloadResult? {
    workloads.filter { $0.latency.count > 0 }.max { $0.latency.p99 < $1.latency.p99 }
  }
}
