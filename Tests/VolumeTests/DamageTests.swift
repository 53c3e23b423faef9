import Simulation
import Testing

@testable import Volume

/// One group on six nodes, a writer, and what can be done to the disk of one of them.
private final class Ward {
  let world: World
  let load: Load
  let patient: StorageNode

  init(seed: UInt64, journal: Int = 256 * 1024) {
    var tuning = StorageTuning()
    tuning.journalSize = journal
    tuning.cachedImages = 1
    world = World(seed: seed, groups: 1, tuning: tuning)
    load = Load(world, seed: seed)
    patient = world.nodes[3]
  }

  func run(for interval: Interval) { world.run(for: interval) }

  var disk: Disk { patient.disk }
  var segment: Segment? { patient.incarnation?.segments[0] }

  /// The pages that have an image, with their slots' offsets on the disk.
  var images: [(page: PageNumber, lsn: LSN, offset: Int)] {
    guard let incarnation = patient.incarnation else { return [] }
    var found: [(PageNumber, LSN, Int)] = []
    incarnation.segments[0].pages.visit { page, entry in
      if entry.slot >= 0, !entry.isBusy {
        found.append((page, entry.baseLSN, incarnation.store.offset(of: Int(entry.slot))))
      }
      return true
    }
    return found
  }

  /// Flips a bit on the medium of a host without power.
  func flip(_ offset: Int) {
    disk.prepare([disk.contents(at: offset, count: 1)[0] ^ 0x10], at: offset)
  }

  func events(_ kind: (some TracePayload).Type) -> Int {
    world.simulation.trace.events.all(kind).count
  }

  /// Boots the patient, and looks at each of its pages every so often while it recovers: each must be
  /// right, or not to be had.
  func heal(for interval: Interval = .seconds(2)) -> Bool {
    patient.host.boot()
    var isRight = true
    let end = world.simulation.now + interval
    while world.simulation.now < end {
      run(for: .milliseconds(20))
      isRight = isRight && servesNothingWrong()
    }
    return isRight
  }

  func servesNothingWrong() -> Bool {
    let durable = load.durable
    guard let segment, let image = patient.image(of: 0) else { return true }
    guard segment.durableLSN >= segment.lastRecord(through: durable) else { return true }
    for number in 0..<40 as Range<UInt32> {
      let page = PageNumber(number)
      let required = world.nodes.compactMap { $0.incarnation?.segments.first }
        .map { $0.lastRecord(through: durable) }.max()
      if case .refused = segment.source(
        of: page, at: durable, requiredSCL: required ?? .zero)
      {
        continue
      }
      guard let bytes = image.image(of: page, at: durable) else { continue }
      if bytes.contents != load.model.image(of: page, at: durable).contents { return false }
    }
    return true
  }

  /// Stops the writer; whether all six copies are as they should be in the end.
  func recovers() -> Bool {
    load.isOn = false
    run(for: .milliseconds(800))
    return load.everyCopyIsRight()
  }
}

@Suite struct `A storage node` {
  private func ward(seed: UInt64, journal: Int = 256 * 1024) -> Ward {
    let ward = Ward(seed: seed, journal: journal)
    ward.run(for: .seconds(2))
    return ward
  }

  @Test func `finds an image that decays while it is running, and asks a peer for the page`() {
    let ward = ward(seed: 31)
    ward.load.isOn = false
    ward.run(for: .milliseconds(500))
    let images = ward.images
    #expect(images.count > 20)
    for image in images {
      let offset = image.offset + 5000
      ward.disk.write([ward.disk.contents(at: offset, count: 1)[0] ^ 1], at: offset)
    }
    ward.run(for: .seconds(3))
    let repaired = ward.patient.meters.pagesRepaired.total
    let isRight = ward.recovers()
    #expect(repaired == images.count)
    #expect(isRight)
    ward.world.simulation.shutDown()
  }

  /// Older images are still in slots that nobody has used again, intact: they must not pass for the pages.
  @Test(arguments: 0..<3 as Range<UInt64>)
  func `serves nothing old when the newest images have decayed while it was down`(seed: UInt64) {
    let ward = ward(seed: 40 + seed)
    let images = ward.images
    ward.patient.host.crash()
    for image in images { ward.flip(image.offset + 7) }
    let servedRight = ward.heal()
    let damaged = ward.patient.meters.damagedImages.total
    let repaired = ward.patient.meters.pagesRepaired.total
    let isRight = ward.recovers()
    let lost = ward.events(StorageDiskLost.self)
    #expect(servedRight)
    #expect(damaged > 20 && repaired > 20)
    #expect(isRight)
    #expect(lost == 0)
    ward.world.simulation.shutDown()
  }

