public import Scenarios
import Simulation
import Statistics

/// One run as tables for a spreadsheet or a script.
///
/// Every file has a header; the name of a column ends with its unit. Times are virtual. Instants
/// are seconds from the start of the run; an empty cell means that there was nothing to measure.
///
/// | file | one line for each | columns |
/// |---|---|---|
/// | `summary.csv` | number of the run | scenario, seed, metric, subject, statistic, value, unit |
/// | `claims.csv` | claim and objective | kind, name, statistic, window, bound, observed, result, evidence, decided_s |
/// | `series.csv` | bucket and workload | time_s, workload, committed_per_s, errors_per_s, latency_p50_ms, latency_p99_ms, waiting, oldest_ms, connects_per_s, connects_refused_per_s, connects_timed_out_per_s |
/// | `lag.csv` | bucket and reader | time_s, reader, lag_max_ms |
/// | `instances.csv` | bucket and instance | time_s, instance, role, cpu_ratio, and capacity_acu if any is serverless |
/// | `failovers.csv` | failover and client | failover, kind, fault, cause_s, old_writer, new_writer, client, begin_s, first_commit_s, outage_ms, a column for each phase, obstacle |
/// | `faults.csv` | fault | fault, kind, targets, victims, planned_start_s, planned_end_s, start_s, end_s, took_effect, evidence |
/// | `meters.csv` | meter of a resource that counted anything | resource, meter, unit, measured (after the warm-up), run (from the scenario's zero) |
///
/// `summary.csv` is long and not wide so that the files of many runs can be put one after the other.
public struct CSVReport {
  let result: RunResult

  public init(_ result: RunResult) { self.result = result }

  /// Every file, by name, in a fixed order.
  public var files: [(name: String, contents: String)] {
    [
      ("summary.csv", summary), ("claims.csv", claims), ("series.csv", series), ("lag.csv", lag),
      ("instances.csv", instances), ("failovers.csv", failovers), ("faults.csv", faults),
      ("meters.csv", meters),
    ]
  }

  // MARK: Claims

  private var claims: String {
    var table = CSVTable([
      "kind", "name", "statistic", "window", "bound", "observed", "result", "evidence",
      "decided_s",
    ])
    for claim in result.claims {
      table.add([
        claim.kind.rawValue, claim.name, "", "", "", "", PageTable.word(for: claim.passed),
        claim.evidence, Self.seconds(claim.instant),
      ])
    }
    for objective in result.objectives {
      table.add([
        "objective", objective.metric, objective.statistic, objective.window,
        Words.bound(objective), objective.observedText ?? "",
        PageTable.word(for: objective.passed), "", "",
      ])
    }
    return table.contents
  }

  // MARK: Series

  private var series: String {
    var table = CSVTable([
      "time_s", "workload", "committed_per_s", "errors_per_s", "latency_p50_ms", "latency_p99_ms",
      "waiting", "oldest_ms", "connects_per_s", "connects_refused_per_s",
      "connects_timed_out_per_s",
    ])
    let series = result.series
    for bucket in 0..<series.count {
      for workload in series.workloads {
        table.add([
          Self.seconds(series.start(of: bucket)), workload.id,
          rate(workload.committed[bucket], in: bucket), rate(workload.errors[bucket], in: bucket),
          Self.milliseconds(workload.p50[bucket]), Self.milliseconds(workload.p99[bucket]),
          String(workload.waiting[bucket]), Self.milliseconds(workload.oldest[bucket]),
          rate(workload.connects[bucket], in: bucket),
          rate(workload.connectsRefused[bucket], in: bucket),
          rate(workload.connectsTimedOut[bucket], in: bucket),
        ])
      }
    }
    return table.contents
  }

  private var lag: String {
    var table = CSVTable(["time_s", "reader", "lag_max_ms"])
    for bucket in 0..<result.series.count {
      for reader in result.series.lag {
        table.add([
          Self.seconds(result.series.start(of: bucket)), reader.reader,
          Self.milliseconds(reader.highest[bucket]),
        ])
      }
    }
    return table.contents
  }

