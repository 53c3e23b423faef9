import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A cluster under chaos` {
  /// Two minutes in which something breaks every few seconds, and old messages come again, and then peace.
  private final class Chaos {
    let world: World
    let random: RandomStream
    var partitions: [LinkImpairment] = []

    static let end = 140.0

    init(seed: UInt64) {
      var network = NetworkProfile()
      network.crossZone.loss = 0.02
      world = World(seed: seed, network: network)
      random = world.simulation.random("chaos")
    }

    func run() {
      var now = 20.0
      world.run(until: now)
      while now < Self.end {
        breakSomething(at: now)
        now += 1 + 5 * random.unit()
        replayThePast()
        world.run(until: now)
      }
      for partition in partitions { world.simulation.network.heal(partition) }
      for host in world.hosts + [world.serviceHost, world.nameHost] { host.boot() }
      for id in ["w", "r1", "r2"] where world.engine(id).isHanging {
        world.engine(id).process?.end()
      }
      world.run(until: Self.end + 60)
    }

    private func breakSomething(at now: Double) {
      let id = ["w", "r1", "r2"][random.index(below: 3)]
      let length = Interval.seconds(rounding: 0.5 + 15 * random.unit())
      switch random.index(below: 8) {
      case 0, 1: crash(world.host(id), for: length)
      case 2: world.engine(id).process?.end()
      case 3: world.engine(id).isHanging = true
      case 4: world.host(id).process(named: "host-agent")?.end()
      case 5: crash(world.serviceHost, for: length)
      case 6: crash(world.nameHost, for: length)
      default:
        let left = world.simulation.hosts.map(\.id).filter { _ in random.chance(0.4) }
        let right = world.simulation.hosts.map(\.id).filter { !left.contains($0) }
        let partition = world.simulation.network.partition(
          left, from: right, oneWay: random.chance(0.5))
        partitions.append(partition)
        let network = world.simulation.network
        world.simulation.loop.schedule(at: world.simulation.now + length) {
          network.heal(partition)
        }
      }
    }

    private func crash(_ host: Host, for length: Interval) {
      host.crash()
      world.simulation.loop.schedule(at: world.simulation.now + length) { host.boot() }
    }

    /// Commands and heartbeats of some time ago, as a network that doubles and delays may bring them.
    private func replayThePast() {
      guard let topology = world.controlPlane.topology, topology.term > 1 else { return }
      let process = world.client.start("ghost")
      for instance in world.configuration.instances {
        guard let agent = world.host(instance.id).process(named: "host-agent") else { continue }
        let command = Command(
          instance: instance.id, incarnation: UInt32(agent.incarnation),
          term: random.integer(below: topology.term), sequence: random.next() >> 1,
          order: random.chance(0.5) ? .promote : .follow(nil))
        process.send(
          ControlMessage.command(command).encoded(for: "shop"), from: 9,
          to: Address(host: instance.host, port: Ports.hostAgent))
        let heartbeat = Heartbeat(
          instance: instance.id, incarnation: UInt32(agent.incarnation), sequence: 1,
          term: topology.term, role: .writer,
          engine: EngineStatus(state: .available, role: .writer, epoch: 1))
        process.send(
          ControlMessage.heartbeat(heartbeat).encoded(for: "shop"), from: 9,
          to: world.controlPlane.address)
      }
      process.end()
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `comes to rest with one writer that everybody knows`(seed: UInt64) {
    let chaos = Chaos(seed: seed)
    chaos.run()
    let world = chaos.world
    let writers = world.selfStyledWriters
    #expect(writers.count == 1)
    #expect(world.controlPlane.topology?.writer == writers.first)
    #expect(world.controlPlane.topology?.endpoint == writers.first)
    #expect(world.answers.last?.instance == writers.first)
    #expect(world.controlPlane.members.allSatisfy { $0.health == .healthy })
    #expect(world.controlPlane.status == .available)
    #expect(world.denials == 0)
    let readers = world.controlPlane.zone?.readerTargets(world.configuration)
    #expect(readers == ["w", "r1", "r2"].filter { $0 != writers.first })
    // The peace is one: nothing has happened in its second half.
    #expect(world.story(after: Chaos.end + 40) == [])
    // No term was spoken of twice.
    let terms = world.events(PromotionSent.self).map(\.term)
    #expect(zip(terms, terms.dropFirst()).allSatisfy { $0 < $1 }, "\(terms)")
  }
}
