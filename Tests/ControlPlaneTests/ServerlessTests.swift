import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A serverless instance's scaler` {
  private static func capacity(_ acu: Double) -> ServerlessCapacity {
    ServerlessCapacity(halves: Int(acu * 2))
  }

  private static func scaler(_ range: ClosedRange<Double>, at acu: Double) -> ServerlessScaler {
    ServerlessScaler(
      range: capacity(range.lowerBound)...capacity(range.upperBound), policy: ScalingPolicy(),
      capacity: capacity(acu))
  }

  /// Feeds a load, in ACU at full use, for some seconds; gives the capacity after each.
  private func run(
    _ scaler: inout ServerlessScaler, load: Double, connections: Int = 0, seconds: Range<Int>
  ) -> [Double] {
    seconds.map { second in
      let utilization = min(1000, Int(load / scaler.capacity.acu * 1000))
      _ = scaler.measure(
        .init(utilization: utilization, connections: connections),
        at: .start + .seconds(Int64(second)))
      return scaler.capacity.acu
    }
  }

  @Test func `grows in whole half steps up to what the load needs, and no further`() {
    var scaler = Self.scaler(0.5...32, at: 0.5)
    let path = run(&scaler, load: 7, seconds: 0..<60)
    #expect(path.allSatisfy { ($0 * 2).rounded() == $0 * 2 })
    #expect(zip(path, path.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(path.last == 10, "7 ACU of work at 70 %")
    #expect(path[7] == 10, "two seconds for each doubling: \(path)")
  }

  @Test func `takes no longer to double from a large capacity than from a small one`() {
    var times: [Int] = []
    for start in [0.5, 1, 2, 4, 8, 16, 32] {
      var scaler = Self.scaler(0.5...256, at: start)
      let path = run(&scaler, load: 1000, seconds: 0..<20)
      times.append(path.firstIndex { $0 >= 2 * start } ?? 99)
    }
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 >= $1 }, "\(times)")
    #expect(times.allSatisfy { $0 <= 1 })
  }

  @Test func `shrinks only after a cool-down, and gradually`() {
    var scaler = Self.scaler(0.5...32, at: 16)
    let path = run(&scaler, load: 0.1, seconds: 0..<200)
    #expect(path[29] == 16)
    #expect(path[35] < 16)
    #expect(zip(path, path.dropFirst()).allSatisfy { $0 - $1 <= 1 })
    #expect(path[60] > 2)
    #expect(path.last == 0.5)
  }

  @Test func `does not shrink between bursts that come more often than the cool-down`() {
    var scaler = Self.scaler(0.5...32, at: 8)
    var lowest = 8.0
    for second in 0..<200 {
      let load = second % 25 == 0 ? 5.6 : 0.5
      lowest = min(lowest, run(&scaler, load: load, seconds: second..<second + 1)[0])
    }
    #expect(lowest == 8)
  }

  @Test func `makes room for connections that use no CPU`() {
    var scaler = Self.scaler(0.5...32, at: 0.5)
    let path = run(&scaler, load: 0, connections: 1000, seconds: 0..<30)
    #expect(path.last == 5.5, "1000 / 189 connections per ACU")
  }

  @Test func `is never below the writer's capacity, from the moment it hears of it`() {
    var scaler = Self.scaler(0.5...16, at: 0.5)
    #expect(scaler.raise(toAtLeast: Self.capacity(8)) == Self.capacity(8))
    let path = run(&scaler, load: 0, seconds: 0..<200)
    #expect(path.allSatisfy { $0 == 8 })
    #expect(scaler.raise(toAtLeast: Self.capacity(64)) == Self.capacity(16))
    #expect(scaler.raise(toAtLeast: Self.capacity(0)) == nil)
    #expect(run(&scaler, load: 0, seconds: 200..<500).last == 0.5)
  }

  @Test func `obeys another range at once`() {
    var scaler = Self.scaler(0.5...16, at: 4)
    #expect(scaler.limit(to: Self.capacity(6)...Self.capacity(8)) == Self.capacity(6))
    #expect(scaler.limit(to: Self.capacity(1)...Self.capacity(2)) == Self.capacity(2))
  }
}

@Suite struct `Serverless instances in a cluster` {
  private static let acu = ServerlessCapacity(halves: 1)...ServerlessCapacity(halves: 32)

