import Simulation

extension MetricFamily {
  static let latency = MetricFamily { $0.workloads.map { .latency(workload: $0) } }
  static let throughput = MetricFamily { $0.workloads.map { .throughput(workload: $0) } }
  static let errors = MetricFamily { $0.workloads.map { .errors(workload: $0) } }
  static let unserved = MetricFamily { $0.workloads.map { .unserved(workload: $0) } }
  static let omitted = MetricFamily { $0.closedLoops.map { .omitted(workload: $0) } }
}

extension Metric {
  /// `oltp.latency`: one value for each transaction, from its arrival to its answer, retries included; of one that
  /// is not answered, at least its age. See ``ResponseTimes``.
  public static func latency(workload id: String) -> Metric {
    ofWorkload(id, "latency", in: .time) { workload, query, doubt in
      MetricSample(
        query.measurement.responseTimes(of: workload, in: query.window), doubt: doubt,
        emptiness: "no transaction had arrived")
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

  /// `oltp.unserved`: transactions that were not answered when the run ended, and had waited for over a second.
  public static func unserved(workload id: String) -> Metric {
    single("\(id).unserved", "unserved", of: id, in: .count, hasWindow: true) { query in
      of(id, in: query) { workload, doubt in
        let times = query.measurement.responseTimes(of: workload, in: query.window)
        return MetricSample(Double(times.unserved), doubt: doubt)
      }
    }
  }

  /// `bank.omitted`: transactions that a closed loop would have begun, had its sessions not been kept waiting.
  public static func omitted(workload id: String) -> Metric {
    single("\(id).omitted", "omitted", of: id, in: .count) { query in
      of(id, in: query) { workload, doubt in
        MetricSample(Double(query.measurement.omitted(by: workload) ?? 0), doubt: doubt)
      }
    }
  }

  /// `oltp.errors`: attempts that ended in anything but an acknowledged commit; an attempt to get a session for a
  /// transaction is one.
  public static func errors(workload id: String) -> Metric {
    single("\(id).errors", "errors", of: id, in: .count, hasWindow: true) { query in
      of(id, in: query) { workload, doubt in
        let errors = workload.errors.count { query.window.contains($0.instant) }
        // Where all that was attempted is still waiting, nothing could end in an error.
        let hasCommitted = workload.commits.contains { query.window.contains($0.instant) }
        let isPending = errors == 0 && !hasCommitted
        return MetricSample(
          Double(errors), doubt: doubt ?? (isPending ? "no attempt had ended" : nil))
      }
    }
  }

  static func ofWorkload(
    _ id: String, _ kind: String, in unit: Unit,
    statistics: [Scenario.Objective.Statistic] = [.count, .p50, .p95, .p99, .max],
    _ sample: @escaping @Sendable (WorkloadRecord, MetricQuery, _ doubt: String?) -> MetricSample
  ) -> Metric {
    sampled("\(id).\(kind)", kind, of: id, in: unit, statistics: statistics) { query in
      of(id, in: query) { workload, doubt in sample(workload, query, doubt) }
    }
  }

  /// Where nobody tried anything, no number of commits or errors shows anything.
  static func of(
    _ id: String, in query: MetricQuery,
    _ sample: (WorkloadRecord, _ doubt: String?) -> MetricSample
  ) -> MetricSample {
    guard let workload = query.measurement.record.workloads.first(where: { $0.workload.id == id })
    else { return .unknown("the workload \(id) never began") }
    let end = query.measurement.record.end
    let isIdle =
      !workload.commits.contains { query.window.contains($0.instant) }
      && !workload.errors.contains { query.window.contains($0.instant) }
      && !workload.requests.contains { request in
        guard request.ending != .lost, request.arrival < end else { return false }
        let answered = min(request.end ?? end, end)
        return query.window.meets(request.arrival..<max(request.arrival, answered))
      }
    return sample(workload, isIdle ? "no transaction was attempted" : nil)
  }
}

extension Measurement {
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

extension WorkloadRecord {
  /// Every attempt that failed, at a transaction or at a session for one, in order of time.
  var errors: [(instant: Instant, kind: String)] {
    let refused = connectAttempts.compactMap { attempt -> (instant: Instant, kind: String)? in
      guard let failure = attempt.failure, let instant = attempt.ended else { return nil }
      return (instant, "no session: \(failure.kind)")
    }
    let failed = failures.map { (instant: $0.instant, kind: $0.kind) }
    return (failed + refused).enumerated()
      .sorted { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }
      .map(\.element)
  }
}
