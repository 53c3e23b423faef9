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

    /// What asks for so many times what the slow interface gives.
    static func asking(for times: Double, port: Int, size: Int) -> Flow {
      let gap = Double(size) * 1e9 / (times * Double(bandwidth))
      return Flow(port: UInt16(port), size: size, gap: .nanoseconds(Int64(gap)))
    }
  }

  /// Sends to one host: all flows from one host whose interface is slow, or each from a host of its own to one
  /// whose interface is.
  private func run(
    _ flows: [Flow], toSlowInterface isSlowToReceive: Bool = false, for length: Interval
  ) -> (sink: Sink, network: Network) {
    let simulation = Simulation(seed: 1)
    let target = simulation.addHost(
      "target", in: nil, capacity: 4, bandwidth: isSlowToReceive ? Self.bandwidth : nil)
    let receiver = target.start("receiver")
    let sink = Sink(receiver)
    receiver.bind(9, to: sink)
    let senders = (0..<(isSlowToReceive ? flows.count : 1)).map {
      simulation.addHost(
        "source \($0)", in: nil, capacity: 4, bandwidth: isSlowToReceive ? nil : Self.bandwidth
      ).start("sender")
    }
    for (index, flow) in flows.enumerated() {
      let process = senders[index % senders.count]
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
      Flow.asking(for: 2, port: number, size: size)
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

  @Test func `receives no more than it can, in the shares in which it comes`() {
    let flows = [1.0, 1, 2].enumerated().map { number, times in
      Flow.asking(for: times, port: number, size: 1_400)
    }
    let (sink, network) = run(flows, toSlowInterface: true, for: .seconds(10))
    let total = sink.bytes.values.reduce(0, +)
    #expect(Double(total) > 0.98 * 10 * Double(Self.bandwidth))
    #expect(Double(total) <= 10 * Double(Self.bandwidth))
    for (flow, share) in zip(flows, [0.25, 0.25, 0.5]) {
      let received = Double(sink.bytes[flow.port] ?? 0) / Double(total)
      #expect(abs(received - share) < 0.02, "flow \(flow.port) got \(received)")
    }
    #expect(network.overflowCount > 0)
  }

  @Test func `keeps what comes at once until it has received it`() {
    // Eight hosts send 100,000 bytes each at one instant: all of it comes, and takes its time.
    let flows = (0..<8).map { Flow(port: $0, size: 100_000, gap: .seconds(100)) }
    let (sink, network) = run(flows, toSlowInterface: true, for: .seconds(2))
    #expect(network.overflowCount == 0)
    #expect(sink.arrivals.count == 8)
    let wire = Interval.nanoseconds(100_066 * 1_000_000_000 / Self.bandwidth)
    let gaps = zip(sink.arrivals.dropFirst(), sink.arrivals).map { $0.0.at - $0.1.at }
    #expect(gaps.allSatisfy { abs(($0 - wire).nanoseconds) <= 1 }, "\(gaps)")
    #expect(sink.arrivals[0].at > .start + wire)
  }

  @Test func `delays nothing that comes to it idle, or while it sends`() {
    func arrivals(bandwidth: Int64?, isSending: Bool) -> [Instant] {
      let simulation = Simulation(seed: 4)
      let hosts = ["source", "target", "third"].map {
        simulation.addHost($0, in: nil, capacity: 1, bandwidth: $0 == "target" ? bandwidth : nil)
      }
      let (sender, receiver) = (hosts[0].start("sender"), hosts[1].start("receiver"))
      let sink = Sink(receiver)
      receiver.bind(9, to: sink)
      sender.spawn {
        for _ in 0..<100 {
          sender.send(
            [UInt8](repeating: 1, count: 9_000), from: 1, to: Address(host: hosts[1].id, port: 9))
          try await sender.sleep(for: .milliseconds(2))
        }
      }
      if isSending {
        receiver.spawn {
          while true {
            receiver.send(
              [UInt8](repeating: 1, count: 9_000), from: 2, to: Address(host: hosts[2].id, port: 9))
            try await receiver.sleep(for: .microseconds(5))
          }
        }
      }
      simulation.loop.run(until: .start + .milliseconds(500))
      return sink.arrivals.map(\.at)
    }
    let alone = arrivals(bandwidth: nil, isSending: false)
    #expect(alone.count == 100)
    #expect(arrivals(bandwidth: 125_000_000_000, isSending: false) == alone)
    #expect(arrivals(bandwidth: nil, isSending: true) == alone)
    #expect(arrivals(bandwidth: 12_500_000, isSending: false) != alone)
  }

  /// One datagram of 99,934 bytes takes 10 ms at 10 MB/s, with its headers.
  private static let datagram = 99_934

  @Test(arguments: [false, true])
  func `sends and receives what is queued at its present bandwidth`(isSlowToReceive: Bool) {
    func ends(limitedUntil end: Int64?) -> [Interval] {
      let simulation = Simulation(seed: 3)
      let (source, target) = (
        simulation.addHost("source", in: nil, capacity: 1, bandwidth: 10 * Self.bandwidth),
        simulation.addHost("target", in: nil, capacity: 1, bandwidth: 10 * Self.bandwidth)
      )
      let receiver = target.start("receiver")
      let sink = Sink(receiver)
      receiver.bind(9, to: sink)
      let limit = ActiveFault(
        Fault(
          id: "f", kind: .bandwidth(bytesPerSecond: Self.bandwidth / 10),
          targets: [isSlowToReceive ? "target" : "source"]), in: simulation)
      let sender = source.start("sender")
      for port in 1...4 {
        sender.send(
          [UInt8](repeating: 1, count: Self.datagram), from: UInt16(port),
          to: Address(host: target.id, port: 9))
      }
      if let end {
        simulation.loop.run(until: .start + .milliseconds(end))
        limit.finish()
      }
      simulation.loop.run(until: .start + .seconds(10))
      return sink.arrivals.map(\.at.sinceStart)
    }
    // A tenth of a tenth: 100 ms for each, and 1 ms without the limit.
    let limited = ends(limitedUntil: nil)
    #expect(limited.count == 4)
    #expect((390...420).contains(limited[3].milliseconds), "\(limited)")
    // After 50 ms half of the first is through; the other half takes 0.5 ms, and the other three 1 ms each.
    let lifted = ends(limitedUntil: 50)
    #expect(lifted.count == 4)
    #expect(lifted.allSatisfy { (50...56).contains($0.milliseconds) }, "\(lifted)")
    #expect(zip(lifted, lifted.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test func `keeps the order of a stream when its bandwidth changes`() {
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
    for step in 0..<40 {
      let limit = ActiveFault(
        Fault(id: "f\(step)", kind: .bandwidth(bytesPerSecond: 50_000), targets: ["source"]),
        in: simulation)
      simulation.loop.run(until: .start + .milliseconds(Int64(step) * 100 + 37))
      limit.finish()
      simulation.loop.run(until: .start + .milliseconds(Int64(step) * 100 + 100))
    }
    #expect(acceptor.firstBytes == (0..<100).map { UInt8($0) })
  }

  @Test(arguments: [true, false])
  func `keeps the order of a stream`(isSlowToReceive: Bool) {
    let simulation = Simulation(seed: 2)
    let source = simulation.addHost(
      "source", in: nil, capacity: 4, bandwidth: isSlowToReceive ? nil : 1_000_000)
    let target = simulation.addHost(
      "target", in: nil, capacity: 4, bandwidth: isSlowToReceive ? 1_000_000 : nil)
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
