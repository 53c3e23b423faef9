import Simulation

extension Scenario.Condition {
  /// A transaction that writes has arrived at a client of the cluster endpoint at or after the beginning, and
  /// been acknowledged.
  ///
  /// It is known to the nanosecond. An answer that was still on its way at the beginning says nothing.
  public static let writesOK = Self(
    "writes_ok", .record { measurement, beginning in measurement.firstWrite(from: beginning) })
}

extension Measurement {
  fileprivate func firstWrite(from beginning: Instant) -> Instant? {
    let atCluster = record.scenario.clients.filter { $0.endpoint == .cluster }.map(\.id)
    return record.workloads.filter { atCluster.contains($0.workload.client) }
      .compactMap { workload in
        let from = workload.commits.partitioningIndex { $0.instant >= beginning }
        return workload.commits[from...]
          .first { $0.writes && $0.instant - $0.latency >= beginning }?.instant
      }
      .min()
  }
}
