import Scenarios
import Simulation
import Statistics

extension CSVReport {
  /// Every number of the run that is one number.
  var summary: String {
    var table = CSVTable([
      "scenario", "seed", "metric", "subject", "statistic", "value", "unit",
    ])
    func add(
      _ metric: String, _ subject: String, _ statistic: String, _ value: String,
      _ unit: String = ""
    ) {
      table.add([
        result.scenario, String(result.seed), metric, subject, statistic, value, unit,
      ])
    }
    func addQuantiles(_ metric: String, _ subject: String, _ summary: LatencySummary) {
      add(metric, subject, "count", String(summary.count))
      if summary.count == 0 { return }
      for (statistic, value) in [
        ("p50", summary.p50), ("p95", summary.p95), ("p99", summary.p99), ("max", summary.max),
      ] { add(metric, subject, statistic, Self.milliseconds(value), "ms") }
    }

    add("verdict", "", "", result.verdict.rawValue)
    add("build", "", "", result.build)
    add("digest", "trace", "", result.digest)
    add("events", "trace", "count", String(result.eventCount))
    add("simulated_time", "", "", Self.seconds(.start + result.simulatedTime), "s")
    add("warm_up", "", "", Self.seconds(.start + result.warmUp), "s")

    for workload in result.workloads {
      add("committed", workload.id, "count", String(workload.committed))
      if result.measuredTime > .zero {
        let rate = Double(workload.committed) / result.measuredTime.seconds
        add("committed", workload.id, "rate", Self.number(rate, decimals: 3), "per_s")
      }
      add("rolled_back", workload.id, "count", String(workload.aborted))
      add("in_doubt", workload.id, "count", String(workload.inDoubt))
      for error in workload.errors {
        add("errors: \(error.kind)", workload.id, "count", String(error.count))
      }
      addQuantiles("latency", workload.id, workload.latency)
    }

    add("failovers", "", "count", String(result.failovers.count))
    if let (_, outage) = result.worstOutage {
      add("outage", outage.client, "max", outage.duration.map { Self.milliseconds($0) } ?? "", "ms")
    }
    let ledger = result.recoveryPoint
    add("commits", "acknowledged", "count", String(ledger.acknowledgedCount))
    add("commits", "in doubt", "count", String(ledger.inDoubtCount))
    if ledger.isComplete {
      add("commits", "surviving", "count", String(ledger.survivingCount))
      add("commits", "lost", "count", String(ledger.lostCount))
      add("commits", "lost", "size", String(ledger.lostBytes), "bytes")
      add("commits", "lost", "age", Self.milliseconds(ledger.lostTime), "ms")
      add("commits", "in doubt surviving", "count", String(ledger.inDoubtSurvivingCount))
    }

    for reader in result.lag { addQuantiles("lag", reader.reader, reader.lag) }
    for capacity in result.capacity {
      for (statistic, value) in [
        ("min", capacity.lowest), ("mean", capacity.mean), ("max", capacity.highest),
      ] {
        add(
          "capacity", capacity.instance, statistic, Self.number(value, decimals: 3), "acu")
      }
      let integral = Self.number(capacity.capacitySeconds, decimals: 3)
      add("capacity", capacity.instance, "integral", integral, "acu_s")
    }
    for instance in result.instances {
      add("role", instance.id, "final", instance.finalRole.rawValue)
    }
    let volume = result.volume
    add("redo", "volume", "size", String(volume.redoBytes), "bytes")
    for (metric, count) in [
      ("redo_records", volume.redoRecords), ("batches", volume.batches),
      ("pages_read", volume.pagesRead), ("filled_by_gossip", volume.recordsFilledByGossip),
      ("retransmits", volume.retransmits),
    ] { add(metric, "volume", "count", String(count)) }
    return table.contents
  }
}
