/// The records of one copy in the order of the log: appended behind, discarded in front.
///
/// A record is named by its index since the beginning; the memory is a ring whose size is a power of
/// two. A record holds no bytes: it says where in which batch its edits are, with the rest of its header before them.
struct RecordRing {
  struct Record {
    var lsn = LSN.zero
    var page = PageNumber(0)
    /// The page's next record, by the low half of its index; without meaning for the last one.
    var nextOfPage: UInt32 = 0
    /// The batch that holds the edits, by the low half of its index.
    var buffer: UInt32 = 0
    /// Where the edits begin in the batch.
    var offset: UInt32 = 0
    var count: UInt16 = 0
    var isConsistencyPoint = false
  }

  private var storage: ContiguousArray<Record>
  private var mask: Int
  /// The first record that is held, and the one after the last.
  private(set) var start = 0
  private(set) var end = 0

  init() {
    storage = ContiguousArray(repeating: Record(), count: 64)
    mask = 63
  }

  var isEmpty: Bool { start == end }
  var count: Int { end - start }
  var first: Record? { isEmpty ? nil : self[start] }
  var last: Record? { isEmpty ? nil : self[end - 1] }

  subscript(index: Int) -> Record {
    @inline(__always) get { storage[index & mask] }
    @inline(__always) _modify { yield &storage[index & mask] }
  }

  /// The index whose low half is given.
  @inline(__always)
  func index(of low: UInt32) -> Int {
    start &+ Int(low &- UInt32(truncatingIfNeeded: start))
  }

  /// Appends a record.
  ///
  /// - Parameter previous: the page's record before it, by the low half of its index, if that is held.
  @inline(__always)
  mutating func append(_ record: Record, behind previous: UInt32?) {
    if count > mask { grow() }
    if let previous {
      storage[index(of: previous) & mask].nextOfPage = UInt32(truncatingIfNeeded: end)
    }
    storage[end & mask] = record
    end += 1
  }

  mutating func removeFirst() { start += 1 }

  /// Forgets the records from `index` on.
  mutating func removeAll(from index: Int) { end = max(start, index) }

  /// The first record above `lsn`; O(log n).
  func firstIndex(above lsn: LSN) -> Int {
    var low = start
    var high = end
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle].lsn <= lsn { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func grow() {
    var larger = ContiguousArray(repeating: Record(), count: storage.count * 2)
    for index in start..<end { larger[index & (larger.count - 1)] = storage[index & mask] }
    storage = larger
    mask = larger.count - 1
  }
}
