import Simulation

/// Makes a storage node's memory from its disk: superblock, page images, journal, in that order.
///
/// ```
///   superblocks ──▶ images (extent by extent) ──▶ journal (from the tail to the first frame
///                                                 that is not intact) ──▶ claims ──▶ done
/// ```
///
/// What cannot be right is found out here. A page whose newest image has decayed is damaged, and
/// asked of a peer. But a node that lacks something and cannot tell what is *impaired*: it has no superblock, or
/// an older one than it had; or the journal ends before what some frame tells was durable; or a directory is
/// gone. Nothing of it is trusted then: it begins as with a blank disk (see ``Refill``).
///
/// What cannot be found out: frames at the very end of the journal that were durable and decayed, if nothing
/// was written after the flush that made them so. A drive that lies about flushes is noticed only if something
/// that was written later got to the medium by luck, or by a later flush.
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
    case images(extent: Int)
    case journal(wanted: Int)
    /// Looks for frames that tell of more than was found, from so many bytes into the region on.
    case claims(next: Int)
    case done
  }

  private(set) var superblock = Superblock()
  /// Which of the places holds it; `nil` for a disk that has lost what it held.
  private(set) var superblockPlace: Int?
  private(set) var segments: [Segment]
  private(set) var journal: Journal
  private(set) var store: PageStore
  /// Whether something is lacking, and it cannot be told what: the segments know nothing then.
  private(set) var isImpaired = false
  /// Pages whose images are not there, and that peers must be asked for.
  private(set) var damaged: [Repair] = []
  /// Images that the directories tell of and that are not there, with their LSNs.
  private var missing: [(Repair, LSN)] = []
  private var claims = Journal.Claims()
  private let layout: DiskLayout
  private var indexOfGroup: [Int]
  private var phase = Phase.superblock

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
    case .images(let extent):
      return Read(offset: store.offset(ofExtent: extent), count: PageStore.extentSize)
    case .journal(let wanted):
      return Read(
        offset: journal.headOffset, count: min(journal.rest, max(wanted, Self.journalRead)))
    case .claims(let next):
      return Read(
        offset: journal.start + next, count: min(journal.size - next, Self.journalRead))
    case .done:
      return nil
    }
  }

  /// Takes in what was read.
  mutating func supply(_ bytes: [UInt8]) {
    switch phase {
    case .superblock: takeSuperblocks(bytes)
    case .images(let extent):
      bytes.withUnsafeBytes { takeExtent(extent, $0) }
      let next = extent + 1
      if next < superblock.directoryVersions.count {
        phase = .images(extent: next)
      } else {
        finishImages()
      }
    case .journal: takeFrames(bytes)
    case .claims(let next): takeClaims(bytes, from: next)
    case .done: break
    }
  }

  private mutating func takeSuperblocks(_ bytes: [UInt8]) {
    for place in 0..<Superblock.places {
      for offset in Superblock.offsets(of: place) {
        let end = offset + Superblock.size / 2
        guard let candidate = Superblock(Array(bytes[offset..<end]), at: offset) else { continue }
        if superblockPlace == nil || candidate.isNewer(than: superblock) {
          (superblock, superblockPlace) = (candidate, place)
        }
      }
    }
    guard superblockPlace != nil else {
      isImpaired = true
      return finish()
    }
    for copy in superblock.copies where copy.group < indexOfGroup.count {
      guard indexOfGroup[copy.group] >= 0 else { continue }
      segments[indexOfGroup[copy.group]].restore(
        promised: copy.promised, history: copy.history, volumeDurableLSN: copy.volumeDurableLSN,
        minimumReadPoint: copy.minimumReadPoint, floor: copy.floor)
      if !copy.remembers { segments[indexOfGroup[copy.group]].forget() }
    }
    journal = Journal(
      start: layout.journalStart, size: layout.journalSize, tail: superblock.journalTail,
      generation: superblock.generation)
    claims = Journal.Claims(
      durableHead: superblock.journalHead, superblock: superblock.sequence)
    phase =
      superblock.directoryVersions.isEmpty ? .journal(wanted: 0) : .images(extent: 0)
  }

  /// Takes in the directory and the images of one extent.
  private mutating func takeExtent(_ extent: Int, _ bytes: UnsafeRawBufferPointer) {
    var newest = SlotDirectory()
    for place in 0..<SlotDirectory.places {
      let start = place * SlotDirectory.size
      let found = SlotDirectory(
        UnsafeRawBufferPointer(rebasing: bytes[start..<start + SlotDirectory.size]), extent: extent,
        generation: superblock.generation)
      if let found, found.version > newest.version { newest = found }
    }
    if newest.version < superblock.directoryVersions[extent] { isImpaired = true }
    for (index, entry) in newest.entries.enumerated() where entry.lsn > .zero {
      let start = SlotDirectory.places * SlotDirectory.size + index * Page.size
      takeImage(
        UnsafeRawBufferPointer(rebasing: bytes[start..<start + Page.size]), entry,
        slot: extent * SlotDirectory.slots + index)
    }
    store.restore(newest)
  }

  private mutating func takeImage(
    _ image: UnsafeRawBufferPointer, _ entry: SlotDirectory.Entry, slot: Int
  ) {
    let group = VolumeGeometry.group(of: entry.page, among: indexOfGroup.count)
    guard indexOfGroup[group] >= 0 else { return }
    let index = indexOfGroup[group]
    guard Page.isIntact(image, as: entry.page), Page.lsn(of: image) == entry.lsn else {
      missing.append((Repair(copy: index, page: entry.page), entry.lsn))
      return
    }
    let before = segments[index].pages[entry.page]
    guard before.slot < 0 || before.baseLSN < entry.lsn else { return }
    segments[index].restore(entry.page, lsn: entry.lsn, slot: slot)
  }

  /// All images have been seen: which slots are free, and which pages lack the image that they must have.
  ///
  /// An image that is not there may never have got to the disk, in which case the log still has what was to
  /// be in it. But if it is not newer than the copy's floor, the log does not: then it was there, and an older
  /// one must not be taken for the page. If it is newer, its last record is in the log, and the chain of
  /// the page's records tells whether it continues the image that was found.
  private mutating func finishImages() {
    var isUsed = Array(repeating: false, count: store.directories.count * SlotDirectory.slots)
    for segment in segments {
      segment.pages.visit { _, entry in
        if entry.slot >= 0 { isUsed[Int(entry.slot)] = true }
        return true
      }
    }
    for slot in isUsed.indices.reversed() where !isUsed[slot] { store.giveBack(slot) }
    for (repair, lsn) in missing where lsn <= segments[repair.copy].floor {
      let entry = segments[repair.copy].pages[repair.page]
      guard entry.baseLSN < lsn || entry.baseLSN == lsn && entry.slot < 0 else { continue }
      if !entry.isDamaged { damaged.append(repair) }
      segments[repair.copy].noteDamage(of: repair.page, lsn: lsn)
    }
    missing = []
    phase = .journal(wanted: 0)
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
            phase = .claims(next: 0)
            return
          }
          let index = indexOfGroup[header.group]
          segments[index].replay(batch, header)
          journal.acceptFrame(count: batch.count, of: index, last: header.last)
          position += Journal.length(of: batch.count)
        case .wrap:
          journal.skipRest()
          phase = .journal(wanted: 0)
          return
        case .needs(let count):
          phase = .journal(wanted: count)
          return
        case .end:
          phase = .claims(next: 0)
          return
        }
      }
    }
  }

  private mutating func takeClaims(_ bytes: [UInt8], from next: Int) {
    claims.add(bytes.withUnsafeBytes { journal.claims(in: $0) })
    phase = .claims(next: next + bytes.count)
    guard next + bytes.count >= journal.size else { return }
    if claims.durableHead > journal.head || claims.superblock > superblock.sequence {
      isImpaired = true
    }
    finish()
  }

  private mutating func finish() {
    phase = .done
    guard isImpaired else {
      journal.claims = Journal.Claims(
        durableHead: journal.head, superblock: superblock.sequence)
      return
    }
    damaged = []
    store = PageStore(start: layout.pagesStart)
    for index in segments.indices {
      segments[index] = Segment(group: segments[index].group, of: indexOfGroup.count)
      segments[index].forget()
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
