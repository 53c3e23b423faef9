import DequeModule
import Simulation

/// One copy of one protection group: what it holds of the log, and what it knows of its pages.
///
/// ```
///        floor              VDL known           SCL
///   ───────┼──────────────────┼──────────────────┼ · · · ┌─────┐ · ┌─────┐
///    pages │ records in the ring, one chain per  │ hole  │ run │   │ run │  pending
///    only  │ page, each behind its page's image  │       └─────┘   └─────┘
/// ```
///
/// A state machine without clock, disk or network: batches go in, ``Receipt`` comes out, and the host
/// does what that asks for. Batches may come twice, late and in any order. A batch is a piece of the
/// group's chain, so one comparison tells whether it continues what is there, and a hole is a piece
/// whose predecessor is missing.
///
/// What may be trusted: records at or below the SCL are all there; those at or below `durableLSN` are
/// on disk as well; those at or below the VDL known will never be annulled, and only they are made
/// into pages.
struct Segment {
  enum Receipt: Equatable {
    /// The copy holds the batch now, and did not before: write it to disk, then acknowledge.
    case accepted
    /// Nothing new: acknowledge once what is on its way to the disk has arrived.
    case known
    /// The sender's epoch is over.
    case fenced
    /// The sender's epoch is newer than the truncations known here: ask the peers, drop the batch.
    case behind
  }

  private struct Run {
    let previous: LSN
    let last: LSN
    let bytes: [UInt8]
  }

  let group: Int
  /// The newest epoch that this copy has been claimed for; older writers are refused.
  private(set) var promised = VolumeEpoch.none
  private(set) var history = TruncationHistory()
  /// Segment Complete LSN: every record of the group up to here is in the ring or in a page.
  private(set) var completeLSN = LSN.zero
  /// The part of the SCL that would survive a loss of power.
  private(set) var durableLSN = LSN.zero
  /// The highest VDL that a writer has told.
  private(set) var volumeDurableLSN = LSN.zero
  private(set) var minimumReadPoint = LSN.zero
  /// All copies of the group have this much.
  private(set) var allCompleteLSN = LSN.zero
  /// Records at or below this LSN are gone: their pages are on disk. It is the LSN of a record.
  private(set) var floor = LSN.zero

  /// What is lacking since the disk lost what it held; `nil` for a copy that has it all.
  var refill: Refill?

  var ring = RecordRing()
  var pages: PageDirectory
  /// Pieces behind a hole, in order of their predecessors.
  private var pending: [Run] = []
  private var buffers = Deque<[UInt8]>()
  private var firstBuffer: UInt32 = 0
  /// The first record in the ring that may not be part of an image yet.
  private(set) var firstUncoalesced = 0
  /// Bytes of the records from there on.
  private(set) var uncoalescedBytes = 0

  /// Beyond this many pieces behind holes, new ones are dropped.
  private static let pendingLimit = 4096

  init(group: Int, of groupCount: Int) {
    self.group = group
    pages = PageDirectory(group: group, of: groupCount)
  }

  /// Continues from what a superblock says.
  mutating func restore(
    promised: VolumeEpoch, history: TruncationHistory, volumeDurableLSN: LSN,
    minimumReadPoint: LSN, floor: LSN
  ) {
    (self.promised, self.history) = (promised, history)
    (self.volumeDurableLSN, self.minimumReadPoint) = (volumeDurableLSN, minimumReadPoint)
    (self.floor, completeLSN, durableLSN) = (floor, floor, floor)
  }

  var hasHole: Bool { !pending.isEmpty }
  var pendingCount: Int { pending.count }
  /// The last record that is known to exist from what this copy holds, behind a hole or not.
  var highestHeld: LSN { max(completeLSN, pending.last?.last ?? .zero) }

