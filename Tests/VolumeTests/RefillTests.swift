import Simulation
import Testing

@testable import Volume

@Suite struct `A disk that comes back blank` {
  /// Six nodes, one group.
  private func world(seed: UInt64, journal: Int, defects: [VolumeDefect] = []) -> World {
    var tuning = StorageTuning()
    tuning.journalSize = journal
    return World(seed: seed, groups: 1, tuning: tuning, defects: defects)
  }

  private func loseDisk(_ node: StorageNode) {
    node.host.crash()
    node.disk.erase()
  }

  private func events(_ kind: (some TracePayload).Type, _ world: World) -> Int {
    world.simulation.trace.events.all(kind).count
  }

  /// From the records, or from pages when the hot logs are so small that the records are gone.
  @Test(arguments: [16 * 1024 * 1024, 128 * 1024])
  func `is filled by its peers before its copy counts again`(journal: Int) {
    let world = world(seed: 11, journal: journal)
    let load = Load(world, seed: 11)
    world.run(for: .seconds(1))
    let node = world.nodes[1]
    loseDisk(node)
    world.run(for: .milliseconds(500))
    node.host.boot()
    let durable = load.durable
    var remembered: [Bool] = []
    for _ in 0..<20_000 {
      world.run(for: .microseconds(100))
      if let segment = node.incarnation?.segments[0], !remembered.contains(true) {
        remembered.append(segment.remembers)
        let isTooEarly = segment.remembers && segment.durableLSN < durable
        #expect(!isTooEarly)
        let source = segment.source(of: PageNumber(0), at: .zero, requiredSCL: .zero)
        let isRefused = source == .refused(.incomplete)
        #expect(isRefused != segment.remembers)
      }
    }
    #expect(remembered.first == false && remembered.last == true)
    load.isOn = false
    world.run(for: .milliseconds(500))
    let isRight = load.everyCopyIsRight()
    let lost = events(StorageDiskLost.self, world)
    let refilled = events(SegmentRefilled.self, world)
    let hydrated = world.sum(\.pagesHydrated)
    #expect(isRight)
    #expect(lost == 1 && refilled == 1)
    #expect((hydrated > 0) == (journal < 1024 * 1024))
    // What the new disk knows is on it: another crash is an ordinary one.
    node.host.crash()
    world.run(for: .milliseconds(10))
    node.host.boot()
    world.run(for: .seconds(2))
    let isRightAgain = load.everyCopyIsRight()
    let lostAgain = events(StorageDiskLost.self, world)
    #expect(isRightAgain && lostAgain == 1)
    world.simulation.shutDown()
  }

  /// Four copies have the last commits. Two of them lose their disks, and the other
  /// two are down when the writer is replaced: those that answer then have never heard of those commits. To
  /// count the blank ones would lose them.
  @Test(arguments: [false, true])
  func `is not counted when the end of the log is looked for`(isTrusted: Bool) {
    let world = world(
      seed: 12, journal: 1024 * 1024, defects: isTrusted ? [.trustsBlankDisks] : [])
    let nodes = world.nodes
    let first = Load(world, seed: 12)
    world.run(for: .milliseconds(300))
    let network = world.simulation.network
    let lagging = [nodes[4].host.id, nodes[5].host.id]
    let others = nodes.map(\.host.id).filter { !lagging.contains($0) }
    let cut = network.partition(
      lagging, from: others + world.writerHosts.map(\.id), oneWay: false)
    let before = first.committed
    world.run(for: .milliseconds(200))
    first.isOn = false
    world.run(for: .milliseconds(50))
    let committed = first.committed
    #expect(committed > before + 100)
    first.process.end()
    nodes[2].host.crash()
    nodes[3].host.crash()
    for node in [nodes[0], nodes[1]] { loseDisk(node) }
    for node in [nodes[0], nodes[1]] { node.host.boot() }
    world.run(for: .seconds(2))
    network.heal(cut)
    let second = Load(world, seed: 13, opener: 2, model: first.model)
    second.isOn = false
    world.run(for: .seconds(3))
    let found = second.client?.volumeDurableLSN
    if isTrusted {
      let isLost = found.map { $0 < first.durable } ?? false
      #expect(isLost, "the defect was not noticed")
    } else {
      #expect(found == nil)
      nodes[2].host.boot()
      nodes[3].host.boot()
      world.run(for: .seconds(3))
      let end = second.client?.volumeDurableLSN ?? .zero
      let isKept = end >= first.durable
      #expect(isKept)
      second.isOn = true
      world.run(for: .seconds(1))
      second.isOn = false
      world.run(for: .seconds(1))
      let isRight = second.everyCopyIsRight()
      #expect(isRight)
    }
    world.simulation.shutDown()
  }

