import Scenarios
import Simulation

/// A made-up run with everything in it: an AZ outage, a failover, a lost reader, a serverless
/// instance that grows. Its numbers are drawn from one seed and are plausible, nothing more.
enum SampleResult {
  private static func second(_ seconds: Double) -> Instant {
    .start + .seconds(rounding: seconds)
  }

  private static func milliseconds(_ milliseconds: Double) -> Interval {
    .seconds(rounding: milliseconds / 1_000)
  }

  /// The passing run that the page's screenshot is made from.
  static let passing: RunResult = {
    var result = RunResult(
      scenario: "az-outage", scenarioFile: "Scenarios/failover/az-outage.yaml",
      claim: "Losing the writer's AZ loses no commit, and clients write again within 30 s at p95.",
      seed: 7)
    result.build = "borealis 0.1.0 (31837eb)"
    result.engine = "aurora-postgresql"
    result.horizon = .minutes(4)
    result.warmUp = .seconds(15)
    result.simulatedTime = .minutes(4)
    result.verdict = .pass
    result.digest = "9f2c41d07be5a3186c0d94e2b7715fa8"
    result.eventCount = 1_284_311
    addClaims(to: &result)
    addFaults(to: &result)
    addTotals(to: &result)
    addSeries(to: &result)
    addEvents(to: &result)
    return result
  }()

  /// The same run with a lost commit and a fault that did not act.
  static let failing: RunResult = {
    var result = passing
    result.verdict = .fail
    result.reasons = [
      "no_acknowledged_commit_lost: 2 of 17 902 acknowledged commits are missing",
      "fault 'gray' was not seen to act",
    ]
    result.claims[0].passed = false
    result.claims[0].evidence = "2 of 17902 acknowledged commits are missing"
    result.claims[0].instant = second(61.2)
    result.claims[5].passed = nil
    result.claims[5].evidence = "the cluster never came to rest"
    result.objectives[0].passed = false
    result.objectives[0].observed = .duration(milliseconds(31_204))
    result.violations = [
      Violation(
        .noAcknowledgedCommitLost, at: second(61.2),
        evidence: """
          2 of 17902 acknowledged commits are missing:
            client 1, transaction 4012, acknowledged at 61.203114s with LSN 88213
            client 2, transaction 3977, acknowledged at 61.207920s with LSN 88231
          """),
      Violation(
        .isolation, at: second(92),
        evidence: """
          G-single (read skew: a cycle with one anti-dependency)
            T0 = read list 1: []; read list 2: [1] (client 0, 0.000000s to 10.000000s, committed)
            T1 = append 1 to list 1; append 1 to list 2 (client 1, 1.000000s to 11.000000s, committed)
            T0 read list 1 as [], without the 1 that T1 appended, so T0 comes before T1.
            T1 appended 1 to list 2, which T0 read as [1], so T1 comes before T0.
            Each would have to come before the other: no order of them explains this.
          """),
    ]
    result.recoveryPoint.survivingCount -= 2
    result.recoveryPoint.lostCount = 2
    result.recoveryPoint.lostBytes = 412
    result.recoveryPoint.lostTime = milliseconds(31.886)
    result.recoveryPoint.lost = [
      .init(label: "client 1, transaction 4012", acknowledged: second(61.203_114), bytes: 206),
      .init(label: "client 2, transaction 3977", acknowledged: second(61.207_92), bytes: 206),
    ]
    result.faults[1].tookEffect = false
    result.faults[1].evidence = "no write was slower than 2 ms"
    result.faults[1].victims = ["storage c1"]
    result.failovers[0].outages[1] = ClientOutage(
      client: "naive", firstCommit: nil,
      waterfall: Waterfall(
        start: result.failovers[0].cause,
        spans: Array(result.failovers[0].outages[1].waterfall.spans.prefix(6))),
      obstacle: "it waits for an answer on a connection to w")
    return result
  }()

