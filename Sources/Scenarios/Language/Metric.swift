/// Something that a run measures, by the name that an objective uses.
///
/// Every kind of metric is a file of its own: the names under which it is known, its unit, and how its values
/// follow from what a run has left behind. ``MetricFamily/all`` makes it known; objectives, tables and
/// campaigns take it from there.
public struct Metric: Sendable {
  /// What a value of a metric is made of.
  public enum Unit: Sendable {
    case time, count, bytes, rate, capacity
  }

  /// As a scenario writes it: `failover.client_seen`, `oltp.latency`, `lag.r1`.
  public let name: String
  /// What is measured, in tables: `latency`.
  public let kind: String
  /// The workload or instance of which it is measured; empty for what concerns the whole run.
  public let subject: String
  public let unit: Unit
  /// Whether a run has many values of it, which need a statistic; else it has just one.
  public let isSampled: Bool
  /// Whether it can be confined to a part of the run.
  public let hasWindow: Bool
  /// Whether it can be confined to what the hosts of one client saw.
  public let isToldByClient: Bool
  /// What tables say of it; without a statistic of metrics that have one value.
  let statistics: [Scenario.Objective.Statistic]
  let sample: @Sendable (MetricQuery) -> MetricSample

  /// A metric with many values in a run.
  ///
  /// - Parameter statistics: what tables say of it.
  static func sampled(
    _ name: String, _ kind: String, of subject: String = "", in unit: Unit, hasWindow: Bool = true,
    isToldByClient: Bool = false,
    statistics: [Scenario.Objective.Statistic] = [.count, .p50, .p95, .p99, .max],
    sample: @escaping @Sendable (MetricQuery) -> MetricSample
  ) -> Metric {
    Metric(
      name: name, kind: kind, subject: subject, unit: unit, isSampled: true, hasWindow: hasWindow,
      isToldByClient: isToldByClient, statistics: statistics, sample: sample)
  }

  /// A metric with one value in a run.
  static func single(
    _ name: String, _ kind: String, of subject: String = "", in unit: Unit, hasWindow: Bool = false,
    sample: @escaping @Sendable (MetricQuery) -> MetricSample
  ) -> Metric {
    Metric(
      name: name, kind: kind, subject: subject, unit: unit, isSampled: false, hasWindow: hasWindow,
      isToldByClient: false, statistics: [.value], sample: sample)
  }
}

extension Metric: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// What a metric is asked for: which part of a run counts.
struct MetricQuery {
  let measurement: Measurement
  let window: MeasuredWindow
  /// In the order of the losses; see ``Measurement/failovers``.
  let failovers: [FailoverResult]
  /// Only what the hosts of this client saw; `nil` for all.
  var client: String?
}

/// Metrics of one kind: one for the run, or one for each workload or instance of a scenario.
struct MetricFamily: Sendable {
  /// The first word of its metrics' names, which can be no id; `nil` if they begin with an id.
  var reservedWord: String?
  /// Those that a scenario has.
  let metrics: @Sendable (MetricScope) -> [Metric]

  /// Every family, in the order in which tables have them.
  static let all: [MetricFamily] = [
    .failovers, .recoveryPoint, .lag, .latency, .throughput, .errors, .unserved, .omitted,
    .connections, .capacity,
  ]

  /// Words that no id may be, since a metric's name begins with one, or the language needs them.
  static let reservedWords = all.compactMap(\.reservedWord) + ["cluster", "faults", "none"]
}

/// What metrics can be measured of.
struct MetricScope {
  let cluster: Scenario.Cluster
  /// Ids.
  let workloads: [String]
  /// Ids of those whose sessions wait for their answers.
  let closedLoops: [String]

  var all: [Metric] { MetricFamily.all.flatMap { $0.metrics(self) } }
}

extension Scenario {
  /// Every metric that this scenario can name.
  var metricScope: MetricScope {
    MetricScope(
      cluster: cluster, workloads: workloads.map(\.id),
      closedLoops: workloads.filter { if case .closed = $0.load { true } else { false } }
        .map(\.id))
  }
}

extension Field {
  /// A metric; the workload or instance in its name must exist.
  func metric(in scope: MetricScope) throws(ScenarioError) -> Metric {
    try item(
      called: try text("the name of a metric"), kind: "metric", among: scope.all, by: \.name)
  }
}
