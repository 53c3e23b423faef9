import Simulation

/// The curves of the run, in buckets of one second from the origin to the end.
extension Measurement {
  static let bucket = Interval.seconds(1)

  var series: TimeSeries {
    let width = Self.bucket.nanoseconds
    let count = Int((simulatedTime.nanoseconds + width - 1) / width)
    var series = TimeSeries(bucket: Self.bucket, count: count)
    series.workloads = record.workloads.map { curves(of: $0, count: count) }
    series.lag = readers.map { lagCurve(of: $0, count: count) }
    series.instances = record.scenario.cluster.instances.enumerated().map { index, instance in
      TimeSeries.Instance(
        id: instance.id, processorUse: processorCurve(of: index, count: count),
        capacity: capacityCurve(of: instance.id, count: count))
    }
    return series
  }

  /// The bucket to which an instant belongs; `nil` outside the run.
  func bucket(of instant: Instant) -> Int? {
    guard instant >= record.origin, instant < record.end else { return nil }
    return Int((instant - record.origin).nanoseconds / Self.bucket.nanoseconds)
  }

  /// The bucket at whose end, or within which, an instance was looked at.
  private func bucket(of look: InstanceSample) -> Int? {
    bucket(of: look.instant - .nanoseconds(1))
  }

  /// Latencies of one second are few enough to be sorted; their quantiles are exact.
  private func curves(of workload: WorkloadRecord, count: Int) -> TimeSeries.Workload {
    var latencies = [[Int64]](repeating: [], count: count)
    var errors = [Int](repeating: 0, count: count)
    for commit in workload.commits {
      if let bucket = bucket(of: commit.instant) {
        latencies[bucket].append(commit.latency.nanoseconds)
      }
    }
    for error in workload.errors {
      if let bucket = bucket(of: error.instant) { errors[bucket] += 1 }
    }
    let samples = latencies.map { WeightedSample($0) }
    func curve(thousandths: Int64) -> [Interval?] {
      samples.map {
        $0.isEmpty ? nil : .nanoseconds($0.quantile(thousandths: thousandths))
      }
    }
    var result = TimeSeries.Workload(
      id: workload.workload.id, committed: latencies.map(\.count), errors: errors,
      p50: curve(thousandths: 500), p99: curve(thousandths: 990))
    let none = [Int](repeating: 0, count: count)
    (result.connects, result.connectsRefused, result.connectsTimedOut) = (none, none, none)
    for attempt in workload.connectAttempts {
      guard let bucket = attempt.ended.flatMap({ bucket(of: $0) }) else { continue }
      result.connects[bucket] += 1
      if attempt.failure?.cause == .refused { result.connectsRefused[bucket] += 1 }
      if attempt.failure?.cause == .timedOut { result.connectsTimedOut[bucket] += 1 }
    }
    (result.waiting, result.oldest) = queue(of: workload, count: count)
    return result
  }

  /// What waits at the end of each bucket, and how long the oldest has.
  ///
  /// - Complexity: linear in the number of requests and of buckets.
  private func queue(
    of workload: WorkloadRecord, count: Int
  ) -> (waiting: [Int], oldest: [Interval?]) {
    var changes = [Int](repeating: 0, count: count + 1)
    var oldest = [Interval?](repeating: nil, count: count)
    // Requests come in order of their arrivals: what one has filled, no later one is older in.
    var filled = 0
    for request in workload.requests {
      guard let first = bucket(of: request.arrival) else { continue }
      let next = request.end.map { bucket(of: $0) ?? count } ?? count
      if next <= first { continue }
      changes[first] += 1
      changes[next] -= 1
      for place in max(first, filled)..<max(first, filled, next) {
        let instant = min(record.origin + Self.bucket * (place + 1), record.end)
        oldest[place] = instant - request.arrival
      }
      filled = max(filled, next)
    }
    var waiting = 0
    let counts = changes.prefix(count).map { change in
      waiting += change
      return waiting
    }
    return (counts, oldest)
  }

  private func lagCurve(of reader: String, count: Int) -> TimeSeries.Lag {
    var highest = [Interval?](repeating: nil, count: count)
    for look in record.samples where look.instance == reader {
      guard let lag = look.lag, let bucket = bucket(of: look) else { continue }
      highest[bucket] = highest[bucket].map { max($0, lag) } ?? lag
    }
    return TimeSeries.Lag(reader: reader, highest: highest)
  }

  /// The mean of what was seen in each bucket while the instance was not down.
  private func processorCurve(of index: Int, count: Int) -> [Double?] {
    let history = histories[index]
    var sums = [Double](repeating: 0, count: count)
    var looks = [Int](repeating: 0, count: count)
    for look in record.samples where look.instance == history.instance {
      guard let bucket = bucket(of: look), history.role(at: look.instant) != .down else { continue }
      sums[bucket] += look.processorUse
      looks[bucket] += 1
    }
    return zip(sums, looks).map { sum, looks in looks == 0 ? nil : sum / Double(looks) }
  }

  private func capacityCurve(of instance: String, count: Int) -> [Double?] {
    guard let history = capacities.first(where: { $0.instance == instance }) else { return [] }
    return (0..<count).map { index in
      let end = min(record.origin + Self.bucket * (index + 1), record.end)
      return history.milliACU(before: end).map { Double($0) / 1000 }
    }
  }
}
