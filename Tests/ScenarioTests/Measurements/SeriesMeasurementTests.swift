import Testing

@testable import ControlPlane
@testable import Database
@testable import Scenarios
@testable import Simulation

@Suite struct `Totals and series` {
  @Test func `count from the origin, totals without the warm-up`() throws {
    var run = RunBuilder(horizon: 12, warmup: 10)
    run.end = 11.5
    run.commit(-0.5, latency: 1)
    run.commit(0, latency: 0.003)
    run.commit(0.999, latency: 0.001)
    run.commit(10, latency: 0.004)
    run.commit(11.4, latency: 0.002)
    run.commit(11.5, latency: 1)
    run.failure(2, "40001")
    for seconds in [10.0, 10.5, 11] { run.failure(seconds, "timed out") }
    run.failure(11, "40P01")
    run.failure(11, "40001", isInDoubt: true)
    run.failure(11.6, "40001")
    let result = run.result
    #expect(result.simulatedTime == .milliseconds(11_500) && result.warmUp == .seconds(10))
    #expect(result.series.count == 12)
    let series = try #require(result.series.workloads.first)
    #expect(series.id == "oltp")
    #expect(series.committed == [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
    #expect(series.errors == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3])
    #expect(series.p50[0] == .milliseconds(1) && series.p99[0] == .milliseconds(3))
    #expect(series.p50[1] == .some(nil))

    let total = try #require(result.workloads.first)
    #expect(total.id == "oltp" && total.mix == "pgbench-tpcb" && total.client == "app")
    #expect(total.committed == 2 && total.aborted == 4 && total.inDoubt == 1)
    #expect(
      total.errors.map(\.kind) == ["timed out", "40001", "40P01"]
        && total.errors.map(\.count) == [3, 1, 1])
    // The last one was answered when the run was over: until then it had waited for a second.
    #expect(total.latency.count == 3 && total.latency.max == .seconds(1))
    #expect(total.latency.unanswered == 0 && total.unserved == 0)
    // One is answered at the very end of its second.
    #expect(series.waiting == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    #expect(series.oldest[10] == .milliseconds(500) && series.oldest[11] == .seconds(1))
  }

  @Test func `show an instance's load while it is not down`() throws {
    var run = RunBuilder(
      horizon: 5, warmup: 0,
      serverless: ServerlessCapacity(halves: 1)...ServerlessCapacity(halves: 32))
    run.capacity(-4, "w", milliACU: 500)
    run.capacity(1, "w", milliACU: 1500)
    run.emit(2.5, HostWentDown(host: "w"))
    run.look(0, at: "w", use: 0.9)
    for seconds in 1...6 { run.look(Double(seconds), at: "w", use: Double(seconds) / 10) }
    let series = run.result.series.instances
    #expect(series.map(\.id) == ["w", "r1", "r2"])
    #expect(series[0].processorUse == [0.1, 0.2, nil, nil, nil])
    #expect(series[0].capacity == [0.5, 1.5, nil, nil, nil])
    #expect(series[1].capacity.isEmpty && series[1].processorUse.allSatisfy { $0 == nil })
  }

  @Test func `tell of a want of memory, which is no boot`() {
    var run = RunBuilder()
    run.emit(30, ProcessKilledForMemory(host: "w", program: "engine", bytes: 1000))
    run.emit(30, ProcessKilledForMemory(host: "w", program: "host-agent", bytes: 10))
    let told = run.result.events.filter { $0.instant == Instant.start + .seconds(30) }.map(\.text)
    #expect(
      told == [
        "engine on w is ended for want of memory", "host-agent on w is ended for want of memory",
      ])
  }

  @Test func `tell what each instance was, all the time`() {
    var run = RunBuilder()
    run.failOver()
    run.emit(95, HostBooted(host: "w"))
    run.engine(96, "w", .reader, .starting)
    run.engine(98, "w", .reader, .available, epoch: 2)
    run.engine(101, "w", .reader, .stopped)
    let instances = run.result.instances
    #expect(instances.map(\.id) == ["w", "r1", "r2"])
    #expect(instances.map(\.availabilityZone) == ["a", "b", "c"])
    func spans(_ index: Int) -> [String] {
      instances[index].roles.map {
        "\($0.role.rawValue) \(Measurement.time($0.start)) to \(Measurement.time($0.end))"
      }
    }
    #expect(
      spans(0) == [
        "writer 0.000 s to 60.000 s", "down 60.000 s to 96.000 s",
        "starting 96.000 s to 98.000 s", "reader 98.000 s to 100.000 s",
      ])
    #expect(
      spans(1) == [
        "reader 0.000 s to 66.200 s", "starting 66.200 s to 67.000 s",
        "writer 67.000 s to 100.000 s",
      ])
    #expect(spans(2) == ["reader 0.000 s to 100.000 s"])
  }

  @Test func `are empty for a run that never began`() {
    var run = RunBuilder()
    run.end = 0
    let result = run.result
    #expect(result.series.count == 0 && result.instances[0].roles.isEmpty)
    #expect(result.verdict == .unknown)
  }

  @Test func `carry the ledger over, in scenario time`() {
    var run = RunBuilder()
    run.verification.ledger?.lost = [
      .init(label: "client 1, transaction 2", acknowledged: moment(33), bytes: 7)
    ]
    #expect(run.result.recoveryPoint.lost.map(\.acknowledged) == [moment(33)])
  }
}

