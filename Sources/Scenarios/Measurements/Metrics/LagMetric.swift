import Simulation

extension MetricFamily {
  static let lag = MetricFamily(reservedWord: "lag") { scope in
    if scope.cluster.readers.isEmpty { return [] }
    // Any instance may be a reader after a failover.
    return [.lag(reader: nil)] + scope.cluster.instances.map { .lag(reader: $0.id) }
  }
}

extension Metric {
  /// `lag` or `lag.r1`: one value for each look at a reader, once a second: the slowest way of a commit to it
  /// since the last look.
  public static func lag(reader: String?) -> Metric {
    sampled(reader.map { "lag.\($0)" } ?? "lag", "lag", of: reader ?? "", in: .time) { query in
      MetricSample(
        query.measurement.lags(of: reader, in: query.window),
        emptiness: "no commit was on its way to a reader that was looked at")
    }
  }
}

extension Measurement {
  /// How far one reader, or any, was behind at each look in the window.
  func lags(of reader: String?, in window: MeasuredWindow) -> TimeSample {
    var sample = TimeSample()
    for look in record.samples where reader == nil || look.instance == reader {
      // A look sums up the time before it, so that the last one belongs to the run.
      guard let lag = look.lag, window.contains(look.instant - .nanoseconds(1)) else { continue }
      sample.record(lag)
    }
    return sample
  }
}
