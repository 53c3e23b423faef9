import Simulation

/// Makes a storage node's memory from its disk: superblock, page images, journal, in that order.
///
/// ```
///   superblocks ──▶ images (slot by slot, in blocks) ──▶ journal (from the tail to the first frame
///                                                        that is not intact) ──▶ done
/// ```
///
/// A state machine: it says what it wants to read and is given the bytes, by a disk that takes time
/// when a node starts, or at once when a checker looks into a node that is down.
struct NodeRebuild {
  struct Read: Equatable {
    let offset: Int
    let count: Int
  }

  private enum Phase {
    case superblock
    case images(next: Int)
    case journal(wanted: Int)
    case done
  }

  private(set) var superblock = Superblock()
  /// Which of the places holds it; `nil` for a disk that has lost what it held.
  private(set) var superblockPlace: Int?
  private(set) var segments: [Segment]
  private(set) var journal: Journal
  private(set) var store: PageStore
  private(set) var damagedImages = 0
  private let layout: DiskLayout
  private var indexOfGroup: [Int]
  private var phase = Phase.superblock
  private var usedSlots: [Bool] = []

  private static let slotsPerRead = 64
  private static let journalRead = 1024 * 1024

  /// - Parameters:
  ///   - groups: of which the node holds a copy, in the node's own order.
  ///   - groupCount: of the volume.
  init(groups: [Int], of groupCount: Int, layout: DiskLayout) {
    self.layout = layout
    segments = groups.map { Segment(group: $0, of: groupCount) }
    indexOfGroup = Array(repeating: -1, count: groupCount)
    for (index, group) in groups.enumerated() { indexOfGroup[group] = index }
    journal = Journal(start: layout.journalStart, size: layout.journalSize)
    store = PageStore(start: layout.pagesStart)
  }

  /// What to read next; `nil` when all is done.
  var wanted: Read? {
    switch phase {
    case .superblock:
      return Read(offset: 0, count: Superblock.places * Superblock.size)
    case .images(let next):
      let count = min(Self.slotsPerRead, store.limit - next)
      return Read(offset: store.offset(of: next), count: count * Page.size)
    case .journal(let wanted):
      return Read(
        offset: journal.headOffset, count: min(journal.rest, max(wanted, Self.journalRead)))
    case .done:
      return nil
    }
  }

  /// Takes in what was read.
  mutating func supply(_ bytes: [UInt8]) {
    switch phase {
    case .superblock: takeSuperblocks(bytes)
    case .images(let next): takeImages(bytes, from: next)
    case .journal: takeFrames(bytes)
    case .done: break
    }
  }

  private mutating func takeSuperblocks(_ bytes: [UInt8]) {
    for place in 0..<Superblock.places {
      for offset in Superblock.offsets(of: place) {
        let end = offset + Superblock.size / 2
        guard let candidate = Superblock(Array(bytes[offset..<end]), at: offset) else { continue }
        if superblockPlace == nil || candidate.sequence > superblock.sequence {
          (superblock, superblockPlace) = (candidate, place)
        }
      }
    }
    guard superblockPlace != nil else {
      for index in segments.indices { segments[index].forget() }
      phase = .done
      return
    }
    for copy in superblock.copies where copy.group < indexOfGroup.count {
      guard indexOfGroup[copy.group] >= 0 else { continue }
      segments[indexOfGroup[copy.group]].restore(
        promised: copy.promised, history: copy.history, volumeDurableLSN: copy.volumeDurableLSN,
        minimumReadPoint: copy.minimumReadPoint, floor: copy.floor)
      if !copy.remembers { segments[indexOfGroup[copy.group]].forget() }
    }
    journal = Journal(
      start: layout.journalStart, size: layout.journalSize, tail: superblock.journalTail)
    store = PageStore(start: layout.pagesStart, limit: superblock.slotLimit)
    usedSlots = Array(repeating: false, count: store.limit)
    phase = store.limit > 0 ? .images(next: 0) : .journal(wanted: 0)
  }

  private mutating func takeImages(_ bytes: [UInt8], from first: Int) {
    let count = bytes.count / Page.size
    bytes.withUnsafeBytes { bytes in
      for index in 0..<count {
        let image = UnsafeRawBufferPointer(
          rebasing: bytes[index * Page.size..<(index + 1) * Page.size])
        takeImage(image, slot: first + index)
      }
    }
    guard first + count >= store.limit else {
      phase = .images(next: first + count)
      return
    }
    for slot in usedSlots.indices.reversed() where !usedSlots[slot] { store.giveBack(slot) }
    phase = .journal(wanted: 0)
  }

  private mutating func takeImage(_ image: UnsafeRawBufferPointer, slot: Int) {
    let lsn = Page.lsn(of: image)
    guard lsn > .zero else { return }
    let page = Page.number(of: image)
    guard Page.isIntact(image, as: page) else {
      damagedImages += 1
      return
    }
    let group = VolumeGeometry.group(of: page, among: indexOfGroup.count)
    guard indexOfGroup[group] >= 0 else { return }
    let index = indexOfGroup[group]
    let entry = segments[index].pages[page]
    guard entry.slot < 0 || entry.baseLSN < lsn else { return }
    if entry.slot >= 0 { usedSlots[Int(entry.slot)] = false }
    usedSlots[slot] = true
    segments[index].restore(page, lsn: lsn, slot: slot)
  }

  private mutating func takeFrames(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var position = 0
      while true {
        switch journal.step(UnsafeRawBufferPointer(rebasing: bytes[position...])) {
        case .frame(let batch):
          guard let header = batch.withUnsafeBytes({ BatchHeader($0) }),
            header.group < indexOfGroup.count, indexOfGroup[header.group] >= 0
          else {
            phase = .done
            return
          }
          let index = indexOfGroup[header.group]
          segments[index].replay(batch, header)
          journal.acceptFrame(count: batch.count, of: index, last: header.last)
          position += Journal.headerSize + batch.count
        case .wrap:
          journal.skipRest()
          phase = .journal(wanted: 0)
          return
        case .needs(let count):
          phase = .journal(wanted: count)
          return
        case .end:
          phase = .done
          return
        }
      }
    }
  }
}

/// Where things lie on a storage node's disk, in bytes.
struct DiskLayout {
  let journalStart = Superblock.places * Superblock.size
  let journalSize: Int

  init(_ tuning: StorageTuning) { journalSize = tuning.journalSize }

  var pagesStart: Int { journalStart + journalSize }
}