@Suite struct `The list of events` {
  @Test func `tells a failover line by line`() {
    var run = RunBuilder()
    run.session(1)
    run.failOver()
    run.emit(
      66,
      ClusterEventListed(
        source: .cluster("by-hand"), event: .failoverStartedAcrossZones(target: "r1")))
    run.emit(70, ClientResolved(host: "client-app-0", instance: "r1"))
    run.commit(70.6, on: "r1", session: 70.5, latency: 10)
    run.scenario.claims.sometimes = [.failover]
    let lines = run.result.events.map {
      "\(Measurement.time($0.instant)) \($0.category.rawValue): \($0.text)"
    }
    #expect(
      lines == [
        "60.000 s fault: power begins: host_crash w (w)",
        "60.000 s instance: the host of w is down",
        "66.000 s health: w is taken for dead: silent since 60.000 s",
        "66.000 s failover: w is to be replaced",
        "66.000 s failover: r1 is chosen to be the writer",
        "66.100 s failover: r1 is told to take over",
        "66.200 s instance: r1 opens the volume",
        "66.200 s volume: r1 begins to recover the volume",
        "66.700 s volume: r1 has made epoch 2 hold",
        "66.800 s volume: r1 has recovered the volume: VDL 900, 3 records truncated",
        "67.000 s instance: r1 is open as a writer in epoch 2",
        "67.000 s claim: sometimes failover: seen",
        "69.000 s endpoint: the name servers have it: writer r1",
        "70.000 s client: client-app-0 is sent to r1 by the name server",
        "70.600 s client: client-app-0 commits again, after 10.6 s",
        "95.000 s fault: power ends: host_crash w",
      ])
  }

  @Test func `has one line for hosts that go together`() {
    var run = RunBuilder()
    for index in 0..<8 { run.emit(40, HostWentDown(host: "storage-a\(index)")) }
    run.emit(40, HostWentDown(host: "w"))
    run.emit(41, HostWentDown(host: "storage-b0"))
    for index in 0..<2 { run.emit(50, HostBooted(host: "storage-a\(index)")) }
    #expect(
      run.result.events.map(\.text) == [
        "the hosts of storage-a0, storage-a1, storage-a2 and 5 more are down",
        "the host of w is down", "the host of storage-b0 is down",
        "the hosts of storage-a0, storage-a1 boot",
      ])
  }

  @Test func `tells a change of capacity against the one before`() {
    var run = RunBuilder(serverless: ServerlessCapacity(halves: 1)...ServerlessCapacity(halves: 32))
    run.capacity(-4, "w", milliACU: 500)
    run.capacity(10, "w", milliACU: 500)
    run.capacity(40, "w", milliACU: 4000)
    run.emit(50, HostWentDown(host: "w"))
    run.capacity(60, "w", milliACU: 500)
    #expect(
      run.result.events.filter { $0.category == .capacity }.map(\.text)
        == ["w grows from 0.5 ACU to 4.0 ACU", "w begins with 0.5 ACU"])
  }
}
