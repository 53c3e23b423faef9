import Simulation
import Testing

@testable import Volume

@Suite struct `A burst of redo` {
  /// A writer that appends what it is told to, and moves the read point with the VDL.
  private final class Writer {
    let world: World
    private(set) var client: VolumeClient?
    private var lsns: [LSN]
    private let random: RandomStream
    private(set) var mostBacklog = 0
    private let process: Process

    init(_ world: World, seed: UInt64, pages: Int = 400) {
      self.world = world
      random = RandomStream(seed: seed)
      lsns = Array(repeating: .zero, count: pages)
      process = world.writerHosts[0].start("db")
      process.spawn { [self, process] in
        do {
          let client = try await VolumeClient.open(
            process: process, geometry: world.geometry, opener: 1)
          client.onDurable = { [unowned client] in client.minimumReadPoint = $0 }
          self.client = client
        } catch { throw ProcessEnded() }
      }
      world.run(for: .seconds(1))
    }

    /// Appends a mini-transaction that changes some bytes of each page.
    @discardableResult
    func append(to pages: Int..., count: Int = 100) -> LSN {
      guard let client else { return .zero }
      var transaction = MiniTransaction()
      let bytes = [UInt8](repeating: 7, count: count)
      for page in pages {
        bytes.withUnsafeBytes {
          transaction.noteWrite($0, at: 64, of: PageNumber(UInt32(page)), lsn: lsns[page])
        }
      }
      let range = client.append(transaction)
      for (index, page) in pages.enumerated() { lsns[page] = range.lowerBound + UInt64(index) }
      mostBacklog = max(mostBacklog, client.flow.backlog)
      return range.upperBound
    }

    /// A page of a group, by lot.
    func page(of group: Int) -> Int {
      while true {
        let page = random.index(below: lsns.count)
        if world.geometry.group(of: PageNumber(UInt32(page))).index == group { return page }
      }
    }

    func anyPage() -> Int { random.index(below: lsns.count) }

    /// Appends until so many bytes are there, waiting for room before each mini-transaction.
    func write(_ bytes: Int) -> Promise<Instant> {
      let done = Promise<Instant>()
      process.spawn { [self, process] in
        guard let client else { return }
        do {
          for _ in 0..<bytes / 300 {
            while client.isCrowded { try await client.waitForRoom(isLarge: true) { _ in } }
            append(to: anyPage() | 1, anyPage() & ~1)
          }
          try await client.waitUntilDurable(client.lastLSN)
          done.fulfil(process.now)
        } catch { throw ProcessEnded() }
      }
      return done
    }

    /// Appends a record now and then and waits for it; tells the longest time that one took.
    func commitNowAndThen(until isOver: @escaping () -> Bool) -> Longest {
      let done = Longest()
      process.spawn { [self, process] in
        guard let client else { return }
        var longest = Interval.zero
        do {
          while !isOver() {
            try await process.sleep(for: .milliseconds(10))
            let start = process.now
            while client.isFull { try await client.waitForRoom(isLarge: false) { _ in } }
            try await client.waitUntilDurable(append(to: anyPage(), count: 8))
            longest = max(longest, process.now - start)
          }
          done.value = longest
        } catch { throw ProcessEnded() }
      }
      return done
    }
  }

  private final class Longest {
    var value: Interval?
  }

  private static func world(groups: Int, seed: UInt64 = 1, journal: Int = 1 << 20) -> World {
    var tuning = StorageTuning()
    tuning.journalSize = journal
    return World(seed: seed, groups: groups, tuning: tuning)
  }

  struct Case: CustomTestStringConvertible {
    let groups: Int
    let isZoneAway: Bool
    var testDescription: String { "\(groups) groups\(isZoneAway ? ", an AZ away" : "")" }
  }

  static let cases = [1, 2, 3, 10].flatMap { groups in
    [false, true].map { Case(groups: groups, isZoneAway: $0) }
  }

