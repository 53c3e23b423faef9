import Simulation
import Testing

@testable import Volume

/// Segments that fail by order of an instance.
@Suite struct `A segment that an instance lets fail` {
  private static let second = Interval.seconds(1)

  /// A world with a writer under load, and what orders faults from another host.
  private struct Bench {
    let world = World(seed: 5)
    let load: Load
    let injector: SegmentFaultInjector
    /// Where the order comes from.
    let reader: Process

    init() {
      load = Load(world, seed: 5)
      reader = world.writerHosts[1].start("db")
      injector = SegmentFaultInjector(process: reader, geometry: world.geometry)
      world.run(for: .seconds(1))
    }

    func inject(
      _ effect: SegmentFault.Effect, copies: Int, requester: HostID? = nil, id: UInt64 = 1,
      for interval: Interval = .seconds(2)
    ) {
      injector.inject(
        SegmentFault(id: id, effect: effect, requester: requester),
        into: Array(world.geometry.segments(ofGroup: 0).prefix(copies)), for: interval)
    }

    func struck(_ id: UInt64 = 1) -> [Int] {
      world.geometry.segments(ofGroup: 0).map { segment in
        let node = world.geometry.node(of: segment)
        return world.nodes.first { $0.address == node }?.struckCount(by: id) ?? 0
      }
    }
  }

  @Test func `takes nothing in until its time is over, and catches up then`() {
    let bench = Bench()
    let before = bench.load.committed
    bench.inject(.blocked, copies: 2)
    bench.world.run(for: Self.second)
    #expect(bench.load.committed > before + 900, "four of six are enough")
    let group = bench.world.geometry.segments(ofGroup: 0)
    let inspector = VolumeInspector(geometry: bench.world.geometry, nodes: bench.world.nodes)
    func lagging() -> [Bool] {
      let copies = inspector.copies(at: bench.load.durable).filter { $0.group == 0 }
      return copies.map { !$0.isComplete }
    }
    #expect(lagging() == [true, true, false, false, false, false])
    #expect(bench.struck().map { $0 > 0 } == [true, true, false, false, false, false])
    bench.world.run(for: .seconds(2))
    bench.load.isOn = false
    let struck = bench.struck()
    bench.world.run(for: .seconds(2))
    #expect(lagging() == group.map { _ in false })
    #expect(bench.struck() == struck, "it ends by itself")
    #expect(bench.load.everyCopyIsRight())
    bench.world.simulation.shutDown()
  }

  @Test func `keeps the volume from making anything durable, if it is one of three`() {
    let bench = Bench()
    bench.inject(.blocked, copies: 3)
    bench.world.run(for: .milliseconds(100))
    let stuck = bench.load.committed
    bench.world.run(for: .milliseconds(1800))
    #expect(bench.load.committed == stuck)
    bench.world.run(for: .seconds(2))
    #expect(bench.load.committed > stuck + 2000)
    bench.world.simulation.shutDown()
  }

  @Test func `answers late within the bounds, if it is congested`() throws {
    let bench = Bench()
    bench.inject(.delayed(.milliseconds(40)...(.milliseconds(60))), copies: 3)
    bench.world.run(for: .milliseconds(500))
    let (before, start) = (bench.load.durable, bench.world.simulation.now)
    // What is appended now is durable when a fourth copy has it.
    let client = try #require(bench.load.client)
    let wanted = client.lastLSN
    while bench.load.durable < wanted { bench.world.run(for: .microseconds(500)) }
    let waited = bench.world.simulation.now - start
    #expect(before < wanted)
    #expect(waited >= .milliseconds(40) && waited < .milliseconds(120), "\(waited)")
    bench.world.simulation.shutDown()
  }

  @Test func `fails for the host alone that it is to fail for`() {
    let bench = Bench()
    let before = bench.load.committed
    bench.inject(.blocked, copies: 6, requester: bench.reader.host.id)
    bench.world.run(for: Self.second)
    #expect(bench.load.committed > before + 900)
    #expect(bench.struck() == [0, 0, 0, 0, 0, 0])
    let volume = VolumeReader(process: bench.reader, geometry: bench.world.geometry)
    let epoch = bench.load.client?.epoch ?? .none
    var answeredAt: Instant?
    let (durable, tails) = (bench.load.durable, bench.load.client?.groupTails ?? [])
    bench.load.holdsReadPoint = true
    bench.reader.spawn {
      volume.epoch = epoch
      _ = try? await volume.read(PageNumber(0), at: durable, groupTails: tails)
      answeredAt = bench.reader.now
    }
    bench.world.run(for: .milliseconds(900))
    #expect(answeredAt == nil)
    #expect(bench.struck().allSatisfy { $0 > 0 })
    bench.world.run(for: .milliseconds(400))
    #expect(answeredAt != nil)
    bench.world.simulation.shutDown()
  }

  @Test func `outlives who has let it fail, but not its node's program`() {
    let bench = Bench()
    bench.inject(.blocked, copies: 3, for: .seconds(30))
    bench.world.run(for: .milliseconds(100))
    bench.reader.end()
    let stuck = bench.load.committed
    bench.world.run(for: .milliseconds(400))
    #expect(bench.load.committed == stuck)
    let node = bench.world.geometry.node(of: SegmentID(group: 0, copy: 0))
    bench.world.simulation.hosts[node.host.index].process(named: StorageNode.programName)?.end()
    bench.world.run(for: .seconds(2))
    #expect(bench.load.committed > stuck, "three never failed, and this one is back without its fault")
    bench.world.simulation.shutDown()
  }

  @Test func `hears of it though the first orders are lost`() {
    let bench = Bench()
    let cut = bench.world.simulation.network.partition(
      [bench.reader.host.id], from: bench.world.nodes.map(\.host.id), oneWay: false)
    bench.inject(.blocked, copies: 6)
    bench.world.run(for: .milliseconds(300))
    #expect(bench.struck() == [0, 0, 0, 0, 0, 0])
    bench.world.simulation.network.heal(cut)
    bench.world.run(for: .milliseconds(300))
    #expect(bench.struck().allSatisfy { $0 > 0 })
    // The end has not moved.
    bench.world.run(for: .milliseconds(1500))
    let struck = bench.struck()
    bench.world.run(for: Self.second)
    #expect(bench.struck() == struck)
    bench.world.simulation.shutDown()
  }

  @Test func `is ordered by a message that a flipped bit makes none`() {
    let fault = SegmentFault(
      id: 9, effect: .delayed(.milliseconds(1)...(.milliseconds(3))), requester: HostID(index: 4))
    let order = SegmentFaultOrder(group: 1, fault: fault, remaining: .seconds(7))
    let bytes = order.encoded()
    #expect(SegmentFaultOrder(bytes) == order)
    for offset in bytes.indices {
      var damaged = bytes
      damaged[offset] ^= 1 << UInt8(offset % 8)
      #expect(SegmentFaultOrder(damaged) == nil)
    }
  }
}
