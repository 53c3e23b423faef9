import Database
import Simulation
import Testing
import Volume

@testable import Scenarios

@Suite struct `Totals` {
  /// A load, a failover while nobody does anything, and a load again; nothing is lost on the way.
  private static let twoWriters = """
    borealis: 1
    name: totals
    claim: What two writers did is what the storage nodes received.
    run: { horizon: 24s, warmup: 12s }
    cluster:
      writer: { id: w, az: a }
      readers: [{ id: r1, az: b, tier: 0 }, { id: r2, az: c }]
    clients: [{ id: app }]
    workload:
      - { id: early, client: app, mix: bank, arrivals: poisson(40/s), at: 0s, for: 4s }
      - { id: late, client: app, mix: bank, arrivals: poisson(40/s), at: 20s, for: 3s }
    faults:
      - { id: f, at: 6s, api: { call: FailoverDBCluster, on: r1 } }
    claims: { always: [no_acknowledged_commit_lost], sometimes: [failover] }
    """

  private static func run() throws -> (RunResult, Meters) {
    let scenario = try Scenario(yaml: twoWriters, file: "totals.yaml")
    let run = ScenarioRun(scenario, file: "totals.yaml", seed: 2, build: "test")
    let result = run.execute()
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(result.failovers.map(\.newWriter) == ["r1"])
    return (result, run.world.simulation.meters)
  }

  @Test func `of all writers are what the storage nodes received first-hand`() throws {
    let (_, meters) = try Self.run()
    for instance in ["w", "r1"] {
      #expect(meters.meter(.redoRecords, of: .instance(instance)).total > 300)
    }
    let copies = Scenario.Volume.copies
    #expect(meters.total(of: .redoRecords) * copies == meters.total(of: .recordsReceived))
    #expect(meters.total(of: .redoBatches) * copies == meters.total(of: .batchesReceived))
    #expect(meters.total(of: .redoBytes) * copies == meters.total(of: .bytesLogged))
    // Nothing had to be sent again, nor had a peer to help out.
    #expect(meters.total(of: .gossipRecords) == 0)
    #expect(meters.total(of: .retransmissions) == 0)
    // A batch has a part of 4 KiB at least; what goes out is six times that, and heartbeats.
    #expect(meters.total(of: .writeIOs) >= meters.total(of: .redoBatches))
    #expect(meters.total(of: .writeIOs) * 4096 >= meters.total(of: .redoBytes))
    #expect(meters.total(of: .storageBytesSent) > meters.total(of: .redoBytes) * copies)
  }

  @Test func `of the measured window are without loading, warm-up and the writer before`() throws {
    let (result, meters) = try Self.run()
    func measured(_ meter: Meter.Kind, _ resource: String) -> Int? {
      result.meters.first { $0.meter == meter.name && $0.resource == resource }?.measured
    }
    // Loading is in no total of the run, the warm-up is in one of the two.
    let records = result.total(of: .redoRecords)
    #expect(meters.total(of: .redoRecords) > records.run)
    #expect(records.run > records.measured && records.measured > 300)
    let before = try #require(measured(.commits, "instance/w"))
    let after = try #require(measured(.commits, "instance/r1"))
    #expect(before == 0, "it was the writer during the warm-up alone")
    let late = try #require(result.workloads.last)
    #expect(after == late.committed)
    let commits = result.total(of: .commits)
    #expect(commits.run >= result.workloads.reduce(0) { $0 + $1.committed })
    #expect(commits.measured == late.committed)
  }

  @Test func `of all resources are the sums of what each of them counted`() throws {
    let (result, _) = try Self.run()
    let total = try #require(result.totals.first { $0.meter == "redo_batches" })
    let parts = result.meters.filter { $0.meter == "redo_batches" }
    #expect(parts.map(\.resource) == ["instance/w", "instance/r1"])
    #expect(total.run == parts.reduce(0) { $0 + $1.run } && total.run > 0)
    #expect(total.measured == parts.reduce(0) { $0 + $1.measured } && total.measured > 0)
  }
}

@Suite struct `Readings of meters` {
  private static let kind = Meter.Kind("things", .count)

  @Test func `tell what was counted between two of them, also of meters that came later`() {
    let meters = Simulation(seed: 1).meters
    let first = meters.meter(Self.kind, of: .host("a"))
    var readings = MeterReadings()
    func at(_ seconds: Int64) -> Instant { .start + .seconds(seconds) }
    func count(_ from: Int64, _ to: Int64) -> Int {
      readings.total(of: Self.kind, in: at(from)..<at(to))
    }
    #expect(count(0, 9) == 0, "nothing has been read")
    first += 5
    readings.read(meters, at: at(1))
    first += 2
    readings.read(meters, at: at(2))
    let second = meters.meter(Self.kind, of: .host("b"))
    second += 10
    first += 1
    readings.read(meters, at: at(3))
    #expect(count(1, 2) == 2)
    #expect(count(1, 3) == 13)
    #expect(count(2, 3) == 11)
    #expect(count(0, 3) == 13, "what was before the first reading is not known")
    #expect(count(1, 100) == 13)
    #expect(readings.places.map(\.resource) == [.host("a"), .host("b")])
  }
}
