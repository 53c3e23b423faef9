import Testing

@testable import Simulation

@Suite struct `A meter` {
  private static let kind = Meter.Kind("things", .count)

  private func world() -> (Simulation, [Host]) {
    let simulation = Simulation(seed: 1)
    let region = simulation.addRegion("us-east-1", zones: ["a", "b"])
    let hosts = ["a", "b"].map { simulation.addHost($0, in: region.zone($0), capacity: 1) }
    return (simulation, hosts)
  }

  @Test func `goes on where the process before was lost, and the host`() {
    let (simulation, hosts) = world()
    hosts[0].install("p", restartDelay: .seconds(1)) { process in
      process.meter(Self.kind) += 1
    }
    hosts[0].process(named: "p")?.end()
    simulation.loop.run(until: .start + .seconds(2))
    hosts[0].crash()
    hosts[0].boot()
    #expect(hosts[0].meter(Self.kind).total == 3)
  }

  @Test func `is that of what a process works for, wherever it runs`() {
    let (simulation, hosts) = world()
    let resource = ResourceName(.fault, "thing")
    for host in hosts {
      let process = host.start("p", for: resource)
      process.meter(Self.kind) += 2
      host.start("q").meter(Self.kind) += 1
    }
    #expect(simulation.meters.meter(Self.kind, of: resource).total == 4)
    #expect(hosts.map { $0.meter(Self.kind).total } == [1, 1])
    #expect(simulation.meters.total(of: Self.kind) == 6)
    let mine = simulation.meters.all.filter { $0.kind == Self.kind }.map(\.resource)
    #expect(mine == [resource, .host("a"), .host("b")], "in the order of the first question")
  }

  @Test func `of a network interface counts what is sent, and what comes to another zone`() {
    let (simulation, hosts) = world()
    let sender = hosts[0].start("sender")
    for _ in 0..<3 {
      sender.send([1, 2, 3], from: 1, to: Address(host: hosts[1].id, port: 1))
      sender.send([1, 2, 3, 4], from: 1, to: Address(host: hosts[0].id, port: 1))
    }
    simulation.loop.run(until: .start + .seconds(1))
    #expect(hosts[0].meter(.packetsSent).total == 6)
    #expect(hosts[0].meter(.bytesSent).total == 21)
    #expect(hosts[0].meter(.bytesSentAcrossZones).total == 9)
    #expect(hosts[0].meter(.bytesReceived).total == 12)
    #expect(hosts[1].meter(.bytesReceived).total == 9)
    #expect(hosts[1].meter(.bytesSent).total == 0)
  }

  @Test func `of disks and of a processor counts what they did`() {
    let (simulation, hosts) = world()
    let disk = Disk(name: "d", host: hosts[0], profile: DiskProfile())
    let process = hosts[0].start("p")
    disk.write([1, 2, 3], at: 0)
    process.spawn { try await process.compute(.milliseconds(7)) }
    simulation.loop.run(until: .start + .seconds(1))
    #expect(hosts[0].meter(.diskWrites).total == 1)
    #expect(hosts[0].meter(.diskBytesWritten).total == 3)
    #expect(hosts[0].meter(.cpuTime).total == 7_000_000)
    #expect(hosts[0].processor.busy == .milliseconds(7))
    hosts[0].crash(.areLost)
    #expect(hosts[0].meter(.diskLostWrites).total == 1)
  }
}