  /// A run with more of everything than a page is comfortable with.
  static let crowded: RunResult = {
    var result = passing
    result.claim =
      "Random crashes, stalls and partitions within the budget of one AZ and one more node never "
      + "lose a commit, never let two writers write, and never keep clients out for long."
    for number in 1...8 {
      let id = "reader-with-a-long-name-\(number)"
      var instance = result.instances[2]
      instance.id = id
      result.instances.append(instance)
      var load = result.series.instances[2]
      load.id = id
      load.processorUse = load.processorUse.map { $0.map { $0 + Double(number) * 0.07 } }
      result.series.instances.append(load)
      var lag = result.series.lag[1]
      lag.reader = id
      result.series.lag.append(lag)
      var workload = result.series.workloads[number % 3]
      workload.id = "workload-\(number)"
      result.series.workloads.append(workload)
    }
    for number in 0..<14 {
      var fault = result.faults[number % 3]
      fault.id = "chaos-\(number)"
      fault.targets = "storage@\(["a", "b", "c"][number % 3])[\(number % 4)] to every instance"
      fault.start = second(20 + Double(number) * 15)
      fault.end = second(26 + Double(number) * 15 + Double(number % 4) * 9)
      result.faults.append(fault)
    }
    var again = result.failovers[0]
    again.kind = .restart
    again.fault = nil
    again.newWriter = "w"
    again.outages = [
      ClientOutage(
        client: "a-client-with-a-long-name", firstCommit: again.cause + .milliseconds(900),
        waterfall: Waterfall(
          start: again.cause, spans: [.init(phase: .detect, duration: .milliseconds(900))]))
    ]
    result.failovers.append(again)
    return result
  }()

  private static func addClaims(to result: inout RunResult) {
    let end = second(240)
    result.claims = [
      .init(
        name: "no_acknowledged_commit_lost", kind: .always, passed: true,
        evidence: "17 902 acknowledged commits were all found", instant: end),
      .init(
        name: "single_writer", kind: .always, passed: true, evidence: "2 epochs, 2 writers",
        instant: end),
      .init(
        name: "copies_agree", kind: .always, passed: true,
        evidence: "418 pages in 2 protection groups, six copies each", instant: end),
      .init(
        name: "isolation: repeatable read", kind: .always, passed: true,
        evidence: "3 311 list-append transactions without a forbidden cycle", instant: end),
      .init(
        name: "failover", kind: .sometimes, passed: true, evidence: "w to r1",
        instant: second(73.6)),
      .init(
        name: "instances_ok and all_copies_complete", kind: .eventually, passed: true,
        evidence: "27.9 s after the end of the last fault", instant: second(149.1)),
    ]
    result.objectives = [
      .init(
        metric: "failover.client_seen of app", statistic: "p95", window: "", comparison: .below,
        bound: .duration(.seconds(30)), observed: .duration(milliseconds(18_412.6)), passed: true),
      .init(
        metric: "rpo.transactions", statistic: "value", window: "", comparison: .exactly,
        bound: .count(0), observed: .count(0), passed: true),
      .init(
        metric: "oltp.latency", statistic: "p99", window: "outside faults", comparison: .below,
        bound: .duration(.milliseconds(100)), observed: .duration(milliseconds(11.82)),
        passed: true),
    ]
  }

  private static func addFaults(to result: inout RunResult) {
    result.faults = [
      FaultResult(
        id: "az_down", kind: "outage", targets: "az: a",
        victims: ["w", "storage a0", "storage a1", "storage a2", "storage a3"],
        plannedStart: second(60), plannedEnd: second(120), start: second(61.235),
        end: second(121.235), tookEffect: true,
        evidence: "5 hosts lost power, 1 842 datagrams were dropped"),
      FaultResult(
        id: "gray", kind: "disk", targets: "storage@c[1] stall 300 ms", victims: ["storage c1"],
        plannedStart: second(95), plannedEnd: second(135), start: second(95), end: second(135),
        tookEffect: true, evidence: "133 writes waited for 300 ms"),
      FaultResult(
        id: "cut", kind: "partition", targets: "storage@b to r2", victims: ["storage b0", "r2"],
        plannedStart: second(178), plannedEnd: second(190), start: second(178), end: second(190),
        tookEffect: true, evidence: "912 datagrams were dropped"),
    ]
    func outage(_ client: String, _ marks: [Double]) -> ClientOutage {
      let ends = marks.map { second(61.235 + $0) }
      let phases: [Waterfall.Phase] = [
        .detect, .elect, .fenceAndRecover, .open, .nameMoved, .clientNotices, .connectAttempts,
        .firstCommit,
      ]
      let starts = [second(61.235)] + ends
      let waterfall = Waterfall(
        from: second(61.235),
        stretches: phases.indices.map { (phases[$0], starts[$0].duration(to: ends[$0])) })
      return ClientOutage(client: client, firstCommit: waterfall.end, waterfall: waterfall)
    }
    result.failovers = [
      FailoverResult(
        kind: .failover, fault: "az_down", cause: second(61.235), oldWriter: "w", newWriter: "r1",
        outages: [
          outage(
            "app",
            [10.023_4, 10.061_9, 10.102_4, 11.348_8, 12.381_3, 17.404_1, 18.391_2, 18.412_617]),
          outage(
            "naive",
            [10.023_4, 10.061_9, 10.102_4, 11.348_8, 12.381_3, 26.904_1, 31.711_2, 31.734_002]),
        ])
    ]
    result.recoveryPoint.isComplete = true
    result.recoveryPoint.acknowledgedCount = 17_902
    result.recoveryPoint.survivingCount = 17_902
    result.recoveryPoint.inDoubtCount = 6
    result.recoveryPoint.inDoubtSurvivingCount = 4
  }

