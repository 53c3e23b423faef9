import Simulation

extension Scenario.Condition {
  /// A transaction that writes has arrived at a client of the cluster endpoint at or after the beginning, and
  /// been acknowledged.
  ///
  /// It is known to the nanosecond. An answer that was still on its way at the beginning says nothing, and
  /// nor does the silence of clients that want nothing.
  public static let writesOK = Self(
    "writes_ok",
    impossibility: { scenario in
      scenario.workloads.contains { scenario.writesThroughCluster($0) }
        ? nil : "no workload at the cluster endpoint writes, so it could not come true"
    },
    .record { measurement, stretch in
      let record = measurement.record
      let writing = record.workloads.filter { record.scenario.writesThroughCluster($0.workload) }
      if let first = writing.compactMap({ $0.firstWrite(in: stretch) }).min() {
        return .holds(since: first)
      }
      let isWanted = writing.contains { workload in
        let start = record.origin + workload.workload.start
        return start <= stretch.upperBound
          && record.origin + workload.workload.end > stretch.lowerBound
      }
      return isWanted
        ? .neverHeld
        : .unseen(because: "no workload was under way that writes through the cluster endpoint")
    })
}

extension Scenario {
  fileprivate func writesThroughCluster(_ workload: Workload) -> Bool {
    workload.mix.writes
      && clients.contains { $0.id == workload.client && $0.endpoint == .cluster }
  }
}

extension WorkloadRecord {
  /// The first acknowledged commit that wrote, of a transaction that arrived in the stretch.
  fileprivate func firstWrite(in stretch: ClosedRange<Instant>) -> Instant? {
    let from = commits.partitioningIndex { $0.instant >= stretch.lowerBound }
    return commits[from...].prefix { $0.instant <= stretch.upperBound }
      .first { $0.writes && $0.instant - $0.latency >= stretch.lowerBound }?.instant
  }
}