  /// An image landed in another's slot, and its own slot kept what was there before.
  @Test(arguments: [true, false])
  func `recognises an image that was written to the wrong place`(isDown: Bool) {
    let ward = ward(seed: 50)
    ward.load.isOn = false
    ward.run(for: .milliseconds(300))
    let images = ward.images
    let before = images[2]
    let bytes = ward.disk.contents(at: images[5].offset, count: Page.size)
    if isDown { ward.patient.host.crash() }
    let old = [UInt8](repeating: 0, count: Page.size)
    ward.disk.prepare(bytes, at: before.offset)
    ward.disk.prepare(old, at: images[5].offset)
    if isDown { ward.patient.host.boot() }
    ward.load.isOn = true
    ward.run(for: .seconds(2))
    let servedRight = ward.servesNothingWrong()
    let repaired = ward.patient.meters.pagesRepaired.total
    let isRight = ward.recovers()
    #expect(servedRight && isRight)
    #expect(repaired >= 2)
    ward.world.simulation.shutDown()
  }

  /// A block with a valid checksum and the right page number, from earlier.
  @Test(arguments: [true, false])
  func `recognises an old version of a page in the place of the newest`(isDown: Bool) {
    let ward = ward(seed: 60)
    let old = ward.images.map { ($0.page, ward.disk.contents(at: $0.offset, count: Page.size)) }
    ward.run(for: .seconds(3))
    ward.load.isOn = false
    ward.run(for: .milliseconds(300))
    let images = ward.images
    if isDown { ward.patient.host.crash() }
    var replaced = 0
    for (page, bytes) in old {
      guard let image = images.first(where: { $0.page == page }),
        bytes.withUnsafeBytes({ Page.lsn(of: $0) }) < image.lsn
      else { continue }
      ward.disk.prepare(bytes, at: image.offset)
      replaced += 1
    }
    #expect(replaced > 20)
    if isDown {
      ward.patient.host.boot()
      while ward.segment == nil { ward.run(for: .milliseconds(1)) }
      let found = ward.patient.meters.damagedImages.total
      #expect(found > 20)
    }
    ward.run(for: .seconds(3))
    let repaired = ward.patient.meters.pagesRepaired.total
    // When it was down, the log may still have what was in some of the newest images.
    #expect(isDown ? repaired > 20 : repaired == replaced)
    ward.load.isOn = true
    ward.run(for: .seconds(1))
    let servedRight = ward.servesNothingWrong()
    let isRight = ward.recovers()
    #expect(servedRight && isRight)
    ward.world.simulation.shutDown()
  }

  /// What was acknowledged behind the damage is gone, so it must not be counted until it has it back.
  @Test(arguments: [1, 2, 5])
  func `does not count when its hot log is damaged in the midst`(part: Int) throws {
    let ward = ward(seed: 70, journal: 1024 * 1024)
    let journal = try #require(ward.patient.incarnation?.journal)
    let frames = journal.head - journal.tail
    #expect(frames > 10_000)
    ward.patient.host.crash()
    let position = journal.tail + frames / 6 * part
    // A whole line: a single byte may be one of the padding between frames.
    let line = position % journal.size / Journal.alignment * Journal.alignment
    for byte in 0..<Journal.alignment { ward.flip(journal.start + line + byte) }
    let servedRight = ward.heal()
    let isRight = ward.recovers()
    let lost = ward.events(StorageDiskLost.self)
    let refilled = ward.events(SegmentRefilled.self)
    #expect(servedRight && isRight)
    #expect(lost == 1 && refilled == 1)
    ward.world.simulation.shutDown()
  }

  @Test(arguments: [[0], [1], [0, 1]])
  func `knows when its newest superblock is gone, of which there are two`(twins: [Int]) throws {
    let ward = ward(seed: 80)
    let superblocks = (0..<Superblock.places).map { place in
      let offset = Superblock.offsets(of: place)[0]
      return Superblock(
        ward.disk.contents(at: offset, count: Superblock.size / 2), at: offset)?.sequence ?? 0
    }
    let newest = try #require(superblocks.indices.max { superblocks[$0] < superblocks[$1] })
    // Frames tell of it.
    ward.run(for: .milliseconds(5))
    ward.patient.host.crash()
    for twin in twins { ward.flip(Superblock.offsets(of: newest)[twin] + 40) }
    let servedRight = ward.heal()
    let isRight = ward.recovers()
    let lost = ward.events(StorageDiskLost.self)
    #expect(servedRight && isRight)
    #expect(lost == (twins.count == 2 ? 1 : 0))
    ward.world.simulation.shutDown()
  }

  @Test(arguments: [false, true])
  func `knows when the directory of its images is gone, or old`(isOld: Bool) throws {
    let ward = ward(seed: 90)
    let store = try #require(ward.patient.incarnation?.store)
    let newest = Int(store.directories[0].durableVersion % 2)
    ward.patient.host.crash()
    let place = isOld ? newest : 1 - newest
    ward.flip(store.offset(ofExtent: 0) + place * SlotDirectory.size + 100)
    let servedRight = ward.heal()
    let isRight = ward.recovers()
    let lost = ward.events(StorageDiskLost.self)
    #expect(servedRight && isRight)
    #expect(lost == (isOld ? 1 : 0))
    ward.world.simulation.shutDown()
  }

