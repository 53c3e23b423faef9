/// Which slots of the page region hold images that count, and which are free.
///
/// Images are never overwritten in place: a newer one goes into a free slot, and the old slot becomes
/// free when the newer image is durable. An image says itself which page it is and how new (see
/// ``Page``), so the region needs no directory on disk: after a crash the newest intact image of each
/// page counts.
struct PageStore {
  /// Where the region begins on disk, in bytes.
  let start: Int
  /// Slots at or beyond this one have never been used.
  private(set) var limit: Int
  private var free: [Int]

  /// How many slots the region grows by.
  static let growth = 256

  init(start: Int, limit: Int = 0) {
    (self.start, self.limit) = (start, limit)
    free = []
  }

  func offset(of slot: Int) -> Int { start + slot * Page.size }

  /// Makes the region larger if fewer than `count` slots are free.
  ///
  /// - Returns: whether it did: the new limit must be written before the next flush.
  mutating func reserve(_ count: Int) -> Bool {
    guard free.count < count else { return false }
    let growth = max(count, Self.growth)
    for slot in (limit..<limit + growth).reversed() { free.append(slot) }
    limit += growth
    return true
  }

  /// - Precondition: one is free; see ``reserve(_:)``.
  mutating func takeSlot() -> Int { free.removeLast() }

  mutating func giveBack(_ slot: Int) { free.append(slot) }
}
