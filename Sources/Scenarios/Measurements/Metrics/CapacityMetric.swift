extension MetricFamily {
  static let capacity = MetricFamily(reservedWord: "acu") { scope in
    let serverless = scope.cluster.instances.filter(\.isServerless).map(\.id)
    if serverless.isEmpty { return [] }
    return [.capacity(instance: nil)] + serverless.map { .capacity(instance: $0) }
  }
}

extension Metric {
  /// `acu` or `acu.r1`: one value for each stretch of time in which a Serverless instance kept its capacity,
  /// weighted with its length.
  public static func capacity(instance: String?) -> Metric {
    sampled(
      instance.map { "acu.\($0)" } ?? "acu", "capacity", of: instance ?? "", in: .capacity,
      statistics: [.min, .mean, .max]
    ) { query in
      let values = query.measurement.capacities
        .filter { instance == nil || $0.instance == instance }
        .flatMap { $0.values(in: query.window.stretches) }
      return MetricSample(WeightedSample(values), emptiness: "no such instance was up")
    }
  }
}
