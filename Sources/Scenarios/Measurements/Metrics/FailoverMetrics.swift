import Simulation

extension MetricFamily {
  static let failovers = MetricFamily(reservedWord: "failover") { _ in
    [.failoverSeenByClient, .failoverCount]
  }
}

extension Metric {
  /// `failover.client_seen`: one value for each interruption of the writer and host at the cluster endpoint that was
  /// interrupted by it, from the later of the fault and its last commit to the first commit that the next writer
  /// acknowledged. If writers were lost and no client at work was interrupted, the one value is zero.
  ///
  /// An outage that had not ended when the run did is known to be longer than it was until then, and no
  /// more. If the bound may lie on either side of the statistic for that reason, there is no judgement.
  public static let failoverSeenByClient = sampled(
    "failover.client_seen", "failover.client_seen", in: .time, hasWindow: false,
    isToldByClient: true
  ) { query in
    let record = query.measurement.record
    let hosts = record.scenario.clients.first { $0.id == query.client }
      .map { client in (0..<client.count).map { HostName.client(client.id, $0) } }
    var outages: [(least: Int64, most: Int64?)] = []
    for failover in query.failovers {
      for outage in failover.outages where hosts?.contains(outage.client) ?? true {
        outages.append((outage.waterfall.total.nanoseconds, outage.duration?.nanoseconds))
      }
    }
    let atWork = query.failovers.flatMap(\.clientsAtWork)
    if outages.isEmpty, atWork.contains(where: { hosts?.contains($0) ?? true }) {
      // They were there, and it passed them by.
      outages.append((0, 0))
    }
    let wasAnyoneThere = record.workloads.contains { workload in
      workload.sessions.contains { hosts?.contains($0.client) ?? true }
    }
    return MetricSample(
      openEnded: outages, doubt: wasAnyoneThere ? nil : "no client ever had a session",
      emptiness: "no client at work had its writer interrupted")
  }

  /// `failover.count`: promotions of a reader.
  public static let failoverCount = single("failover.count", "failover.count", in: .count) {
    query in
    let measurement = query.measurement
    let count = measurement.succession.interruptions.count {
      $0.kind == .failover && $0.opening != nil
    }
    // More may have been to come in a run that was broken off.
    return MetricSample(
      from: Double(count), to: measurement.isBrokenOff ? nil : Double(count),
      doubt: measurement.record.scenario.cluster.readers.isEmpty
        ? "there was no reader to promote" : nil)
  }
}
