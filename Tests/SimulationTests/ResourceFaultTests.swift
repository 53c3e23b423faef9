import Testing

@testable import Simulation

/// Processes that stand still, CPUs, memory and clocks.
@Suite struct `A fault of a host's resources` {
  private final class World {
    let simulation = Simulation(seed: 9)
    let host: Host
    let peer: Host

    init() {
      host = simulation.addHost("h", in: nil, capacity: 1, memory: 1 << 30)
      peer = simulation.addHost("peer", in: nil, capacity: 1)
    }

    func begin(_ kind: Fault.Kind) -> ActiveFault {
      ActiveFault(Fault(id: "f", kind: kind, targets: ["h"]), in: simulation)
    }

    func run(to milliseconds: Int64) {
      simulation.loop.run(until: .start + .milliseconds(milliseconds))
    }
  }

  private final class Log: DatagramHandler {
    let process: Process
    var lines: [Instant] = []
    init(_ process: Process) { self.process = process }
    func receive(_ datagram: Datagram) { lines.append(process.simulation.now) }
  }

  /// A task that ticks every 10 ms, and a port that is sent something every 10 ms.
  private func ticker(_ world: World) -> (ticks: Log, datagrams: Log) {
    let process = world.host.start("p")
    let (ticks, datagrams) = (Log(process), Log(process))
    process.bind(1, to: datagrams)
    process.spawn {
      while true {
        try await process.sleep(for: .milliseconds(10))
        ticks.lines.append(world.simulation.now)
      }
    }
    let sender = world.peer.start("sender")
    sender.spawn {
      while true {
        sender.send([1], from: 1, to: Address(host: world.host.id, port: 1))
        try await sender.sleep(for: .milliseconds(10))
      }
    }
    return (ticks, datagrams)
  }

  @Test func `holds a process still, and lets it find afterwards what came meanwhile`() {
    let world = World()
    let (ticks, datagrams) = ticker(world)
    world.run(to: 105)
    let fault = world.begin(.processPause(program: "p"))
    world.run(to: 505)
    #expect(ticks.lines.count == 10)
    #expect(ticks.lines.last.map { $0 <= .start + .milliseconds(105) } == true)
    let before = datagrams.lines.count
    fault.finish()
    world.run(to: 600)
    #expect(datagrams.lines.count > before + 40)
    #expect(ticks.lines[10] == .start + .milliseconds(505))
    #expect(fault.tookEffect)
  }

  @Test func `ends a paused process for good`() {
    let world = World()
    let (ticks, _) = ticker(world)
    world.run(to: 105)
    let fault = world.begin(.processPause(program: "p"))
    world.run(to: 200)
    world.host.process(named: "p")?.end()
    fault.finish()
    world.run(to: 400)
    #expect(ticks.lines.count == 10)
  }

  @Test func `kills a program whenever it is back`() {
    let world = World()
    var starts: [Instant] = []
    world.host.install("q", restartDelay: .milliseconds(30)) { _ in
      starts.append(world.simulation.now)
    }
    let fault = world.begin(.killLoop(program: "q", every: .milliseconds(100)))
    world.run(to: 450)
    fault.finish()
    world.run(to: 1_000)
    #expect(starts.count == 6)
    #expect(fault.evidence == "processes were ended 5 times")
  }

  @Test func `restarts one host after another`() {
    let world = World()
    let fault = ActiveFault(
      Fault(
        id: "f", kind: .rollingRestart(down: .milliseconds(10), every: .milliseconds(50)),
        targets: ["h", "peer"]), in: world.simulation)
    #expect(!world.host.isUp && world.peer.isUp)
    world.run(to: 20)
    #expect(world.host.isUp && world.peer.isUp)
    world.run(to: 55)
    #expect(world.host.isUp && !world.peer.isUp)
    fault.finish()
    #expect(world.peer.isUp)
    #expect(fault.evidence == "2 of 2 hosts were restarted, one after another")
  }

  @Test func `makes CPU work take longer`() {
    func end(_ factor: Int) -> Instant? {
      let world = World()
      let fault = world.begin(.cpuTheft(factor: factor))
      let process = world.host.start("p")
      var end: Instant?
      process.spawn {
        try await process.compute(.milliseconds(10))
        end = world.simulation.now
      }
      world.run(to: 1_000)
      #expect(fault.tookEffect == (factor > 1))
      return end
    }
    #expect(end(1) == .start + .milliseconds(10))
    #expect(end(4) == .start + .milliseconds(40))
  }

