import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A DNS message` {
  private var response: DNSMessage {
    var message = DNSMessage(id: 513, isResponse: true, question: "shop.cluster-x.here.test")
    message.answers = [
      .init(name: "shop.cluster-x.here.test", lifetime: 5, value: .alias("w.x.here.test")),
      .init(name: "w.x.here.test", lifetime: 4, value: .address(HostID(index: 258))),
    ]
    return message
  }

  @Test func `comes out as it went in`() {
    let query = DNSMessage(id: 7, isResponse: false, question: "w.x.here.test")
    #expect(DNSMessage(decoding: query.encoded()) == query)
    #expect(DNSMessage(decoding: response.encoded()) == response)
    var refusal = DNSMessage(id: 7, isResponse: true, question: "nobody")
    refusal.code = .nameError
    #expect(DNSMessage(decoding: refusal.encoded()) == refusal)
  }

  @Test func `is laid out as RFC 1035 says`() {
    let query = DNSMessage(id: 0x1234, isResponse: false, question: "ab.c")
    #expect(
      query.encoded() == [
        0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0,
        2, 0x61, 0x62, 1, 0x63, 0, 0, 1, 0, 1,
      ])
    let bytes = response.encoded()
    #expect(Array(bytes.suffix(14)) == [0, 1, 0, 1, 0, 0, 0, 4, 0, 4, 10, 0, 1, 2])
  }

  @Test func `that is cut short, or goes on, is none`() {
    let bytes = response.encoded()
    for count in 0..<bytes.count { #expect(DNSMessage(decoding: Array(bytes[..<count])) == nil) }
    #expect(DNSMessage(decoding: bytes + [0]) == nil)
  }
}

@Suite struct `A resolver` {
  private final class Log {
    var lines: [String] = []
  }

  /// Resolves `name` at each of some instants, in seconds, and logs when it got what.
  private func look(
    up name: String, at instants: [Double], in world: World,
    _ settings: Resolver.Settings = Resolver.Settings()
  ) -> Log {
    let log = Log()
    let process = world.client.start("probe")
    let resolver = Resolver(
      process: process, servers: [world.nameServer], settings: settings)
    process.spawn {
      for instant in instants {
        try await process.sleep(until: .start + .seconds(rounding: instant))
        do {
          let answer = try await resolver.resolve(name)
          let instance = world.configuration.names.instance(named: answer.canonicalName)
          let left = answer.remainingLifetime(at: process.now).seconds
          log.lines.append("\(instance ?? "?") for \(Int(left.rounded()))s")
        } catch let error as ResolutionError {
          let asked = (process.now.sinceStart.seconds - instant).rounded()
          log.lines.append("\(error) after \(Int(asked))s")
        }
      }
    }
    return log
  }

  @Test func `keeps an answer for its lifetime, and rotates the reader endpoint between lifetimes`()
  {
    let world = World()
    world.run(until: 10)
    let log = look(
      up: world.configuration.names.reader, at: [10, 11, 14, 15.5, 16, 21, 26.5], in: world)
    world.run(until: 40)
    #expect(
      log.lines == [
        "r1 for 5s", "r1 for 4s", "r1 for 1s", "r2 for 5s", "r2 for 5s", "r1 for 5s", "r2 for 5s",
      ])
  }

  @Test func `keeps it longer if its settings say so`() {
    let world = World()
    world.run(until: 10)
    var settings = Resolver.Settings()
    settings.lifetime = .seconds(30)
    let log = look(up: world.configuration.names.reader, at: [10, 39, 41], in: world, settings)
    world.run(until: 50)
    #expect(log.lines == ["r1 for 30s", "r1 for 1s", "r2 for 30s"])
  }

  @Test func `asks again sooner if its settings say so`() {
    let world = World()
    world.run(until: 10)
    var settings = Resolver.Settings()
    settings.lifetime = .seconds(1)
    let log = look(up: world.configuration.names.reader, at: [10, 10.5, 11.5, 13], in: world, settings)
    world.run(until: 50)
    #expect(log.lines.map { $0.prefix(2) } == ["r1", "r1", "r2", "r1"])
  }

  @Test func `gives up after its attempts, and finds nothing under a wrong name`() {
    let world = World()
    world.run(until: 10)
    let wrong = look(up: "nobody.example.com", at: [10], in: world)
    world.run(until: 11)
    #expect(wrong.lines == ["noSuchName after 0s"])
    world.nameHost.crash()
    let log = look(up: world.configuration.names.writer, at: [11], in: world)
    world.run(until: 20)
    #expect(log.lines == ["timedOut after 4s"])
  }

  @Test func `asks again until an answer gets through`() {
    var network = NetworkProfile()
    network.crossZone.loss = 0.3
    var failures = 0
    for seed in 0..<60 as Range<UInt64> {
      let world = World(seed: seed, network: network)
      world.run(until: 30)
      let log = look(up: world.configuration.names.writer, at: [30], in: world)
      world.run(until: 40)
      if log.lines.contains(where: { $0.hasPrefix("timedOut") }) { failures += 1 }
    }
    #expect(failures <= 9, "of four attempts one gets through 93 times in 100")
  }

  @Test func `is told to wait by a name server that has just started`() {
    let world = World()
    world.run(until: 10)
    world.serviceHost.crash()
    world.nameHost.process(named: "name-server")?.end()
    world.run(until: 12)
    let log = look(up: world.configuration.names.writer, at: [12], in: world)
    world.run(until: 20)
    #expect(log.lines == ["serverFailure after 3s"])
    world.serviceHost.boot()
    world.run(until: 30)
    let later = look(up: world.configuration.names.writer, at: [30], in: world)
    world.run(until: 40)
    #expect(later.lines == ["w for 5s"])
  }

  @Test func `finds the writer under the reader endpoint when there is no reader`() {
    let world = World([World.Instance(id: "w", zone: "a")])
    let log = look(up: world.configuration.names.reader, at: [10], in: world)
    world.run(until: 20)
    #expect(log.lines == ["w for 5s"])
  }
}

@Suite struct `The names of a cluster` {
  @Test func `are those that drivers expect`() {
    let names = EndpointNames(cluster: "shop", account: "c7borealis42", region: "us-east-1")
    #expect(names.writer == "shop.cluster-c7borealis42.us-east-1.rds.amazonaws.com")
    #expect(names.reader == "shop.cluster-ro-c7borealis42.us-east-1.rds.amazonaws.com")
    #expect(names.instance("r1") == "r1.c7borealis42.us-east-1.rds.amazonaws.com")
    #expect(names.instance(named: names.instance("r1")) == "r1")
    #expect(names.instance(named: names.writer) == nil)
    #expect(names.instance(named: "r1.example.com") == nil)
  }
}
