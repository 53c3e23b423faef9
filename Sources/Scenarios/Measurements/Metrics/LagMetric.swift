import Simulation

extension MetricFamily {
  static let lag = MetricFamily(reservedWord: "lag") { scope in
    if scope.cluster.readers.isEmpty { return [] }
    // Any instance may be a reader after a failover.
    return [.lag(reader: nil)] + scope.cluster.instances.map { .lag(reader: $0.id) }
  }
}

extension Metric {
  /// `lag` or `lag.r1`: one value for each commit and reader: from its durability on the writer to its
  /// visibility on the reader.
  public static func lag(reader: String?) -> Metric {
    sampled(
      reader.map { "lag.\($0)" } ?? "lag", "lag", of: reader ?? "", in: .time,
      statistics: [.count, .mean, .p50, .p95, .p99, .max]
    ) { query in
      MetricSample(
        query.measurement.lags(of: reader, in: query.window),
        emptiness: "no commit was on its way to a reader")
    }
  }
}

extension Measurement {
  /// How long each commit in the window took to one reader, or to any.
  func lags(of reader: String?, in window: MeasuredWindow) -> TimeSample {
    var sample = TimeSample()
    for (instance, passages) in zip(record.scenario.cluster.instances, record.passages)
    where reader == nil || instance.id == reader {
      for passage in passages where window.contains(passage.durable...passage.seen) {
        sample.record(passage.lag)
      }
    }
    return sample
  }
}