  /// Crashes at any time, with half of the cache lost, are no damage: nobody is repaired or refilled.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `takes no crash for damage`(seed: UInt64) {
    let ward = ward(seed: 100 + seed)
    let random = RandomStream(seed: seed)
    for _ in 0..<12 {
      let node = ward.world.nodes[random.index(below: 6)]
      node.host.crash()
      ward.run(for: .microseconds(Int64(random.index(below: 20_000))))
      node.host.boot()
      ward.run(for: .milliseconds(Int64(100 + random.index(below: 1500))))
    }
    let isRight = ward.recovers()
    let lost = ward.events(StorageDiskLost.self)
    let damaged = ward.world.sum(\.damagedImages)
    #expect(isRight)
    #expect(lost == 0 && damaged == 0)
    ward.world.simulation.shutDown()
  }

  /// A drive that lies about flushes loses what was acknowledged; what is left tells of it as a rule.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `knows after a crash that its drive has lied`(seed: UInt64) {
    let ward = ward(seed: 110 + seed)
    let lie = ward.disk.impair(with: .forgetsFlushes)
    ward.run(for: .milliseconds(300))
    ward.patient.host.crash()
    ward.disk.heal(lie)
    let servedRight = ward.heal()
    let isRight = ward.recovers()
    let lost = ward.events(StorageDiskLost.self)
    #expect(servedRight && isRight)
    #expect(lost == 1)
    ward.world.simulation.shutDown()
  }

  @Test(arguments: [DiskFault.full, .failing(1)])
  func `acknowledges nothing while every flush fails, and goes on afterwards`(
    fault: DiskFault
  ) throws {
    let ward = ward(seed: 120)
    let impairment = ward.disk.impair(with: fault)
    ward.run(for: .milliseconds(10))
    let before = try #require(ward.segment?.durableLSN)
    ward.run(for: .milliseconds(500))
    let after = try #require(ward.segment?.durableLSN)
    let committed = ward.load.durable
    #expect(before == after && committed > after)
    ward.disk.heal(impairment)
    let sometimes = ward.disk.impair(with: .failing(0.2))
    ward.run(for: .seconds(1))
    ward.patient.host.crash()
    let servedRight = ward.heal()
    ward.disk.heal(sometimes)
    let isRight = ward.recovers()
    let lost = ward.events(StorageDiskLost.self)
    #expect(servedRight && isRight && lost == 0)
    ward.world.simulation.shutDown()
  }

  /// Some of what is written lands elsewhere: on frames, images, directories. Before and after a crash
  /// nothing wrong is served, and in the end all is as it should be.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `is right again when its drive has written to wrong places`(seed: UInt64) {
    let ward = ward(seed: 130 + seed)
    let stray = ward.disk.impair(with: .misdirectingWrites(0.02))
    var servedRight = true
    for _ in 0..<50 {
      ward.run(for: .milliseconds(20))
      servedRight = servedRight && ward.servesNothingWrong()
    }
    let disturbed = stray.disturbedCount
    ward.disk.heal(stray)
    if seed % 2 == 0 { ward.patient.host.crash() }
    servedRight = ward.heal(for: .seconds(4)) && servedRight
    let isRight = ward.recovers()
    #expect(disturbed > 5)
    #expect(servedRight && isRight)
    ward.world.simulation.shutDown()
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `is right again when its drive has read from wrong places`(seed: UInt64) {
    let ward = ward(seed: 140 + seed)
    let stray = ward.disk.impair(with: .misdirectingReads(0.1))
    ward.run(for: .milliseconds(300))
    ward.patient.host.crash()
    let servedRight = ward.heal(for: .seconds(4))
    let disturbed = stray.disturbedCount
    ward.disk.heal(stray)
    ward.run(for: .seconds(1))
    let isRight = ward.recovers()
    #expect(disturbed > 5)
    #expect(servedRight && isRight)
    ward.world.simulation.shutDown()
  }
}

@Suite struct `A slot directory` {
  private func sample() -> (SlotDirectory, [UInt8], Int) {
    var directory = SlotDirectory()
    directory[0] = SlotDirectory.Entry(lsn: LSN(7), page: PageNumber(3))
    directory[255] = SlotDirectory.Entry(lsn: LSN(9), page: PageNumber(4))
    let (bytes, place) = directory.write(extent: 2, generation: 5)
    return (directory, bytes, place)
  }

  private func read(_ bytes: [UInt8], extent: Int = 2, generation: UInt64 = 5) -> SlotDirectory? {
    bytes.withUnsafeBytes { SlotDirectory($0, extent: extent, generation: generation) }
  }

  @Test func `is read as it was written, and only where it belongs`() {
    let (directory, bytes, _) = sample()
    let found = read(bytes)
    #expect(found?.entries == directory.entries)
    #expect(found?.version == 1)
    #expect(read(bytes, extent: 3) == nil)
    #expect(read(bytes, generation: 6) == nil)
    for index in bytes.indices where index % 7 == 0 && !(12..<16).contains(index) {
      var damaged = bytes
      damaged[index] ^= 4
      #expect(read(damaged) == nil)
    }
  }

  @Test func `is written to one place after the other`() {
    var (directory, _, first) = sample()
    let places = (0..<3).map { _ in directory.write(extent: 2, generation: 5).place }
    #expect(places == [1 - first, first, 1 - first])
  }
}