  private var instances: String {
    let hasCapacity = result.series.instances.contains { !$0.capacity.isEmpty }
    var table = CSVTable(
      ["time_s", "instance", "role", "cpu_ratio"] + (hasCapacity ? ["capacity_acu"] : []))
    for bucket in 0..<result.series.count {
      let start = result.series.start(of: bucket)
      for instance in result.series.instances {
        var cells = [
          Self.seconds(start), instance.id, role(of: instance.id, at: start),
          Self.number(instance.processorUse[bucket], decimals: 4),
        ]
        if hasCapacity {
          let capacity = instance.capacity.isEmpty ? nil : instance.capacity[bucket]
          cells.append(Self.number(capacity, decimals: 1))
        }
        table.add(cells)
      }
    }
    return table.contents
  }

  // MARK: Faults and failovers

  /// Durations have all their nanoseconds, so that the phases add up to the outage exactly.
  private var failovers: String {
    let phases = Waterfall.Phase.allCases
    var table = CSVTable(
      [
        "failover", "kind", "fault", "cause_s", "old_writer", "new_writer", "client", "begin_s",
        "first_commit_s", "outage_ms",
      ] + phases.map { Self.column(for: $0) } + ["obstacle"])
    for (place, failover) in result.failovers.enumerated() {
      for outage in failover.outages {
        let waterfall = outage.waterfall
        table.add(
          [
            String(place + 1), failover.kind.rawValue, failover.fault ?? "",
            Self.exactSeconds(failover.cause), failover.oldWriter, failover.newWriter ?? "",
            outage.client, Self.exactSeconds(waterfall.start),
            outage.firstCommit.map(Self.exactSeconds) ?? "",
            outage.duration.map(Self.exactMilliseconds) ?? "",
          ]
            + phases.map { phase in
              waterfall.spans.contains { $0.phase == phase }
                ? Self.exactMilliseconds(waterfall.duration(of: phase)) : ""
            } + [outage.obstacle ?? ""])
      }
    }
    return table.contents
  }

  private var faults: String {
    var table = CSVTable([
      "fault", "kind", "targets", "victims", "planned_start_s", "planned_end_s", "start_s",
      "acted_s",
      "end_s", "took_effect", "evidence",
    ])
    for fault in result.faults {
      table.add([
        fault.id, fault.kind, fault.targets, fault.victims.joined(separator: " "),
        Self.seconds(fault.plannedStart), Self.seconds(fault.plannedEnd),
        Self.seconds(fault.start), Self.seconds(fault.acted), Self.seconds(fault.end),
        fault.tookEffect ? "true" : "false", fault.evidence,
      ])
    }
    return table.contents
  }

  private static func column(for phase: Waterfall.Phase) -> String {
    phase.rawValue.split { $0 == " " || $0 == "-" }.joined(separator: "_").lowercased() + "_ms"
  }

  // MARK: Values

  /// A count as a rate over the part of the bucket that the run lasted.
  private func rate(_ count: Int, in bucket: Int) -> String {
    let start = result.series.start(of: bucket)
    let width = min(result.series.bucket, start.duration(to: .start + result.simulatedTime))
    return width > .zero ? Self.number(Double(count) / width.seconds, decimals: 3) : ""
  }

  private func role(of id: String, at instant: Instant) -> String {
    let instance = result.instances.first { $0.id == id }
    let span = instance?.roles.last { $0.start <= instant && instant < $0.end }
    return span?.role.rawValue ?? ""
  }

  static func number(_ value: Double?, decimals: Int) -> String {
    value.map { FixedPoint.string($0, decimals: decimals) } ?? ""
  }

  static func seconds(_ instant: Instant?) -> String {
    instant.map { FixedPoint.seconds(nanoseconds: $0.nanoseconds) } ?? ""
  }

  static func milliseconds(_ interval: Interval?) -> String {
    interval.map { FixedPoint.milliseconds(nanoseconds: $0.nanoseconds) } ?? ""
  }

  private static func exactSeconds(_ instant: Instant) -> String {
    FixedPoint.seconds(nanoseconds: instant.nanoseconds, decimals: 9)
  }

  private static func exactMilliseconds(_ interval: Interval) -> String {
    FixedPoint.milliseconds(nanoseconds: interval.nanoseconds, decimals: 6)
  }
}
