import Simulation
import Statistics
import Testing

/// What hosts send through an interface that is too slow for all of it.
@Suite struct `A saturated interface` {
  private static let bandwidth: Int64 = 10_000_000

  /// Counts what arrives, by the port that it was sent from.
  private final class Sink: DatagramHandler {
    var bytes: [UInt16: Int] = [:]
    var arrivals: [(port: UInt16, at: Instant)] = []
    let process: Process
    init(_ process: Process) { self.process = process }
    func receive(_ datagram: Datagram) {
      bytes[datagram.source.port, default: 0] += datagram.payload.count + 66
      arrivals.append((datagram.source.port, process.now))
    }
  }

  private struct Flow {
    let port: UInt16
    /// Of each packet, in bytes.
    let size: Int
    /// Between two packets.
    let gap: Interval
  }

  private func run(_ flows: [Flow], for length: Interval) -> (sink: Sink, network: Network) {
    let simulation = Simulation(seed: 1)
    let source = simulation.addHost("source", in: nil, capacity: 4, bandwidth: Self.bandwidth)
    let target = simulation.addHost("target", in: nil, capacity: 4)
    let process = source.start("sender")
    let receiver = target.start("receiver")
    let sink = Sink(receiver)
    receiver.bind(9, to: sink)
    for flow in flows {
      process.spawn {
        while process.now < .start + length {
          process.send(
            [UInt8](repeating: 1, count: flow.size), from: flow.port,
            to: Address(host: target.id, port: 9))
          try await process.sleep(for: flow.gap)
        }
      }
    }
    simulation.loop.run(until: .start + length)
    return (sink, simulation.network)
  }

  @Test func `gives flows that want more the same share each`() throws {
    // Four flows ask for the double of the interface each, in packets of very different sizes.
    let flows = [100, 400, 1_400, 8_000].enumerated().map { number, size in
      Flow(
        port: UInt16(number), size: size,
        gap: .nanoseconds(Int64(size) * 1_000_000_000 / (2 * Self.bandwidth)))
    }
    let (sink, network) = run(flows, for: .seconds(10))
    let total = sink.bytes.values.reduce(0, +)
    // Nothing of the interface's time is wasted.
    #expect(Double(total) > 0.98 * 10 * Double(Self.bandwidth))
    for flow in flows {
      let share = Double(sink.bytes[flow.port] ?? 0) / Double(total)
      #expect(abs(share - 0.25) < 0.01, "packets of \(flow.size) bytes got \(share)")
    }
    #expect(network.overflowCount > 0)
  }

  @Test func `spares a flow that wants less than its share`() {
    let greedy = Flow(port: 1, size: 1_400, gap: .microseconds(50))
    let modest = Flow(port: 2, size: 200, gap: .milliseconds(10))
    let (sink, _) = run([greedy, modest], for: .seconds(5))
    // All of the modest flow's packets came, none later than a few turns' time.
    #expect(sink.arrivals.count { $0.port == 2 } >= 498)
    let alone = run([modest], for: .seconds(5)).sink
    let delayed = zip(
      sink.arrivals.filter { $0.port == 2 }.map(\.at), alone.arrivals.map(\.at)
    ).map { $0.0 - $0.1 }
    #expect(delayed.sorted()[delayed.count / 2] < .milliseconds(1))
  }

  @Test func `keeps the order of a stream`() {
    let simulation = Simulation(seed: 2)
    let source = simulation.addHost("source", in: nil, capacity: 4, bandwidth: 1_000_000)
    let target = simulation.addHost("target", in: nil, capacity: 4)
    let server = target.start("server")
    let acceptor = Collector(server)
    server.listen(on: 80, acceptor)
    let client = source.start("client")
    client.spawn {
      do {
        let connection = try await client.connect(
          to: Address(host: target.id, port: 80), timeout: .seconds(1))
        for number in 0..<100 {
          connection.send([UInt8](repeating: UInt8(number), count: 10_000))
        }
      } catch is ConnectionError {}
    }
    simulation.loop.run(until: .start + .seconds(3))
    #expect(acceptor.firstBytes == (0..<100).map { UInt8($0) })
  }

  private final class Collector: ConnectionAcceptor {
    let process: Process
    var firstBytes: [UInt8] = []
    init(_ process: Process) { self.process = process }
    func accept(_ connection: Connection) {
      process.spawn { [self] in
        do {
          while true { firstBytes.append(try await connection.receive()[0]) }
        } catch is ConnectionError {}
      }
    }
  }
}
