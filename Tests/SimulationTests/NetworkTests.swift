import Simulation
import Testing

@Suite struct `A network` {
  private final class World {
    let simulation: Simulation
    let left: Host
    let right: Host

    init(seed: UInt64) {
      simulation = Simulation(seed: seed)
      let region = simulation.addRegion("us-east-1", zones: ["a", "b"])
      left = simulation.addHost("left", in: region.zone("a"), capacity: 2)
      right = simulation.addHost("right", in: region.zone("b"), capacity: 2)
    }
  }

  /// Sends back whatever it receives.
  private final class Echo: ConnectionAcceptor {
    let process: Process
    init(_ process: Process) { self.process = process }
    func accept(_ connection: Connection) {
      process.spawn {
        do {
          while true { connection.send(try await connection.receive()) }
        } catch is ConnectionError {
        }
      }
    }
  }

  private final class Log {
    var lines: [String] = []
  }

  private func connect(_ world: World, _ log: Log) {
    let server = world.right.start("server")
    server.listen(on: 5432, Echo(server))
    let client = world.left.start("client")
    let address = Address(host: world.right.id, port: 5432)
    client.spawn {
      do {
        let connection = try await client.connect(to: address, timeout: .seconds(5))
        for round in 0..<5 {
          connection.send([UInt8(round)])
          let answer = try await connection.receive(until: client.now + .seconds(3))
          log.lines.append("\(answer)")
          try await client.sleep(for: .seconds(1))
        }
      } catch let error as ConnectionError {
        log.lines.append("\(error)")
      }
    }
  }

  @Test func `carries bytes there and back in order`() {
    let world = World(seed: 7)
    let log = Log()
    connect(world, log)
    world.simulation.loop.run(until: .start + .seconds(10))
    #expect(log.lines == ["[0]", "[1]", "[2]", "[3]", "[4]"])
  }

  @Test func `delivers after a short partition what was sent during it`() {
    let world = World(seed: 7)
    let log = Log()
    connect(world, log)
    world.simulation.loop.run(until: .start + .milliseconds(500))
    let partition = world.simulation.network.partition(
      [world.left.id], from: [world.right.id], oneWay: false)
    world.simulation.loop.run(until: .start + .milliseconds(2_200))
    world.simulation.network.heal(partition)
    world.simulation.loop.run(until: .start + .seconds(10))
    #expect(log.lines == ["[0]", "[1]", "[2]", "[3]", "[4]"])
    #expect(partition.disturbedCount > 0)
  }

  @Test func `times the reader out during a long partition`() {
    let world = World(seed: 7)
    let log = Log()
    connect(world, log)
    world.simulation.loop.run(until: .start + .milliseconds(500))
    _ = world.simulation.network.partition([world.left.id], from: [world.right.id], oneWay: true)
    world.simulation.loop.run(until: .start + .seconds(10))
    #expect(log.lines == ["[0]", "timedOut"])
  }

  @Test func `resets connections of a process that dies on a living host`() {
    let world = World(seed: 7)
    let log = Log()
    connect(world, log)
    world.simulation.loop.run(until: .start + .milliseconds(500))
    world.right.process(named: "server")?.end()
    world.simulation.loop.run(until: .start + .seconds(10))
    #expect(log.lines == ["[0]", "reset"])
  }

  @Test func `says nothing when a host dies`() {
    let world = World(seed: 7)
    let log = Log()
    connect(world, log)
    world.simulation.loop.run(until: .start + .milliseconds(500))
    world.right.crash()
    world.simulation.loop.run(until: .start + .seconds(10))
    #expect(log.lines == ["[0]", "timedOut"])
  }

  @Test func `gives the same digest for a seed and another for another`() {
    func digest(_ seed: UInt64) -> String {
      let world = World(seed: seed)
      connect(world, Log())
      world.simulation.loop.run(until: .start + .seconds(10))
      return world.simulation.digest.hexadecimal
    }
    #expect(digest(7) == digest(7))
    #expect(digest(7) != digest(8))
  }
}