  private static func addTotals(to result: inout RunResult) {
    func latency(_ count: Int, _ values: [Double]) -> LatencySummary {
      LatencySummary(
        count: count, mean: milliseconds(values[0] * 1.2), p50: milliseconds(values[0]),
        p95: milliseconds(values[1]), p99: milliseconds(values[2]), max: milliseconds(values[3]))
    }
    result.workloads = [
      WorkloadResult(
        id: "oltp", mix: "pgbench-tpcb", client: "app", committed: 10_514, aborted: 12,
        errors: [
          .init(kind: "connection timed out", count: 61),
          .init(kind: "connection refused", count: 22),
          .init(kind: "57P01 admin_shutdown", count: 2),
        ], inDoubt: 3, latency: latency(10_514, [4.81, 8.12, 11.82, 18_412.6])),
      WorkloadResult(
        id: "bank", mix: "bank", client: "app", committed: 4_077, aborted: 31,
        errors: [
          .init(kind: "40001 serialization_failure", count: 31),
          .init(kind: "connection timed out", count: 27),
        ], inDoubt: 2, latency: latency(4_077, [5.93, 10.4, 14.2, 18_390.1])),
      WorkloadResult(
        id: "lists", mix: "list-append", client: "naive", committed: 3_311, aborted: 18,
        errors: [.init(kind: "connection timed out", count: 40)], inDoubt: 1,
        latency: latency(3_311, [7.27, 12.8, 21.4, 31_734.0])),
    ]
    for index in result.workloads.indices {
      let whole = result.workloads[index].latency
      result.workloads[index].windows = ["outside faults", "during faults", "after faults"].map {
        .init(name: $0, latency: whole, unserved: 0, errors: 1)
      }
      result.workloads[index].connections.attempts = 40
      result.workloads[index].connections.refused = 2
      result.workloads[index].connections.failures = [.init(kind: "53300", count: 2)]
      result.workloads[index].connections.time = latency(38, [2.1, 5, 9, 16_000])
    }
    result.workloads[1].omitted = 6
    result.lag = [
      LagResult(reader: "r1", lag: latency(4_411, [4.1, 9.7, 14.9, 38.2])),
      LagResult(reader: "r2", lag: latency(16_804, [4.3, 11.8, 412, 11_640])),
    ]
    result.capacity = [
      CapacityResult(
        instance: "r2", allowed: 0.5...16, lowest: 0.5, mean: 3.42, highest: 9.5,
        capacitySeconds: 820.5)
    ]
    result.instances = [
      InstanceResult(
        id: "w", availabilityZone: "a", instanceClass: "db.r6g.large",
        roles: [
          .init(role: .writer, start: .start, end: second(61.235)),
          .init(role: .down, start: second(61.235), end: second(121.235)),
          .init(role: .starting, start: second(121.235), end: second(149.1)),
          .init(role: .reader, start: second(149.1), end: second(240)),
        ]),
      InstanceResult(
        id: "r1", availabilityZone: "b", instanceClass: "db.r6g.large",
        roles: [
          .init(role: .reader, start: .start, end: second(71.337)),
          .init(role: .starting, start: second(71.337), end: second(73.616)),
          .init(role: .writer, start: second(73.616), end: second(240)),
        ]),
      InstanceResult(
        id: "r2", availabilityZone: "c", instanceClass: "serverless",
        roles: [.init(role: .reader, start: .start, end: second(240))]),
    ]
    func count(
      _ resource: String, _ meter: String, _ unit: Meter.Kind.Unit, _ run: Int, _ measured: Int
    ) {
      result.meters.append(
        MeterResult(resource: resource, meter: meter, unit: unit, run: run, measured: measured))
    }
    count("host/w", "cpu_time", .nanoseconds, 81_204_512_000, 77_901_223_000)
    count("instance/w", "redo_bytes", .bytes, 61_204_512, 53_190_022)
    count("instance/w", "redo_records", .count, 411_038, 357_200)
    count("instance/w", "redo_batches", .count, 30_102, 26_170)
    count("instance/r1", "redo_bytes", .bytes, 30_000_000, 30_000_000)
    count("instance/r1", "redo_records", .count, 200_000, 200_000)
    count("instance/r1", "redo_batches", .count, 14_000, 14_000)
    count("instance/r1", "read_ios", .count, 1_944, 1_902)
    count("instance/w", "retransmissions", .count, 127, 127)
    count("host/storage-a0", "node_records_by_gossip", .count, 8_310, 8_310)
  }

