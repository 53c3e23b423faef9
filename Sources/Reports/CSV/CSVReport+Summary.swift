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
      for failure in workload.connections.failures {
        add("connections: \(failure.kind)", workload.id, "count", String(failure.count))
      }
      for window in workload.windows {
        let latency = window.latency
        add("latency \(window.name)", workload.id, "count", String(latency.count))
        if latency.count > 0 {
          for (statistic, value) in [
            ("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99), ("max", latency.max),
          ] {
            add("latency \(window.name)", workload.id, statistic, Self.milliseconds(value), "ms")
          }
        }
        add("unserved \(window.name)", workload.id, "count", String(window.unserved))
        add("errors \(window.name)", workload.id, "count", String(window.errors))
      }
    }
    for metric in result.metrics {
      let (value, unit) = Self.cells(of: metric.value)
      add(metric.kind, metric.subject, metric.statistic, value, unit)
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

    for capacity in result.capacity {
      let integral = Self.number(capacity.capacitySeconds, decimals: 3)
      add("capacity", capacity.instance, "integral", integral, "acu_s")
    }
    for instance in result.instances {
      add("role", instance.id, "final", instance.finalRole.rawValue)
    }
    for total in result.totals {
      let unit = Self.word(for: total.unit)
      add(total.meter, total.resource, "measured", String(total.measured), unit)
      add(total.meter, total.resource, "run", String(total.run), unit)
    }
    return table.contents
  }

  /// A number for a spreadsheet, and its unit.
  private static func cells(of quantity: Quantity) -> (value: String, unit: String) {
    switch quantity {
    case .duration(let interval): (milliseconds(interval), "ms")
    case .rate(let rate): (number(rate, decimals: 3), "per_s")
    case .count(let count): (String(count), "")
    case .ratio(let ratio): (number(ratio, decimals: 6), "ratio")
    case .capacity(let capacity): (number(capacity, decimals: 3), "acu")
    case .bytes(let bytes): (String(bytes), "bytes")
    }
  }

  /// What every meter of every resource counted.
  var meters: String {
    var table = CSVTable(["resource", "meter", "unit", "measured", "run"])
    for meter in result.meters {
      table.add([
        meter.resource, meter.meter, Self.word(for: meter.unit), String(meter.measured),
        String(meter.run),
      ])
    }
    return table.contents
  }

  private static func word(for unit: Meter.Kind.Unit) -> String {
    switch unit {
    case .count: "count"
    case .bytes: "bytes"
    case .nanoseconds: "ns"
    }
  }
}
