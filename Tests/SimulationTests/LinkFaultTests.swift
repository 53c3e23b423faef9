import Simulation
import Testing

/// What each fault of a link does to datagrams and to a stream, and that none does anything at zero.
@Suite struct `A fault of a link` {
  /// Sends numbered datagrams, and numbered messages on a stream, and notes what comes.
  private final class World: DatagramHandler, ConnectionAcceptor {
    let simulation: Simulation
    let left: Host
    let right: Host
    let server: Process
    var datagrams: [(number: UInt8, at: Instant)] = []
    var damaged = 0
    var stream: [(number: UInt8, at: Instant)] = []
    var clientEnd: ConnectionError?

    init() {
      simulation = Simulation(seed: 11)
      let region = simulation.addRegion("us-east-1", zones: ["a", "b"])
      left = simulation.addHost("left", in: region.zone("a"), capacity: 2)
      right = simulation.addHost("right", in: region.zone("b"), capacity: 2)
      server = right.start("server")
      server.bind(9, to: self)
      server.listen(on: 80, self)
      let client = left.start("client")
      client.spawn { [self] in
        do {
          let connection = try await client.connect(
            to: Address(host: right.id, port: 80), timeout: .seconds(5))
          for number in 0..<200 {
            let message = [UInt8(number), 0xAA, 0xBB]
            client.send(message, from: 8, to: Address(host: right.id, port: 9))
            connection.send(message)
            try await client.sleep(for: .milliseconds(10))
          }
          _ = try await connection.receive()
        } catch let error as ConnectionError {
          clientEnd = error
        }
      }
    }

    func receive(_ datagram: Datagram) {
      if datagram.payload.dropFirst() != [0xAA, 0xBB] { damaged += 1 }
      datagrams.append((datagram.payload[0], server.now))
    }

    func accept(_ connection: Connection) {
      server.spawn { [self] in
        do {
          while true { stream.append((try await connection.receive()[0], server.now)) }
        } catch is ConnectionError {}
      }
    }

    /// Runs with a fault from half a second on, for a second.
    func run(_ kind: Fault.Kind?) -> ActiveFault? {
      simulation.loop.run(until: .start + .milliseconds(500))
      let fault = kind.map {
        ActiveFault(Fault(id: "f", kind: $0, targets: ["left"]), in: simulation)
      }
      simulation.loop.run(until: .start + .milliseconds(1_500))
      fault?.finish()
      simulation.loop.run(until: .start + .seconds(20))
      return fault
    }

    var transcript: String {
      "\(datagrams.map { "\($0.number)@\($0.at)" }) \(stream.map { "\($0.number)@\($0.at)" })"
    }
  }

  private func link(_ fault: LinkFault, oneWay: Bool = false) -> Fault.Kind {
    .link(fault, others: ["right"], oneWay: oneWay)
  }

  /// The run, once it has been checked that the fault acted and that the stream lost nothing.
  private func disturbed(_ kind: Fault.Kind) -> World {
    let world = World()
    let fault = world.run(kind)
    #expect(fault?.tookEffect == true, "\(kind): \(fault?.evidence ?? "")")
    #expect(world.stream.map(\.number) == (0..<200).map { UInt8($0) }, "\(kind)")
    return world
  }

  @Test(arguments: [
    LinkFault.flapping(down: .zero, period: .milliseconds(100)), .lossy(0),
    .delayed(by: .constant(.zero)), .duplicating(0), .reordering(0, by: .seconds(1)),
    .reordering(1, by: .zero), .corrupting(0, escaping: 1),
  ])
  func `of zero intensity changes nothing`(fault: LinkFault) {
    let (calm, faulty) = (World(), World())
    _ = calm.run(nil)
    let active = faulty.run(link(fault))
    #expect(faulty.transcript == calm.transcript)
    #expect(active?.tookEffect == false)
  }

  @Test func `cuts both ways, or one`() {
    for oneWay in [false, true] {
      let world = disturbed(link(.blocked, oneWay: oneWay))
      #expect(world.datagrams.count < 110)
      #expect(world.stream.contains { $0.at > .start + .milliseconds(1_500) })
    }
  }

  @Test func `flaps`() {
    let world = disturbed(link(.flapping(down: .milliseconds(40), period: .milliseconds(100))))
    #expect((155...165).contains(world.datagrams.count))
  }

  @Test func `loses a share of the packets`() {
    let world = disturbed(link(.lossy(0.3)))
    #expect((150...185).contains(world.datagrams.count))
  }

  @Test func `adds latency and jitter`() {
    let calm = World()
    _ = calm.run(nil)
    let world = disturbed(link(.delayed(by: .uniform(.milliseconds(20), .milliseconds(60)))))
    let extra = zip(world.datagrams.sorted { $0.number < $1.number }, calm.datagrams).map {
      $0.0.at - $0.1.at
    }
    let slowed = extra.filter { $0 > .milliseconds(15) }
    #expect(slowed.count == 100)
    #expect(slowed.allSatisfy { $0 >= .milliseconds(19) && $0 <= .milliseconds(61) })
  }

  @Test func `doubles datagrams, and no bytes of a stream`() {
    let world = disturbed(link(.duplicating(0.5)))
    #expect((230...270).contains(world.datagrams.count))
  }

  @Test func `lets datagrams overtake one another, and no bytes of a stream`() {
    let world = disturbed(link(.reordering(0.3, by: .milliseconds(50))))
    let numbers = world.datagrams.map(\.number)
    #expect(numbers.sorted() == (0..<200).map { UInt8($0) })
    #expect(numbers != numbers.sorted())
  }

  @Test func `damages packets, which the transport's checksum finds`() {
    let world = disturbed(link(.corrupting(0.5, escaping: 0)))
    #expect(world.damaged == 0)
    #expect((135...165).contains(world.datagrams.count))
  }

  @Test func `damages datagrams where no transport looks`() {
    let world = disturbed(link(.corrupting(0.5, escaping: 1)))
    #expect(world.datagrams.count == 200)
    #expect((25...65).contains(world.damaged))
  }

  @Test func `holds everything back until it ends`() {
    let world = disturbed(link(.clogged))
    #expect(world.datagrams.count == 200)
    let late = world.datagrams.filter { (50..<150).contains($0.number) }
    #expect(late.allSatisfy { $0.at >= .start + .milliseconds(1_495) })
  }

  @Test func `resets connections and refuses new ones`() {
    let world = World()
    let fault = world.run(.reset(others: ["right"]))
    #expect(fault?.tookEffect == true)
    #expect(world.clientEnd == .reset)
    #expect(world.stream.count < 60)
  }

  @Test func `swizzles some hosts, one after another`() {
    let world = disturbed(.swizzle(others: ["right"], within: .seconds(1)))
    #expect(world.datagrams.count == 200)
  }

  @Test func `limits the bandwidth`() {
    let world = disturbed(.bandwidth(bytesPerSecond: 2_000))
    #expect(world.datagrams.map(\.number).sorted() == (0..<200).map { UInt8($0) })
    // A packet takes 35 ms of the interface, and datagrams and stream take turns.
    let meanwhile = world.datagrams.count {
      $0.at > .start + .milliseconds(510) && $0.at < .start + .milliseconds(1_500)
    }
    #expect((1...29).contains(meanwhile))
  }
}