  private static func addSeries(to result: inout RunResult) {
    let random = RandomStream(seed: 7).fork("sample")
    let count = 240
    result.series = TimeSeries(bucket: .seconds(1), count: count)
    for (id, rate, base, back) in [
      ("oltp", 50, 4.8, 80), ("bank", 20, 5.9, 80), ("lists", 15, 7.2, 93),
    ] {
      var workload = TimeSeries.Workload(id: id, committed: [], errors: [], p50: [], p99: [])
      for second in 0..<count {
        let isOut = (62..<back).contains(second)
        let noise = random.unit() + random.unit() + random.unit() - 1.5
        let spread = Double(rate).squareRoot() * noise * 1.6
        let ramp = second < 4 ? Double(second) / 4 : 1
        workload.committed.append(isOut ? 0 : Int((Double(rate) * ramp + spread).rounded()))
        workload.errors.append(
          isOut ? Int(random.integer(below: 5)) : random.chance(0.02) ? 1 : 0)
        let slow = (95..<135).contains(second) ? 1.8 : 1.0
        let p50 = base * slow * (1 + 0.12 * random.unit())
        let burst = second == back ? 2_000.0 : random.chance(0.04) ? 4 : 1
        workload.p50.append(isOut ? nil : milliseconds(p50))
        workload.p99.append(isOut ? nil : milliseconds(p50 * (2.2 + random.unit()) * burst))
      }
      let none = [Int](repeating: 0, count: count)
      (workload.connects, workload.connectsRefused, workload.connectsTimedOut) = (none, none, none)
      workload.waiting = none
      workload.oldest = [Interval?](repeating: nil, count: count)
      result.series.workloads.append(workload)
    }
    var r1 = TimeSeries.Lag(reader: "r1", highest: [])
    var r2 = TimeSeries.Lag(reader: "r2", highest: [])
    for second in 0..<count {
      let isOut = (62..<80).contains(second)
      r1.highest.append(second < 71 && !isOut ? milliseconds(6 + 8 * random.unit()) : nil)
      let cut = (178..<190).contains(second) ? Double(second - 177) * 970 : 0
      r2.highest.append(isOut ? nil : milliseconds(7 + 9 * random.unit() + cut))
    }
    result.series.lag = [r1, r2]
    for (index, id) in ["w", "r1", "r2"].enumerated() {
      var instance = TimeSeries.Instance(id: id, processorUse: [], capacity: [])
      var capacity = 0.5
      for second in 0..<count {
        let isWriter = index == 0 ? second < 61 : index == 1 && second > 74
        let isDown = index == 0 && (61..<150).contains(second)
        let load = (isWriter ? 0.34 : 0.11) + 0.05 * random.unit()
        instance.processorUse.append(isDown ? nil : load)
        guard index == 2 else { continue }
        let wanted = second < 80 ? 2.0 : second < 190 ? 9.5 : 4
        if second % 3 == 0 { capacity += capacity < wanted ? 0.5 : capacity > wanted ? -0.5 : 0 }
        instance.capacity.append(capacity)
      }
      result.series.instances.append(instance)
    }
  }

  private static func addEvents(to result: inout RunResult) {
    let events: [(Double, RunEvent.Category, String)] = [
      (0, .instance, "w opened as writer of epoch 1"), (15, .claim, "the warm-up is over"),
      (61.235, .fault, "az_down: outage of AZ a hits w and 4 storage nodes"),
      (71.258_4, .health, "the monitor calls w dead: no heartbeat for 10 s"),
      (71.296_9, .volume, "epoch 2 is recorded by a write quorum of every protection group"),
      (71.337_4, .failover, "r1 is chosen: tier 0, lag 0 ms"),
      (72.583_8, .volume, "r1 found VDL 88 240 and truncated 12 records above it"),
      (73.616_3, .instance, "r1 opened as writer of epoch 2"),
      (73.7, .endpoint, "the cluster endpoint points to r1"),
      (79.647_6, .client, "app commits again, 18.4 s after the fault"),
      (92.969, .client, "naive commits again, 31.7 s after the fault"),
      (95, .fault, "gray: disk of storage c1 stalls"), (121.235, .fault, "az_down is over"),
      (149.1, .instance, "w opened as reader"),
      (178, .fault, "cut: storage in AZ b no longer reaches r2"), (190, .fault, "cut is over"),
    ]
    result.events = events.map {
      RunEvent(instant: second($0.0), category: $0.1, text: $0.2)
    }
  }
}
