import Simulation

extension MetricFamily {
  static let latency = MetricFamily { $0.workloads.map { .latency(workload: $0) } }
  static let throughput = MetricFamily { $0.workloads.map { .throughput(workload: $0) } }
  static let errors = MetricFamily { $0.workloads.map { .errors(workload: $0) } }
}

extension Metric {
  /// `oltp.latency`: one value for each committed transaction, from its arrival to the answer to its COMMIT,
  /// retries included.
  public static func latency(workload id: String) -> Metric {
    ofWorkload(id, "latency", in: .time) { workload, query, doubt in
      MetricSample(
        query.measurement.latencies(of: workload, in: query.window), doubt: doubt,
        emptiness: "no transaction was committed")
    }
  }

  /// `oltp.throughput`: one value for each whole second of the workload: commits acknowledged in it.
  public static func throughput(workload id: String) -> Metric {
    ofWorkload(id, "throughput", in: .rate, statistics: [.min, .mean, .max]) {
      workload, query, doubt in
      MetricSample(
        WeightedSample(query.measurement.throughput(of: workload, in: query.window)),
        doubt: doubt, emptiness: "no whole second of the workload lies in that part of the run")
    }
  }

  /// `oltp.errors`: attempts that ended in anything but an acknowledged commit.
  public static func errors(workload id: String) -> Metric {
    single("\(id).errors", "errors", of: id, in: .count, hasWindow: true) { query in
      of(id, in: query) { workload, doubt in
        MetricSample(
          Double(workload.failures.count { query.window.contains($0.instant) }), doubt: doubt)
      }
    }
  }

  private static func ofWorkload(
    _ id: String, _ kind: String, in unit: Unit,
    statistics: [Scenario.Objective.Statistic] = [.count, .p50, .p95, .p99, .max],
    _ sample: @escaping @Sendable (WorkloadRecord, MetricQuery, _ doubt: String?) -> MetricSample
  ) -> Metric {
    sampled("\(id).\(kind)", kind, of: id, in: unit, statistics: statistics) { query in
      of(id, in: query) { workload, doubt in sample(workload, query, doubt) }
    }
  }

  /// Where nobody tried anything, no number of commits or errors shows anything.
  private static func of(
    _ id: String, in query: MetricQuery,
    _ sample: (WorkloadRecord, _ doubt: String?) -> MetricSample
  ) -> MetricSample {
    guard let workload = query.measurement.record.workloads.first(where: { $0.workload.id == id })
    else { return .unknown("the workload \(id) never began") }
    let isIdle =
      !workload.commits.contains { query.window.contains($0.instant) }
      && !workload.failures.contains { query.window.contains($0.instant) }
    return sample(workload, isIdle ? "no transaction was attempted" : nil)
  }
}

extension Measurement {
  /// Latencies of the transactions that were committed in the window.
  func latencies(of workload: WorkloadRecord, in window: MeasuredWindow) -> TimeSample {
    var sample = TimeSample()
    for commit in workload.commits {
      guard window.contains((commit.instant - commit.latency)...commit.instant) else { continue }
      sample.record(commit.latency)
    }
    return sample
  }

  /// Commits in each second that lies wholly within the workload's time, the run and the window.
  fileprivate func throughput(
    of workload: WorkloadRecord, in window: MeasuredWindow
  ) -> [Int64] {
    let width = Self.bucket.nanoseconds
    let start = max(workload.workload.start, record.scenario.run.warmup).nanoseconds
    let end = min(workload.workload.end, simulatedTime).nanoseconds
    let seconds = ((start + width - 1) / width)..<max((start + width - 1) / width, end / width)
    var commits = [Int64](repeating: 0, count: seconds.count)
    for commit in workload.commits {
      guard let bucket = bucket(of: commit.instant), seconds.contains(Int64(bucket)) else {
        continue
      }
      commits[bucket - Int(seconds.lowerBound)] += 1
    }
    return zip(seconds, commits).compactMap { second, count in
      let from = record.origin + .nanoseconds(second * width)
      return window.contains(from...(from + .nanoseconds(width - 1))) ? count : nil
    }
  }
}
