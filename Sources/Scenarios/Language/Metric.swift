/// Something that a run measures, by the name that an objective uses.
public enum Metric: Hashable, Codable, Sendable {
  /// `failover.client_seen`: per client host and interruption, from the fault to the first commit
  /// that the next writer acknowledged.
  case failoverSeenByClient
  /// `failover.count`: promotions of a reader.
  case failoverCount
  /// `rpo.transactions`: commits that were acknowledged and are missing at the end.
  case lostTransactions
  /// `rpo.bytes`: what their clients had sent.
  case lostBytes
  /// `rpo.time`: the age that the oldest of them had at the moment of the loss.
  case lostTime
  /// `lag` or `lag.r1`: how far a reader is behind its writer, once a second.
  case lag(reader: String?)
  /// `oltp.latency`: from a transaction's arrival to the answer to its COMMIT, retries included.
  case latency(workload: String)
  /// `oltp.throughput`: commits acknowledged in each whole second of the workload.
  case throughput(workload: String)
  /// `oltp.errors`: attempts that ended in anything but an acknowledged commit.
  case errors(workload: String)
  /// `acu` or `acu.r1`: the capacity of Serverless instances.
  case capacity(instance: String?)
}

extension Metric {
  /// What a value of a metric is made of.
  public enum Unit: Sendable {
    case time, count, bytes, rate, capacity
  }

  /// The first words of metrics that are no workloads; no id may be one of them.
  static let families = ["failover", "rpo", "lag", "acu", "cluster", "faults", "none"]

  /// As a scenario writes it.
  public var name: String {
    switch self {
    case .failoverSeenByClient: "failover.client_seen"
    case .failoverCount: "failover.count"
    case .lostTransactions: "rpo.transactions"
    case .lostBytes: "rpo.bytes"
    case .lostTime: "rpo.time"
    case .lag(let reader): reader.map { "lag.\($0)" } ?? "lag"
    case .latency(let workload): "\(workload).latency"
    case .throughput(let workload): "\(workload).throughput"
    case .errors(let workload): "\(workload).errors"
    case .capacity(let instance): instance.map { "acu.\($0)" } ?? "acu"
    }
  }

  public var unit: Unit {
    switch self {
    case .failoverSeenByClient, .lostTime, .lag, .latency: .time
    case .failoverCount, .lostTransactions, .errors: .count
    case .lostBytes: .bytes
    case .throughput: .rate
    case .capacity: .capacity
    }
  }

  /// Whether a run has many values of it, which need a statistic; else it has just one.
  public var isSampled: Bool {
    switch self {
    case .failoverSeenByClient, .lag, .latency, .throughput, .capacity: true
    case .failoverCount, .lostTransactions, .lostBytes, .lostTime, .errors: false
    }
  }

  /// Whether it can be confined to a part of the run.
  public var hasWindow: Bool {
    switch self {
    case .lag, .latency, .throughput, .errors, .capacity: true
    case .failoverSeenByClient, .failoverCount, .lostTransactions, .lostBytes, .lostTime: false
    }
  }
}

extension Field {
  /// A metric; the workload or instance in its name must exist.
  func metric(cluster: Scenario.Cluster, workloads: [String]) throws(ScenarioError) -> Metric {
    let text = try text("the name of a metric")
    let fixed: [Metric] = [
      .failoverSeenByClient, .failoverCount, .lostTransactions, .lostBytes, .lostTime,
    ]
    let serverless = cluster.instances.filter(\.isServerless).map(\.id)
    let instances = cluster.instances.map(\.id)
    var known = fixed
    if !cluster.readers.isEmpty {
      // Any instance may be a reader after a failover.
      known += [.lag(reader: nil)] + instances.map { .lag(reader: $0) }
    }
    for workload in workloads {
      known += [
        .latency(workload: workload), .throughput(workload: workload), .errors(workload: workload),
      ]
    }
    if !serverless.isEmpty {
      known += [.capacity(instance: nil)] + serverless.map { .capacity(instance: $0) }
    }
    guard let metric = known.first(where: { $0.name == text }) else {
      throw refusal(.unknownName(text, kind: "metric", known: known.map(\.name)))
    }
    return metric
  }
}
