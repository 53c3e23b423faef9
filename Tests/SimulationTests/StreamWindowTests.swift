import Simulation
import Testing

/// What a stream does when its reader does not keep up.
@Suite struct `A stream's window` {
  private final class Pair {
    let simulation: Simulation
    let sender: Process
    let receiver: Process
    private(set) var out: Connection?
    private(set) var into: Connection?
    private var acceptor: Acceptor?

    private final class Acceptor: ConnectionAcceptor {
      var connection: Connection?
      func accept(_ connection: Connection) { self.connection = connection }
    }

    init(seed: UInt64 = 7) {
      simulation = Simulation(seed: seed)
      let region = simulation.addRegion("us-east-1", zones: ["a", "b"])
      sender = simulation.addHost("left", in: region.zone("a"), capacity: 2).start("sender")
      receiver = simulation.addHost("right", in: region.zone("b"), capacity: 2).start("receiver")
      let acceptor = Acceptor()
      receiver.listen(on: 80, acceptor)
      sender.spawn { [self] in
        do {
          out = try await sender.connect(
            to: Address(host: receiver.host.id, port: 80), timeout: .seconds(1))
        } catch is ConnectionError {}
      }
      run(.milliseconds(10))
      into = acceptor.connection
    }

    func run(_ interval: Interval) { simulation.loop.run(until: simulation.now + interval) }

    /// Reads until there is an end.
    func read(into log: Log, every pause: Interval = .zero) {
      guard let into else { return }
      receiver.spawn { [self] in
        do {
          while true {
            log.bytes += try await into.receive()
            if pause > .zero { try await receiver.sleep(for: pause) }
          }
        } catch is ConnectionError {
          log.isOver = true
        }
      }
    }
  }

  private final class Log {
    var bytes: [UInt8] = []
    var isOver = false
    var mostQueued = 0
    var isWritten = false
  }

  private static func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  @Test func `keeps at the sender what the reader has not read`() throws {
    let pair = Pair()
    let out = try #require(pair.out)
    let bytes = Self.pattern(1_000_000)
    for start in stride(from: 0, to: bytes.count, by: 1000) {
      out.send(Array(bytes[start..<start + 1000]))
    }
    pair.run(.seconds(5))
    let queued = out.queuedBytes
    // What is not here is in the window: 64 KiB in pieces of 1000 bytes.
    #expect(queued == 1_000_000 - 65_000)
    let log = Log()
    pair.read(into: log)
    pair.run(.seconds(5))
    out.close()
    pair.run(.seconds(1))
    #expect(log.bytes == bytes)
    #expect(log.isOver)
    #expect(out.queuedBytes == 0)
  }

  @Test func `lets a writer wait, so that what is queued stays bounded`() throws {
    let pair = Pair()
    let out = try #require(pair.out)
    let log = Log()
    let piece = Self.pattern(50_000)
    pair.sender.spawn {
      for _ in 0..<100 {
        out.send(piece)
        log.mostQueued = max(log.mostQueued, out.queuedBytes)
        while out.isCongested { try await out.waitForRoom() }
      }
      log.isWritten = true
    }
    pair.run(.seconds(5))
    #expect(!log.isWritten)
    pair.read(into: log, every: .milliseconds(1))
    pair.run(.seconds(20))
    #expect(log.isWritten)
    #expect(log.bytes.count == 5_000_000)
    #expect(log.mostQueued <= 212_992 + 50_000)
  }

  @Test(arguments: [false, true])
  func `is filled with what was sent before goodbye, though the process has ended`(
    losesPower: Bool
  ) throws {
    let pair = Pair()
    let out = try #require(pair.out)
    let bytes = Self.pattern(300_000)
    for start in stride(from: 0, to: bytes.count, by: 1000) {
      out.send(Array(bytes[start..<start + 1000]))
    }
    out.close()
    pair.sender.end()
    pair.run(.seconds(5))
    if losesPower { pair.sender.host.crash() }
    let log = Log()
    pair.read(into: log, every: .milliseconds(1))
    pair.run(.seconds(30))
    #expect(log.isOver == !losesPower)
    #expect(log.bytes == (losesPower ? Array(bytes[..<65_000]) : bytes))
  }

  @Test func `is not waited for beyond the transport's patience`() throws {
    let pair = Pair()
    let out = try #require(pair.out)
    for _ in 0..<300 { out.send(Self.pattern(1000)) }
    pair.run(.seconds(1))
    pair.receiver.host.crash()
    pair.run(.seconds(900))
    #expect(out.isOpen)
    pair.run(.seconds(200))
    #expect(!out.isOpen)
  }

  @Test func `takes a piece that is larger than itself`() throws {
    let pair = Pair()
    let out = try #require(pair.out)
    let log = Log()
    let piece = Self.pattern(700_000)
    out.send(piece)
    out.send(piece)
    pair.run(.seconds(1))
    #expect(out.queuedBytes == 700_000)
    pair.read(into: log)
    pair.run(.seconds(1))
    #expect(log.bytes == piece + piece)
  }

  /// The message that there is room is lost in a partition; the sender asks by itself.
  @Test func `opens again though the message about it is lost`() throws {
    let pair = Pair()
    let out = try #require(pair.out)
    let log = Log()
    let bytes = Self.pattern(300_000)
    for start in stride(from: 0, to: bytes.count, by: 1000) {
      out.send(Array(bytes[start..<start + 1000]))
    }
    pair.run(.seconds(1))
    let network = pair.simulation.network
    let cut = network.partition(
      [pair.sender.host.id], from: [pair.receiver.host.id], oneWay: false)
    pair.read(into: log)
    pair.run(.seconds(2))
    let read = log.bytes.count
    network.heal(cut)
    pair.run(.seconds(10))
    #expect(read == 65_000)
    #expect(log.bytes == bytes)
  }

  @Test func `ends the wait of a writer whose reader goes`() throws {
    let pair = Pair()
    let out = try #require(pair.out)
    let log = Log()
    pair.sender.spawn {
      out.send(Self.pattern(100_000))
      out.send(Self.pattern(400_000))
      while out.isCongested { try await out.waitForRoom() }
      log.isWritten = true
    }
    pair.run(.seconds(1))
    #expect(!log.isWritten)
    pair.receiver.end()
    pair.run(.seconds(1))
    #expect(log.isWritten)
    #expect(!out.isOpen)
    #expect(out.queuedBytes == 0)
  }

  /// Two that speak in turns never meet the window, and pay nothing for it.
  @Test func `costs small traffic no event`() throws {
    let pair = Pair()
    let (out, into) = (try #require(pair.out), try #require(pair.into))
    let before = pair.simulation.meters.total(of: .packetsSent)
    pair.receiver.spawn {
      do {
        while true { into.send(try await into.receive()) }
      } catch is ConnectionError {}
    }
    pair.sender.spawn {
      do {
        for _ in 0..<1000 {
          out.send(Self.pattern(500))
          _ = try await out.receive()
        }
      } catch is ConnectionError {}
    }
    pair.run(.seconds(10))
    #expect(pair.simulation.meters.total(of: .packetsSent) - before == 2000)
  }
}