  /// Several times what all hot logs hold is appended at one instant, by somebody who does not wait.
  @Test(arguments: cases)
  func `becomes durable though nobody waited while it was appended`(_ c: Case) {
    let world = Self.world(groups: c.groups)
    let writer = Writer(world, seed: 1)
    if c.isZoneAway {
      for node in world.nodes where node.host.zone === world.zones[2] { node.host.crash() }
    }
    let before = world.simulation.network.overflowCount
    for _ in 0..<20_000 { writer.append(to: writer.anyPage() | 1, writer.anyPage() & ~1) }
    let client = writer.client
    world.run(for: .seconds(20))
    let isDurable = client?.volumeDurableLSN == client?.lastLSN
    let backlog = client?.flow.backlog
    let again = world.simulation.meters.total(of: .retransmissions)
    let batches = world.simulation.meters.total(of: .redoBatches)
    let hydrated = world.sum(\.pagesHydrated)
    let dropped = world.simulation.network.overflowCount - before
    #expect(writer.mostBacklog > 5 << 20, "a burst of \(writer.mostBacklog) bytes is none")
    #expect(isDurable)
    #expect(backlog == 0)
    #expect(again < batches * 6, "\(again) batches sent again of \(batches)")
    #expect(dropped == 0, "\(dropped) datagrams of \(batches) batches, \(hydrated) pages copied")
    world.simulation.shutDown()
  }

  /// Hundreds of copies share a node's hot log, which is larger for it: the buffers of all groups together are less than
  /// the writer's share.
  @Test(arguments: [100, 300])
  func `becomes durable however many groups share a node`(groups: Int) {
    let tuning = StorageTuning(copies: groups / 2)
    let world = World(seed: 1, groups: groups, tuning: tuning)
    let writer = Writer(world, seed: 4, pages: groups * 20)
    for _ in 0..<3000 { writer.append(to: writer.anyPage() | 1, writer.anyPage() & ~1) }
    let client = writer.client
    world.run(for: .seconds(20))
    let isDurable = client?.volumeDurableLSN == client?.lastLSN
    let (backlog, share) = (client?.flow.backlog, client?.flow.share ?? 0)
    #expect(writer.mostBacklog > share, "a burst of \(writer.mostBacklog) bytes is none")
    #expect(share >= 250_000 && isDurable && backlog == 0)
    world.simulation.shutDown()
  }

  /// While one group lacks its write quorum, what comes for the others may not fill the hot logs: the group that is
  /// waited for shares its nodes with one of them.
  @Test func `leaves room in the hot logs for the group that all wait for`() {
    let world = Self.world(groups: 4)
    let writer = Writer(world, seed: 2)
    let away = world.geometry.members[1].prefix(3)
    let hosts = world.nodes.map(\.host).filter { host in away.contains { $0.host == host.id } }
    for host in hosts { host.crash() }
    writer.append(to: writer.page(of: 1))
    for _ in 0..<20_000 { writer.append(to: writer.page(of: 3), writer.page(of: 0)) }
    world.run(for: .seconds(5))
    let client = writer.client
    let isStuck = client.map { $0.volumeDurableLSN < $0.lastLSN } ?? false
    let sent = client?.flow.sent ?? 0
    let share = client?.flow.share ?? 0
    for host in hosts { host.boot() }
    world.run(for: .seconds(30))
    let isDurable = client?.volumeDurableLSN == client?.lastLSN
    #expect(isStuck && isDurable)
    #expect(sent > 0 && sent <= share * 3 / 4, "\(sent) bytes sent of \(share)")
    world.simulation.shutDown()
  }

  /// Those who write much wait; those who write little hardly notice.
  @Test(arguments: cases)
  func `goes at the volume's pace if its writer waits for room`(_ c: Case) {
    let world = Self.world(groups: c.groups, journal: 4 << 20)
    let writer = Writer(world, seed: 3)
    if c.isZoneAway {
      for node in world.nodes where node.host.zone === world.zones[2] { node.host.crash() }
    }
    // Every copy tells how large its hot log is.
    writer.append(to: writer.anyPage())
    world.run(for: .seconds(1))
    let bulk = writer.write(20 << 20)
    let longest = writer.commitNowAndThen { bulk.isFulfilled }
    world.run(for: .seconds(60))
    let share = writer.client?.flow.share ?? 0
    let backlog = writer.mostBacklog
    let stranger = longest.value
    let refused = world.sum(\.refusedBatches)
    #expect(bulk.isFulfilled)
    #expect(stranger ?? .seconds(99) < .milliseconds(100), "\(String(describing: stranger))")
    #expect(backlog > share / 16 && backlog < share / 4, "\(backlog) bytes of \(share)")
    #expect(refused == 0)
    world.simulation.shutDown()
  }
}
