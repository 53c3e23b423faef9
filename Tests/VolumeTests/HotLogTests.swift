import Simulation
import Testing

@testable import Volume

@Suite struct `The hot logs of a volume` {
  private func world(seed: UInt64, loss: Double = 0) -> World {
    var tuning = StorageTuning()
    tuning.journalSize = 128 * 1024
    return World(seed: seed, loss: loss, tuning: tuning)
  }

  /// Two copies of each group are gone while the other four write several times what a hot log holds.
  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func `let writes go on while a zone is away, and fill its copies when it is back`(seed: UInt64) {
    let world = world(seed: seed)
    let load = Load(world, seed: seed)
    let away = world.nodes.filter { $0.host.zone === world.zones[2] }
    world.run(for: .milliseconds(300))
    for node in away { node.host.crash() }
    var rates: [Int] = []
    for _ in 0..<3 {
      let before = load.committed
      world.run(for: .seconds(1))
      rates.append(load.committed - before)
    }
    #expect(rates.min() ?? 0 > 950, "\(rates) commits a second of 1,000")
    for node in away { node.host.boot() }
    world.run(for: .seconds(1))
    load.isOn = false
    world.run(for: .milliseconds(500))
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    let hydrated = world.sum(\.pagesHydrated)
    let refused = world.sum(\.refusedBatches)
    let damaged = world.sum(\.damagedImages)
    #expect(hydrated > 0)
    #expect(refused == 0)
    #expect(damaged == 0)
    for node in world.nodes where node.host.zone !== world.zones[2] {
      let written = node.meters.bytesLogged.total
      let room = node.tuning.journalSize
      #expect(written > 2 * room)
    }
    world.simulation.shutDown()
  }

  /// One node hears the writer but not its peers, so that a hole stays open while its hot log fills
  /// with what lies behind it.
  @Test(arguments: [100, 400, 1600])
  func `have room to fill a hole, however much has come behind it`(milliseconds: Int64) {
    let world = world(seed: 5)
    let load = Load(world, seed: 5)
    let lonely = world.nodes[2].host
    let peers = world.nodes.map(\.host.id).filter { $0 != lonely.id }
    world.run(for: .milliseconds(300))
    let network = world.simulation.network
    let alone = network.partition([lonely.id], from: peers, oneWay: false)
    let deaf = network.partition(world.writerHosts.map(\.id), from: [lonely.id], oneWay: false)
    world.run(for: .milliseconds(20))
    network.heal(deaf)
    world.run(for: .milliseconds(milliseconds))
    let hasHole = world.nodes[2].incarnation?.segments[0].hasHole
    #expect(hasHole == true)
    load.isOn = false
    world.run(for: .milliseconds(100))
    network.heal(alone)
    world.run(for: .seconds(1))
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    let forgotten = world.sum(\.forgottenPieces)
    #expect((forgotten > 0) == (milliseconds >= 400))
    world.simulation.shutDown()
  }

  /// Pages may not be made while an old read is under way, so the hot logs fill and writes stop; when it
  /// is over, the copies must hear of it although they take no records.
  @Test func `have room again when a read point that was held back moves`() {
    let world = world(seed: 6)
    let load = Load(world, seed: 6)
    world.run(for: .milliseconds(200))
    load.holdsReadPoint = true
    world.run(for: .seconds(2))
    let stopped = load.committed
    world.run(for: .milliseconds(500))
    let committed = load.committed
    let refused = world.sum(\.refusedBatches)
    #expect(committed == stopped)
    #expect(refused > 0)
    load.isOn = false
    load.holdsReadPoint = false
    if let client = load.client { client.minimumReadPoint = client.volumeDurableLSN }
    world.run(for: .seconds(3))
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    world.simulation.shutDown()
  }

