import Database
import Scenarios
import Simulation
import Statistics
import Volume

/// The tables of the page; each is `nil` if there is nothing to put into it.
extension PageTable {
  private var ifAny: PageTable? { isEmpty ? nil : self }

  static func claims(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .mark("Result"), .token("Quantifier"), .text("Claim"), .text("Evidence"),
        .number("Decided"),
      ], caption: "What was claimed, and by what it was judged")
    for claim in result.claims {
      table.add([
        word(for: claim.passed), claim.kind.rawValue, claim.name, claim.evidence,
        Words.time(claim.instant),
      ])
    }
    return table.ifAny
  }

  static func objectives(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .mark("Result"), .text("Objective"), .token("Statistic"), .text("Window"),
        .number("Bound"), .number("Observed"),
      ], caption: "Objectives, after the warm-up")
    for objective in result.objectives {
      table.add([
        word(for: objective.passed), objective.metric, objective.statistic,
        objective.window.isEmpty ? "whole run" : objective.window, Words.bound(objective),
        objective.observedText ?? "no sample",
      ])
    }
    return table.ifAny
  }

  /// What each workload got before the first fault, from then until faults and outages were over, and after.
  static func periods(of result: RunResult) -> PageTable? {
    guard let periods = RunPeriods(result) else { return nil }
    var table = PageTable(
      [.token("Workload"), .text("What")] + RunPeriods.Period.allCases.map { .number($0.rawValue) },
      caption:
        "From \(Words.time(periods.faultStart)) to \(Words.time(periods.faultEnd)) something was "
        + "broken, or clients had not come back; whole seconds, without the warm-up")
    for (place, workload) in result.series.workloads.enumerated() {
      let figures = RunPeriods.Period.allCases.map { periods.figures(of: place, in: $0) }
      func add(_ what: String, _ value: (RunPeriods.Figures) -> String) {
        table.add([workload.id, what] + figures.map { $0.map(value) ?? "–" })
      }
      add("commits per second") { "\(FixedPoint.string($0.commitsPerSecond, decimals: 1))/s" }
      add("failed attempts") { Words.count($0.errors) }
      add("latency p50, mean of the seconds") { $0.p50.map(Words.duration) ?? "–" }
      add("latency p99, worst second") { $0.worstP99.map(Words.duration) ?? "–" }
      add("longest time without a commit") { Words.duration($0.longestSilence) }
    }
    return table.ifAny
  }

  static func faults(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .token("Fault"), .text("What"), .text("Victims"), .number("Planned"), .number("Start"),
        .number("End"), .mark("Took effect"), .text("Evidence"),
      ], caption: "Faults in the order in which they began")
    for fault in result.faults {
      table.add([
        fault.id, "\(fault.kind) \(fault.targets)", fault.victims.joined(separator: ", "),
        Words.time(fault.plannedStart), Words.time(fault.start), Words.time(fault.end),
        fault.tookEffect ? "yes" : "no", fault.evidence,
      ])
    }
    return table.ifAny
  }

  /// Each client's outage with its phases, in milliseconds that add up.
  static func outages(of failover: FailoverResult) -> PageTable? {
    let phases = Waterfall.Phase.allCases.filter { phase in
      failover.outages.contains { $0.waterfall.spans.contains { $0.phase == phase } }
    }
    var table = PageTable(
      [.token("Client")] + phases.map { .number("\($0.rawValue), ms") }
        + [.number("outage, ms"), .number("First commit")],
      caption: "Each client's outage, the longest first")
    for outage in failover.outages.sorted(by: { $0.waterfall.total > $1.waterfall.total }).prefix(
      12)
    {
      let shares = outage.waterfall.roundedMilliseconds
      let cells = phases.map { phase in
        outage.waterfall.spans.firstIndex { $0.phase == phase }.map { shares[$0] } ?? "–"
      }
      table.add(
        [outage.client] + cells
          + [
            outage.firstCommit == nil
              ? "did not end" : outage.waterfall.roundedTotalMilliseconds,
            outage.obstacle ?? Words.time(outage.firstCommit),
          ])
    }
    return table.ifAny
  }

  static func recovery(of result: RunResult) -> PageTable? {
    let ledger = result.recoveryPoint
    let indent = "\u{2003}"
    var table = PageTable(
      [.text("Entry"), .number("Transactions")],
      caption: "Commits that clients were acknowledged, against what was found at the end",
      style: "narrow")
    table.add(["Commits acknowledged to clients", Words.count(ledger.acknowledgedCount)])
    func survivors(_ count: Int) -> String {
      ledger.isComplete ? Words.count(count) : "unknown"
    }
    table.add([indent + "of which found at the end", survivors(ledger.survivingCount)])
    table.add([indent + "of which lost", survivors(ledger.lostCount)])
    if ledger.lostCount > 0 {
      table.add([indent + indent + "bytes lost", FixedPoint.bytes(ledger.lostBytes)])
      table.add([indent + indent + "age of the recovery point", Words.duration(ledger.lostTime)])
    }
    table.add(["Commits in doubt", Words.count(ledger.inDoubtCount)])
    table.add([indent + "of which found at the end", survivors(ledger.inDoubtSurvivingCount)])
    return table
  }

  static func lost(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [.text("Lost transaction"), .number("Acknowledged"), .number("Bytes")],
      caption: "The first of the commits that are lost", style: "narrow")
    for lost in result.recoveryPoint.lost.prefix(20) {
      table.add([lost.label, Words.time(lost.acknowledged), Words.count(lost.bytes)])
    }
    return table.ifAny
  }

  static func workloads(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .token("Workload"), .token("Mix"), .token("Client"), .number("Commits"),
        .number("Throughput"), .number("Rolled back"), .number("In doubt"), .number("Unserved"),
        .number("Omitted"),
      ], caption: "Workloads, after the warm-up")
    for workload in result.workloads {
      table.add([
        workload.id, workload.mix, workload.client, Words.count(workload.committed),
        Words.rate(workload.committed, over: result.measuredTime),
        Words.count(workload.aborted), Words.count(workload.inDoubt),
        Words.count(workload.unserved), workload.omitted.map(Words.count) ?? "–",
      ])
    }
    return table.ifAny
  }

  /// The whole run, and its parts outside, during and after faults.
  static func latencies(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .token("Workload"), .text("Window"), .number("Transactions"), .number("Unserved"),
        .number("Errors"), .number("p50"), .number("p95"), .number("p99"), .number("Max"),
      ],
      caption:
        "Latency, from the arrival to the answer; what is not answered counts with at least its age")
    for workload in result.workloads {
      let whole = WorkloadResult.Window(
        name: "whole run", latency: workload.latency, unserved: workload.unserved,
        errors: workload.errors.reduce(0) { $0 + $1.count })
      for window in [whole] + workload.windows {
        table.add(
          [
            workload.id, window.name, Words.count(window.latency.count),
            Words.count(window.unserved), Words.count(window.errors),
          ] + quantiles(window.latency))
      }
    }
    return table.ifAny
  }

  static func connections(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .token("Workload"), .number("Attempts"), .number("Refused"), .number("Timed out"),
        .number("Broken"), .text("Failed with"), .number("p50"), .number("p95"), .number("p99"),
        .number("Max"),
      ], caption: "Connections, and the time from the wish for one to the session")
    for workload in result.workloads where workload.connections.attempts > 0 {
      let connections = workload.connections
      table.add(
        [
          workload.id, Words.count(connections.attempts), Words.count(connections.refused),
          Words.count(connections.timedOut), Words.count(connections.broken),
          connections.failures.map { "\($0.kind): \(Words.count($0.count))" }
            .joined(separator: ", "),
        ] + quantiles(connections.time))
    }
    return table.ifAny
  }

  static func errors(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [.token("Workload"), .text("Error"), .number("Count")], caption: "Errors", style: "narrow")
    for workload in result.workloads {
      for error in workload.errors {
        table.add([workload.id, error.kind, Words.count(error.count)])
      }
    }
    return table.ifAny
  }

  static func lag(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .token("Reader"), .number("Commits"), .number("Mean"), .number("p50"), .number("p95"),
        .number("p99"), .number("Max"),
      ], caption: "Replication lag, from commit to visible on the reader", style: "narrow")
    for reader in result.lag {
      let mean = reader.lag.count > 0 ? Words.duration(reader.lag.mean) : "–"
      table.add([reader.reader, Words.count(reader.lag.count), mean] + quantiles(reader.lag))
    }
    return table.ifAny
  }

  static func capacity(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [
        .token("Instance"), .number("Allowed, ACU"), .number("Lowest"), .number("Mean"),
        .number("Highest"), .number("ACU-seconds"),
      ], caption: "Serverless capacity", style: "narrow")
    for capacity in result.capacity {
      table.add([
        capacity.instance,
        "\(FixedPoint.string(capacity.allowed.lowerBound, decimals: 1)) to "
          + FixedPoint.string(capacity.allowed.upperBound, decimals: 1),
        FixedPoint.string(capacity.lowest, decimals: 1),
        FixedPoint.string(capacity.mean, decimals: 2),
        FixedPoint.string(capacity.highest, decimals: 1),
        FixedPoint.string(capacity.capacitySeconds, decimals: 1),
      ])
    }
    return table.ifAny
  }

  static func instances(of result: RunResult) -> PageTable? {
    var table = PageTable(
      [.token("Instance"), .token("AZ"), .token("Class"), .text("Role over time")],
      caption: "Instances")
    for instance in result.instances {
      let roles = instance.roles.map { "\($0.role.rawValue) from \(Words.time($0.start))" }
      table.add([
        instance.id, instance.availabilityZone, instance.instanceClass,
        roles.joined(separator: ", "),
      ])
    }
    return table.ifAny
  }

  /// What all resources together did, after the warm-up and in the whole run.
  static func meters(of result: RunResult) -> PageTable? {
    if result.meters.isEmpty { return nil }
    var table = PageTable(
      [.text("Entry"), .number("Measured"), .number("Warm-up included")],
      caption: "What it took, over all hosts and instances", style: "narrow")
    func add(_ entry: String, _ kind: Meter.Kind) {
      let total = result.total(of: kind)
      let text = { (amount: Int) in Words.amount(amount, kind.unit) }
      table.add([entry, text(total.measured), text(total.run)])
    }
    add("Statements", .statements)
    add("Transactions committed", .commits)
    add("Transactions rolled back", .rollbacks)
    add("Connections accepted", .connectionsAccepted)
    add("Connections refused", .connectionsRefused)
    add("Redo written", .redoBytes)
    add("Redo records", .redoRecords)
    add("Batches of them sent to protection groups", .redoBatches)
    let (records, batches) = (result.total(of: .redoRecords), result.total(of: .redoBatches))
    table.add([
      "Records per batch", Words.ratio(records.measured, to: batches.measured),
      Words.ratio(records.run, to: batches.run),
    ])
    add("Write I/Os, as billed", .writeIOs)
    add("Read I/Os, as billed: pages read from storage nodes", .readIOs)
    add("Sent to storage nodes", .storageBytesSent)
    add("Batches sent again", .retransmissions)
    add("Records filled in by gossip", .gossipRecords)
    add("CPU time, of all hosts", .cpuTime)
    add("Written to disks", .diskBytesWritten)
    add("Sent over the network", .bytesSent)
    add("Sent to other Availability Zones", .bytesSentAcrossZones)
    return table
  }

  /// The events in order; of a long list the first and the last.
  static func events(of result: RunResult) -> PageTable? {
    let most = 200
    var table = PageTable(
      [.number("Time"), .token("About"), .text("What happened")],
      caption: "Events in the order of time")
    for (place, event) in result.events.enumerated() {
      if result.events.count > most, place >= most / 2, place < result.events.count - most / 2 {
        if place == most / 2 { table.add(["", "", "\(result.events.count - most) more events"]) }
        continue
      }
      table.add([Words.time(event.instant), event.category.rawValue, event.text])
    }
    return table.ifAny
  }

  private static func quantiles(_ summary: LatencySummary) -> [String] {
    if summary.count == 0 { return ["–", "–", "–", "–"] }
    return [
      (0.5, summary.p50), (0.95, summary.p95), (0.99, summary.p99), (1, summary.max),
    ].map { (summary.isAtLeast($0) ? "≥ " : "") + Words.duration($1) }
  }
}