  /// The last record to ask a peer for when those through `lsn` should be here by now: where the
  /// first hole ends, since what lies behind it is here. The SCL if nothing is lacking.
  func endOfHole(through lsn: LSN) -> LSN {
    max(completeLSN, min(lsn, pending.first?.previous ?? lsn))
  }

  /// How many records of a piece this copy does not hold.
  func countMissing(in bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { bytes in
      var count = 0
      var offset = BatchHeader.size
      var index = 0
      while let record = LogRecord(bytes, at: offset) {
        offset = record.edits.upperBound
        if record.lsn <= completeLSN || history.annuls(record.lsn) { continue }
        while index < pending.count, pending[index].last < record.lsn { index += 1 }
        if index < pending.count, pending[index].previous < record.lsn { continue }
        count += 1
      }
      return count
    }
  }

  /// Whether pieces behind a hole hold back a frame of the journal.
  func isBehindHole(journalledThrough lsn: LSN) -> Bool {
    pending.first.map { $0.previous < lsn } ?? false
  }

  /// Forgets the pieces behind the hole, so that their place can be used to fill it.
  ///
  /// They count for nothing yet: only the SCL was ever acknowledged, and peers or the writer still
  /// have them.
  mutating func forgetPending() { pending.removeAll() }

  // MARK: Receiving

  /// Takes in a batch of the writer, which must be of the epoch that was promised last.
  mutating func receiveBatch(_ bytes: [UInt8], _ header: BatchHeader) -> Receipt {
    if header.epoch < promised { return .fenced }
    if header.epoch > history.epoch { return .behind }
    learn(header)
    return insert(bytes, header)
  }

  /// Takes in records from a peer, which must go by the same history.
  mutating func receiveRun(_ bytes: [UInt8], _ header: BatchHeader) -> Receipt {
    if header.epoch < history.epoch { return .fenced }
    if header.epoch > history.epoch { return .behind }
    learn(header)
    return insert(bytes, header)
  }

  /// Takes in what the journal holds: accepted once, whatever the epoch was.
  mutating func replay(_ bytes: [UInt8], _ header: BatchHeader) {
    learn(header)
    _ = insert(bytes, header)
    durableLSN = completeLSN
  }

  /// Learns consistency points, which only ever advance.
  mutating func learn(volumeDurableLSN: LSN, minimumReadPoint: LSN, allCompleteLSN: LSN = .zero) {
    self.volumeDurableLSN = max(self.volumeDurableLSN, volumeDurableLSN)
    self.minimumReadPoint = max(self.minimumReadPoint, minimumReadPoint)
    self.allCompleteLSN = max(self.allCompleteLSN, allCompleteLSN)
  }

  private mutating func learn(_ header: BatchHeader) {
    learn(
      volumeDurableLSN: header.volumeDurableLSN, minimumReadPoint: header.minimumReadPoint,
      allCompleteLSN: header.allCompleteLSN)
  }

  private mutating func insert(_ bytes: [UInt8], _ header: BatchHeader) -> Receipt {
    guard header.recordCount > 0, header.last > completeLSN else { return .known }
    if header.previousInGroup <= completeLSN {
      let before = completeLSN
      splice(bytes)
      joinPending()
      return completeLSN > before ? .accepted : .known
    }
    if history.annuls(header.last) { return .known }
    var index = pending.count
    while index > 0, pending[index - 1].previous > header.previousInGroup { index -= 1 }
    if index > 0, pending[index - 1].previous == header.previousInGroup {
      if pending[index - 1].last >= header.last { return .known }
      index -= 1
      pending.remove(at: index)
    }
    guard pending.count < Self.pendingLimit else { return .known }
    let run = Run(previous: header.previousInGroup, last: header.last, bytes: bytes)
    pending.insert(run, at: index)
    paranoid(
      zip(pending, pending.dropFirst()).allSatisfy { $0.previous < $1.previous },
      "pieces behind a hole are out of order")
    return .accepted
  }