  /// A third group shares its nodes with the first. The writer dies when it has filled what it may and much was
  /// lost on the way, and a zone with it: the copies that are left must complete one another although nothing
  /// can be collected, since the read point is held back and nobody is there to move it.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `let another writer open the volume though the last one has filled them`(seed: UInt64) {
    var tuning = StorageTuning()
    tuning.journalSize = 128 * 1024
    let world = World(seed: seed, groups: 3, loss: 0.2, tuning: tuning)
    let load = Load(world, seed: seed)
    world.run(for: .milliseconds(200))
    load.holdsReadPoint = true
    world.run(for: .seconds(3))
    let refused = world.sum(\.refusedBatches)
    #expect(refused > 0)
    for host in world.writerHosts.prefix(1) + world.nodes.map(\.host)
    where host.zone === world.zones[0] { host.crash() }
    let next = Load(world, seed: seed, opener: 2, model: load.model)
    world.run(for: .seconds(5))
    let isOpen = next.client != nil
    let isKept = next.durable >= load.durable
    #expect(isOpen && isKept)
    let isFull = world.nodes.contains {
      $0.incarnation.map { $0.journal.used > $0.writersShare } ?? false
    }
    #expect(isFull)
    world.simulation.shutDown()
  }

  @Test func `are fed by the writer alone when nothing is lost`() {
    let world = world(seed: 3)
    let load = Load(world, seed: 3)
    world.run(for: .seconds(1))
    load.isOn = false
    world.run(for: .milliseconds(500))
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    let gossiped = world.sum(\.gossipRecords)
    let repeated = world.sum(\.repeatedGossipRecords)
    #expect(gossiped == 0)
    #expect(repeated == 0)
    world.simulation.shutDown()
  }

  /// Of what peers send, next to nothing is there already.
  @Test func `are sent by their peers what was lost, and no more`() {
    let world = world(seed: 4, loss: 0.02)
    let load = Load(world, seed: 4)
    world.run(for: .seconds(1))
    load.isOn = false
    world.run(for: .milliseconds(500))
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    let missing = world.sum(\.gossipRecords)
    let sent = missing + world.sum(\.repeatedGossipRecords)
    #expect(missing > 0)
    #expect(sent < missing + missing / 10, "\(sent) sent for \(missing)")
    world.simulation.shutDown()
  }

  /// Nothing comes behind the last records of a writer that has fallen silent, so that there is no hole to
  /// be seen: a heartbeat tells of them.
  @Test func `are soon complete though the last records were lost on the way`() {
    var tuning = StorageTuning()
    tuning.idleGossipRatio = 1000
    let world = World(seed: 7, tuning: tuning)
    let load = Load(world, seed: 7)
    world.run(for: .milliseconds(500))
    let away = world.nodes.filter { $0.host.zone === world.zones[2] }
    let network = world.simulation.network
    let deaf = network.partition(
      world.writerHosts.map(\.id), from: away.map(\.host.id), oneWay: false)
    world.run(for: .milliseconds(5))
    load.isOn = false
    world.run(for: .milliseconds(5))
    network.heal(deaf)
    world.run(for: .milliseconds(350))
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    world.simulation.shutDown()
  }

  /// One image in an answer, one message in ten lost: twenty pages never come through in one go.
  @Test func `get pages from a peer though messages are lost`() {
    var tuning = StorageTuning()
    tuning.journalSize = 128 * 1024
    tuning.imagesPerAnswer = 1
    tuning.hydrationPatience = .milliseconds(50)
    let world = World(seed: 8, loss: 0.1, tuning: tuning)
    let load = Load(world, seed: 8)
    world.run(for: .milliseconds(300))
    let away = world.nodes[2]
    away.host.crash()
    world.run(for: .seconds(3))
    load.isOn = false
    away.host.boot()
    world.run(for: .seconds(8))
    let hydrated = world.sum(\.pagesHydrated)
    #expect(hydrated > 20)
    let isRight = load.everyCopyIsRight()
    #expect(isRight)
    world.simulation.shutDown()
  }
}
