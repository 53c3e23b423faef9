/// Which slots of the page region hold images that count, and which are free.
///
/// ```
///   ├ directory, twice ┼ 256 slots ─────────┤ directory, twice ┼ 256 slots ─────────┤ …
///   └──────────────── extent 0 ─────────────┘
/// ```
///
/// Images are never overwritten in place: a newer one goes into a free slot, and the old slot becomes
/// free when the newer image is durable. After a crash the newest intact image of each page counts, if it is
/// not older than what the directories say must be there (see ``SlotDirectory``).
struct PageStore {
  /// Where the region begins on disk, in bytes.
  let start: Int
  private(set) var directories: [SlotDirectory] = []
  private var free: [Int] = []

  static let extentSize =
    SlotDirectory.places * SlotDirectory.size + SlotDirectory.slots * Page.size

  init(start: Int) { self.start = start }

  /// Whether there is any room for images, and so perhaps an image.
  var hasImages: Bool { !directories.isEmpty }

  func offset(ofExtent extent: Int) -> Int { start + extent * Self.extentSize }

  func offset(of slot: Int) -> Int {
    offset(ofExtent: slot / SlotDirectory.slots) + SlotDirectory.places * SlotDirectory.size
      + slot % SlotDirectory.slots * Page.size
  }

  /// Makes the region larger if fewer than `count` slots are free.
  ///
  /// - Returns: whether it did: the new size must be written before the next flush.
  mutating func reserve(_ count: Int) -> Bool {
    guard free.count < count else { return false }
    while free.count < count { extend() }
    return true
  }

  private mutating func extend() {
    let first = directories.count * SlotDirectory.slots
    directories.append(SlotDirectory())
    free.insert(contentsOf: (first..<first + SlotDirectory.slots).reversed(), at: 0)
  }

  /// Takes a free slot for an image of a page.
  ///
  /// - Precondition: one is free; see ``reserve(_:)``.
  mutating func takeSlot(for page: PageNumber, lsn: LSN) -> Int {
    let slot = free.removeLast()
    directories[slot / SlotDirectory.slots][slot % SlotDirectory.slots] =
      SlotDirectory.Entry(lsn: lsn, page: page)
    return slot
  }

  mutating func giveBack(_ slot: Int) { free.append(slot) }

  /// Adds an extent that was found on disk, of which no slot is free yet.
  mutating func restore(_ directory: SlotDirectory) { directories.append(directory) }

  /// What must be written at the beginning of a flush, so that it tells of the images that are in it.
  mutating func changes(generation: UInt64) -> [Journal.Write] {
    var writes: [Journal.Write] = []
    for extent in directories.indices where directories[extent].isChanged {
      let (bytes, place) = directories[extent].write(extent: extent, generation: generation)
      writes.append(
        Journal.Write(offset: offset(ofExtent: extent) + place * SlotDirectory.size, bytes: bytes))
    }
    return writes
  }

  /// The flush is done.
  mutating func noteDurable() {
    for extent in directories.indices { directories[extent].noteDurable() }
  }
}