  private static let mixed = [
    World.Instance(id: "w", zone: "a", instanceClass: "serverless", capacity: acu),
    World.Instance(id: "r1", zone: "b", tier: 1, instanceClass: "serverless", capacity: acu),
    World.Instance(id: "r2", zone: "c", tier: 2, instanceClass: "serverless", capacity: acu),
  ]

  /// Charges the host of an instance with so many vCPUs' worth of work from now on.
  private func load(_ world: World, _ id: String, vCPU: Double, until end: Double) {
    let host = world.host(id)
    let process = host.start("load")
    process.spawn {
      while process.now < .start + .seconds(rounding: end) {
        process.charge(.seconds(rounding: vCPU / 10))
        try await process.sleep(for: .milliseconds(100))
      }
    }
  }

  @Test func `follow the writer's load in tiers 0 and 1, and their own in others`() {
    let world = World(Self.mixed)
    world.run(until: 10)
    load(world, "w", vCPU: 1.35, until: 150)
    // What queues up while it grows is worked off by more than the load needs.
    world.run(until: 140)
    func capacity(_ id: String) -> Double { world.host(id).processor.capacity * 4 }
    #expect(capacity("w") == 8)
    #expect(capacity("r1") == 8)
    #expect(capacity("r2") == 0.5)
    #expect(world.engine("w").capacities.last?.acu == 8)
    #expect(world.host("w").memory.capacity == 16 << 30, "2 GiB for an ACU")
    let events = world.events(ServerlessCapacitySet.self).filter { $0.instance == "w" }
    #expect(events.last?.milliACU == 8000)
    #expect(events.allSatisfy { $0.milliACU % 500 == 0 })
    world.run(until: 400)
    #expect(["w", "r1", "r2"].map(capacity) == [0.5, 0.5, 0.5])
    #expect(["w", "r1", "r2"].allSatisfy { world.host($0).memory.capacity == 1 << 30 })
  }

  @Test func `keep a changed range across restarts of their agents and of the control plane`() {
    let world = World(Self.mixed)
    world.run(until: 10)
    let wanted = ServerlessCapacity(halves: 4)...ServerlessCapacity(halves: 8)
    world.operate(.setCapacity("r2", wanted))
    world.run(until: 11)
    #expect(world.host("r2").processor.capacity == 0.5)
    world.serviceHost.crash()
    world.host("r2").crash()
    world.run(until: 12)
    world.serviceHost.boot()
    world.host("r2").boot()
    world.run(until: 20)
    #expect(world.host("r2").processor.capacity == 0.5)
  }

  @Test func `keep their capacity when only their agent dies`() {
    let world = World(Self.mixed)
    world.run(until: 10)
    load(world, "w", vCPU: 1.35, until: 150)
    world.run(until: 140)
    world.host("w").process(named: "host-agent")?.end()
    world.run(until: 142)
    #expect(world.host("w").processor.capacity == 2)
  }
}

@Suite struct `The table of instance classes` {
  @Test(
    arguments: [
      ("db.r6g.large", 2, 16, nil), ("db.r6g.12xlarge", 48, 384, 20),
      ("db.r7i.48xlarge", 192, 1536, 50),
      ("db.r4.large", 2, 15.25, nil), ("db.r4.16xlarge", 64, 488, nil),
      ("db.x2g.16xlarge", 64, 1024, nil), ("db.t4g.medium", 2, 4, 5), ("db.t2.small", 1, 2, 5),
      ("db.r8g.24xlarge", 96, 768, 40),
    ] as [(String, Double, Double, Double?)])
  func `agrees with the user guide`(name: String, vCPU: Double, gibibytes: Double, network: Double?)
    throws
  {
    let found = try #require(InstanceClass(named: name))
    #expect(found.vCPU == vCPU)
    #expect(Double(found.memory) == gibibytes * 1_073_741_824)
    #expect(found.network == network)
  }

  @Test(arguments: [
    "db.r6g.24xlarge", "db.r6id.large", "db.r4.12xlarge", "r6g.large", "db.r6g", "",
  ])
  func `has no class that is not offered`(name: String) {
    #expect(InstanceClass(named: name) == nil)
  }

  @Test func `holds each class once, and the serverless one under both names`() {
    let names = InstanceClass.all.map(\.name)
    #expect(names.count == 86)
    #expect(Set(names).count == names.count)
    #expect(InstanceClass(named: "serverless") == .serverless)
    #expect(InstanceClass(named: "db.serverless") == .serverless)
    #expect(InstanceClass.serverless.isServerless)
  }
}