  @Test func `ends the greatest process when memory runs out`() {
    let world = World()
    let (small, great) = (world.host.start("small"), world.host.start("great"))
    small.allocate(100 << 20)
    great.allocate(600 << 20)
    #expect(world.host.memory.free == 324 << 20)
    let mild = world.begin(.memoryPressure(0.25))
    #expect(small.isAlive && great.isAlive)
    mild.finish()
    // Memory that nobody missed was not taken from anybody.
    #expect(!mild.tookEffect && mild.evidence == "256 MiB taken, and nobody needed them")
    let harsh = world.begin(.memoryPressure(0.5))
    #expect(small.isAlive && !great.isAlive)
    #expect(harsh.evidence == "512 MiB taken; ended for want of memory: great on h (600 MiB)")
    harsh.finish()
    #expect(world.host.memory.used == 100 << 20)
    #expect(
      world.simulation.trace.events.all(ProcessKilledForMemory.self).map(\.payload.program) == [
        "great"
      ])
  }

  @Test func `makes timers of a drifting host come early or late`() {
    for (drift, expected) in [(100_000, 909_090_910), (-100_000, 1_111_111_112)] {
      let world = World()
      let fault = world.begin(.clock(.drift(partsPerMillion: drift)))
      let process = world.host.start("p")
      var end = Instant.start
      process.spawn {
        try await process.sleep(for: .seconds(1))
        end = world.simulation.now
        #expect(process.now >= .start + .seconds(1))
      }
      world.run(to: 3_000)
      #expect(abs(end.nanoseconds - Int64(expected)) <= 2)
      let shown = process.now
      fault.finish()
      #expect(process.now == shown)
      #expect(fault.tookEffect)
    }
  }

  @Test func `sets a wall clock wrong, and no timer with it`() {
    let world = World()
    let process = world.host.start("p")
    world.run(to: 1_000)
    let fault = world.begin(.clock(.offset(.seconds(-5))))
    #expect(process.date == .start + .seconds(-4))
    #expect(process.now == .start + .seconds(1))
    fault.finish()
    #expect(process.date == .start + .seconds(1))
    let step = world.begin(.clock(.step(.seconds(7))))
    step.finish()
    #expect(process.date == .start + .seconds(8))
    #expect(fault.tookEffect)
  }

  @Test func `repeats a second, or smears it`() {
    let world = World()
    let process = world.host.start("p")
    world.begin(.clock(.leapSecond(smearedOver: nil))).finish()
    #expect(process.date == .start - .seconds(1))
    let smeared = World()
    let other = smeared.host.start("p")
    let fault = smeared.begin(.clock(.leapSecond(smearedOver: .seconds(100))))
    smeared.run(to: 50_000)
    #expect(other.date == .start + .milliseconds(49_500))
    smeared.run(to: 100_000)
    fault.finish()
    smeared.run(to: 200_000)
    #expect(other.date == .start + .seconds(199))
  }

  @Test func `outlasts another of its kind that ends before it`() {
    let world = World()
    let process = world.host.start("p")
    let crash = world.begin(.hostCrash(.areLost))
    let outage = world.begin(.hostCrash(.areLost))
    #expect(crash.tookEffect && !outage.tookEffect)
    crash.finish()
    #expect(!world.host.isUp)
    outage.finish()
    #expect(world.host.isUp && !process.isAlive)

    let usual = world.simulation.network.bandwidth(of: world.host.id)
    let (low, lower) = (
      world.begin(.bandwidth(bytesPerSecond: 5_000)), world.begin(.bandwidth(bytesPerSecond: 1_000))
    )
    low.finish()
    #expect(world.simulation.network.bandwidth(of: world.host.id) == 1_000)
    lower.finish()
    #expect(world.simulation.network.bandwidth(of: world.host.id) == usual)

    let (fast, slow) = (
      world.begin(.clock(.drift(partsPerMillion: 300))),
      world.begin(.clock(.drift(partsPerMillion: -100)))
    )
    fast.finish()
    #expect(world.host.clock.drift == -100_000)
    slow.finish()
    #expect(world.host.clock.drift == 0)

    let (smear, other) = (
      world.begin(.clock(.leapSecond(smearedOver: .milliseconds(500)))),
      world.begin(.clock(.drift(partsPerMillion: -900_000)))
    )
    #expect(world.host.clock.drift == -900_000_000)
    other.finish()
    smear.finish()
    #expect(world.host.clock.drift == 0)
  }
}