  /// Appends the pieces that no hole is in front of any more.
  private mutating func joinPending() {
    while let run = pending.first, run.previous <= completeLSN {
      pending.removeFirst()
      if run.last > completeLSN { splice(run.bytes) }
    }
  }

  /// Appends the records of a piece that are above the SCL, as far as they continue the chain.
  private mutating func splice(_ bytes: [UInt8]) {
    let buffer = firstBuffer &+ UInt32(truncatingIfNeeded: buffers.count)
    let start = ring.end
    let checksHistory = !history.ranges.isEmpty && completeLSN < history.upper
    bytes.withUnsafeBytes { bytes in
      var offset = BatchHeader.size
      while let record = LogRecord(bytes, at: offset) {
        offset = record.edits.upperBound
        if record.lsn <= completeLSN { continue }
        if checksHistory, history.annuls(record.lsn) { continue }
        guard record.previousInGroup == completeLSN else { break }
        link(
          RecordRing.Record(
            lsn: record.lsn, page: record.page,
            buffer: buffer, offset: UInt32(record.edits.lowerBound),
            count: UInt16(record.edits.count), isConsistencyPoint: record.isConsistencyPoint))
        paranoid(record.lsn > completeLSN, "record \(record.lsn) is chained behind \(completeLSN)")
        completeLSN = record.lsn
      }
    }
    if ring.end > start { buffers.append(bytes) }
  }

  /// Appends a record to the ring, and to its page's chain unless the page's image has it already: a
  /// peer's image may be newer than the records that come after it.
  @inline(__always)
  private mutating func link(_ record: RecordRing.Record) {
    let index = UInt32(truncatingIfNeeded: ring.end)
    let previous = pages.chain(index, lsn: record.lsn, of: record.page)
    ring.append(record, behind: previous)
    uncoalescedBytes += LogRecord.headerSize + Int(record.count)
  }

  /// The page's record before this one, and the edits.
  @inline(__always)
  func withEdits<Result>(
    of record: RecordRing.Record, _ body: (LSN, UnsafeRawBufferPointer) -> Result
  ) -> Result {
    buffers[Int(record.buffer &- firstBuffer)].withUnsafeBytes {
      let start = Int(record.offset)
      return body(
        LogRecord.previousOfPage(in: $0, at: start - LogRecord.headerSize),
        UnsafeRawBufferPointer(rebasing: $0[start..<start + Int(record.count)]))
    }
  }

  /// The bytes of the batch in which a record came.
  func buffer(of record: RecordRing.Record) -> [UInt8] {
    buffers[Int(record.buffer &- firstBuffer)]
  }

  // MARK: Durability

  /// Notes that a flush has made durable what the ring held when the SCL was `lsn`.
  mutating func noteDurable(through lsn: LSN) {
    durableLSN = max(durableLSN, min(lsn, completeLSN))
    paranoid(
      floor <= durableLSN && durableLSN <= completeLSN,
      "floor \(floor), durable \(durableLSN) and complete \(completeLSN) are out of order")
  }

  // MARK: Epochs

  /// Promises to accept no writer older than `epoch`.
  ///
  /// - Returns: whether the promise was made; `false` if a newer one stands.
  mutating func promise(_ epoch: VolumeEpoch) -> Bool {
    if epoch < promised { return false }
    promised = epoch
    return true
  }

  /// Goes by another history from now on: what it annuls, and what the old one did not share, is gone.
  ///
  /// - Returns: whether it was adopted; `false` if a newer promise or history stands.
  mutating func adopt(_ newer: TruncationHistory) -> Bool {
    guard newer.epoch >= promised else { return false }
    promised = newer.epoch
    guard newer.epoch > history.epoch else { return newer == history }
    let shared = newer.divergence(from: history)
    history = newer
    cut(above: shared)
    pending.removeAll { $0.last > shared }
    loseTarget()
    return true
  }