  /// Three copies have acknowledged the last records, and one of their disks is replaced before a fourth
  /// does. So only three have them, and to count the fourth's as the fourth would call them durable.
  @Test func `takes back what it has acknowledged, and is counted again when it is full`() {
    let world = world(seed: 16, journal: 1024 * 1024)
    let (nodes, network) = (world.nodes, world.simulation.network)
    func cutOff(_ nodes: [StorageNode], from others: [Host]) -> LinkImpairment {
      network.partition(nodes.map(\.host.id), from: others.map(\.id), oneWay: false)
    }
    let load = Load(world, seed: 16)
    world.run(for: .milliseconds(300))
    let rest = cutOff(
      [nodes[4], nodes[5]], from: nodes[0..<4].map(\.host) + world.writerHosts)
    let fourth = cutOff([nodes[3]], from: nodes[0..<3].map(\.host) + world.writerHosts)
    world.run(for: .milliseconds(200))
    let durable = load.client?.volumeDurableLSN ?? .zero
    let sent = load.client?.lastLSN ?? .zero
    #expect(durable > .zero && sent > durable)
    let blank = cutOff([nodes[2]], from: [nodes[0], nodes[1], nodes[3]].map(\.host))
    loseDisk(nodes[2])
    nodes[2].host.boot()
    world.run(for: .milliseconds(500))
    network.heal(fourth)
    world.run(for: .milliseconds(500))
    let reached = nodes[3].incarnation?.segments[0].completeLSN ?? .zero
    #expect(reached > durable, "the fourth has caught up")
    #expect(load.client?.volumeDurableLSN == durable)
    network.heal(blank)
    world.run(for: .seconds(1))
    let counted = load.client?.volumeDurableLSN ?? .zero
    #expect(counted >= sent)
    network.heal(rest)
    load.isOn = false
    world.run(for: .seconds(1))
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    world.simulation.shutDown()
  }

  /// In each order of the three events; commits go on before and after.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func `loses no commit with another one and the writer`(seed: UInt64) {
    let world = world(seed: 20 + seed, journal: seed % 2 == 0 ? 128 * 1024 : 1024 * 1024)
    let random = RandomStream(seed: seed)
    let first = Load(world, seed: seed)
    world.run(for: .seconds(1))
    loseDisk(world.nodes[0])
    world.nodes[0].host.boot()
    world.run(for: .milliseconds(Int64(random.index(below: 2000))))
    first.process.end()
    world.run(for: .milliseconds(Int64(random.index(below: 20))))
    loseDisk(world.nodes[4])
    let second = Load(world, seed: seed + 100, opener: 2, model: first.model)
    world.run(for: .milliseconds(Int64(random.index(below: 500))))
    world.nodes[4].host.boot()
    world.run(for: .seconds(4))
    let found = second.client?.recovery.outcome.volumeDurableLSN ?? .zero
    let isKept = found > .zero && found >= first.durable
    #expect(isKept, "\(found) of \(first.durable)")
    second.isOn = false
    world.run(for: .milliseconds(500))
    let isRight = second.everyCopyIsRight()
    let refilled = events(SegmentRefilled.self, world)
    #expect(isRight)
    #expect(refilled == 2)
    world.simulation.shutDown()
  }

  /// A zone and one more node burn down, the writer with them. The other three remember.
  @Test func `lets a volume be opened again when three of six are blank`() {
    let world = world(seed: 14, journal: 1024 * 1024)
    let first = Load(world, seed: 14)
    world.run(for: .seconds(1))
    let burnt = [world.nodes[0], world.nodes[2], world.nodes[5]]
    for node in burnt { loseDisk(node) }
    first.process.end()
    let second = Load(world, seed: 15, opener: 2, model: first.model)
    world.run(for: .seconds(2))
    let isOpenTooEarly = second.client != nil
    #expect(!isOpenTooEarly)
    for node in burnt { node.host.boot() }
    world.run(for: .seconds(4))
    second.isOn = false
    world.run(for: .milliseconds(500))
    let found = second.client?.recovery.outcome.volumeDurableLSN ?? .zero
    let isKept = found >= first.durable
    let isRight = second.everyCopyIsRight()
    #expect(isKept)
    #expect(isRight)
    world.simulation.shutDown()
  }
}

@Suite struct `A copy that is being refilled` {
  private let epoch = VolumeEpoch(number: 3, opener: 1)

  @Test func `remembers again once it knows its promise, has a target and has reached it`() {
    var chain = Chain()
    chain.grow(RandomStream(seed: 1), transactions: 5)
    var segment = Segment(group: 0, of: 1)
    segment.forget()
    #expect(!segment.remembers && segment.asksForTarget)
    _ = segment.adopt(TruncationHistory(epoch: epoch))
    segment.aim(at: chain.records[3].lsn)
    _ = segment.take(chain.batch(0..<5, epoch: epoch))
    segment.noteDurable(through: chain.records[2].lsn)
    var isOver: [Bool] = []
    for member in [1, 1, 4, 5] {
      _ = segment.hear(promise: epoch, from: member)
      isOver.append(segment.endRefill(.aurora))
    }
    #expect(segment.knowsPromise(by: .aurora))
    segment.noteDurable(through: chain.records[3].lsn)
    isOver.append(segment.endRefill(.aurora))
    isOver.append(segment.endRefill(.aurora))
    #expect(isOver == [false, false, false, false, true, false])
    #expect(segment.remembers)
  }

  @Test func `learns the newest promise, and waits for its writer`() {
    var segment = Segment(group: 0, of: 1)
    segment.forget()
    _ = segment.adopt(TruncationHistory(epoch: epoch))
    segment.aim(at: .zero)
    let newer = VolumeEpoch(number: 4, opener: 2)
    let news = [1, 2, 3].map { segment.hear(promise: $0 == 2 ? newer : epoch, from: $0) }
    #expect(news == [false, true, false])
    #expect(segment.promised == newer)
    let isOverTooEarly = segment.endRefill(.aurora)
    #expect(!isOverTooEarly, "the writer that told the target is fenced")
    _ = segment.adopt(TruncationHistory(epoch: newer))
    #expect(segment.asksForTarget, "another writer's target")
    segment.aim(at: .zero)
    let isOver = segment.endRefill(.aurora)
    #expect(isOver)
  }
}