  /// Whether a record of the journal is still needed to rebuild this copy.
  func needs(journalledThrough lsn: LSN) -> Bool {
    var last = lsn
    for range in history.ranges where range.annuls(last) { last = range.lower }
    if last > completeLSN { return last == lsn && isBehindHole(journalledThrough: lsn) }
    guard let first = ring.first else { return false }
    return first.lsn <= last
  }

  private mutating func cut(above lsn: LSN) {
    let keep = ring.firstIndex(above: lsn)
    guard keep < ring.end else { return }
    // From the last one on, take each record off its page's chain.
    var index = ring.end - 1
    while index >= keep {
      unlink(ring[index], at: index)
      index -= 1
    }
    ring.removeAll(from: keep)
    recountUncoalesced()
    completeLSN = ring.last?.lsn ?? floor
    durableLSN = min(durableLSN, completeLSN)
    while let last = ring.last, buffers.count > Int(last.buffer &- firstBuffer) + 1 {
      buffers.removeLast()
    }
    if ring.isEmpty {
      firstBuffer &+= UInt32(truncatingIfNeeded: buffers.count)
      buffers.removeAll()
    }
  }

  private mutating func recountUncoalesced() {
    firstUncoalesced = min(max(firstUncoalesced, ring.start), ring.end)
    uncoalescedBytes = 0
    for index in firstUncoalesced..<ring.end {
      uncoalescedBytes += LogRecord.headerSize + Int(ring[index].count)
    }
  }

  private mutating func unlink(_ record: RecordRing.Record, at index: Int) {
    let entry = pages[record.page]
    // A record that has become part of an image is in no chain any more.
    guard entry.count > 0, ring.index(of: entry.last) == index else { return }
    if entry.count == 1 {
      pages[record.page].count = 0
      return
    }
    var previous = ring.index(of: entry.first)
    while ring.index(of: ring[previous].nextOfPage) != index {
      previous = ring.index(of: ring[previous].nextOfPage)
    }
    pages[record.page].last = UInt32(truncatingIfNeeded: previous)
    pages[record.page].count -= 1
  }

  // MARK: Collecting garbage

  /// Moves over the records in front that are part of an image.
  ///
  /// - Returns: the first record that is not.
  mutating func skipCoalesced() -> Int {
    firstUncoalesced = max(firstUncoalesced, ring.start)
    while firstUncoalesced < ring.end {
      let record = ring[firstUncoalesced]
      if record.lsn > pages[record.page].baseLSN { break }
      uncoalescedBytes -= LogRecord.headerSize + Int(record.count)
      firstUncoalesced += 1
    }
    return firstUncoalesced
  }

  /// Leaps over what this copy will never get as records: its pages hold everything up to `lsn`.
  ///
  /// - Precondition: that is so, and durable.
  mutating func leap(to lsn: LSN) {
    guard lsn > completeLSN else { return }
    for index in ring.start..<ring.end { pages[ring[index].page].count = 0 }
    ring.removeAll(from: ring.start)
    recountUncoalesced()
    firstBuffer &+= UInt32(truncatingIfNeeded: buffers.count)
    buffers.removeAll()
    (floor, completeLSN, durableLSN) = (lsn, lsn, lsn)
    joinPending()
  }

  /// Forgets the records in front whose pages are on disk.
  ///
  /// - Parameter isForced: whether to forget those as well that other copies may still ask for.
  mutating func collectGarbage(isForced: Bool) {
    while let record = ring.first, record.lsn <= pages[record.page].persistedLSN,
      isForced || record.lsn <= allCompleteLSN
    {
      if ring.start >= firstUncoalesced {
        uncoalescedBytes -= LogRecord.headerSize + Int(record.count)
      }
      floor = record.lsn
      ring.removeFirst()
      let needed = ring.first?.buffer ?? firstBuffer &+ UInt32(truncatingIfNeeded: buffers.count)
      while firstBuffer != needed {
        buffers.removeFirst()
        firstBuffer &+= 1
      }
    }
  }
}
