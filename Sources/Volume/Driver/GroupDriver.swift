import DequeModule
import Simulation

/// The driver's side of one protection group: the buffer that fills, and the batches under way.
///
/// ```
///   append ─▶ [ buffer ]── the submission executes ─▶ sent ─▶ … a write quorum has it: forgotten
///                 │                           └ or a while in the queue (``LogFlow``)
///                 └ whoever waits for a record schedules the submission; until then others join
/// ```
///
/// Source: Verbitski et al., SIGMOD 2018, §2.2, on batching without added waiting. Here a record that nobody waits for
/// does not hurry: it travels with the commit.
struct GroupDriver {
  struct Batch {
    let bytes: [UInt8]
    let last: LSN
    var sentAt: Instant
    var attempts = 0
  }

  /// What every message to a group tells of the volume.
  struct Points {
    let group: Int
    let epoch: VolumeEpoch
    let volumeDurableLSN: LSN
    let minimumReadPoint: LSN
    let allCompleteLSN: LSN
  }

  /// Room for the header, then the encoded records. What is sent is a copy of its own size, which six copies of
  /// the log keep for long.
  private var buffer = GatheringBuffer(capacity: 4096)
  /// The first record in the buffer, if there is one.
  private(set) var first = LSN.zero
  private var previous = LSN.zero
  private var count = 0
  /// When the buffer will be sent, and what will remind of it.
  var submission: (due: Instant, timer: TimerID)?
  /// The last record of the group.
  private(set) var tail: LSN
  /// The last record that has been sent.
  private(set) var sentTail: LSN
  /// The last record of the group that is at or below the durable LSN.
  private(set) var durableTail: LSN
  /// The group's last record in each mini-transaction that is not durable yet.
  private var laterTails = Deque<LSN>()
  /// Of the disk of each copy, as last heard.
  var generations = [UInt64](repeating: 0, count: VolumeGeometry.copiesPerGroup)
  /// Sent, and not yet held by a write quorum.
  var outstanding = Deque<Batch>()
  /// The durable LSN and the lowest read point that went into the last message.
  private(set) var told = (durable: LSN.zero, readPoint: LSN.zero)

  init(tail: LSN) {
    (self.tail, sentTail, durableTail) = (tail, tail, tail)
    buffer.append(BatchHeader.size) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
  }

  var isEmpty: Bool { count == 0 }
  /// Bytes of a batch of what is in the buffer.
  var size: Int { buffer.count }

  /// Adds an encoded record to the buffer.
  ///
  /// - Returns: whether the buffer was empty.
  @inline(__always)
  mutating func append(_ record: UnsafeRawBufferPointer, lsn: LSN) -> Bool {
    let isFirst = count == 0
    if isFirst { (first, previous) = (lsn, tail) }
    buffer.append(record)
    count += 1
    tail = lsn
    return isFirst
  }

  /// Notes that a mini-transaction has ended; its last record here is the tail.
  mutating func noteConsistencyPoint() {
    if laterTails.last ?? durableTail != tail { laterTails.append(tail) }
  }

  /// Moves the durable tail up to a new durable LSN.
  mutating func noteDurable(_ lsn: LSN) {
    while let next = laterTails.first, next <= lsn {
      durableTail = next
      laterTails.removeFirst()
    }
  }

  /// Makes a message of what is in the buffer, and empties it.
  ///
  /// - Precondition: it is not empty.
  mutating func takeBatch(_ points: Points) -> (bytes: [UInt8], last: LSN) {
    precondition(count > 0, "an empty buffer was sealed")
    let header = BatchHeader(
      points, first: first, last: tail, previousInGroup: previous, recordCount: count)
    var bytes = buffer.copy()
    bytes.withUnsafeMutableBytes { header.seal(.batch, $0) }
    buffer.removeAll(after: BatchHeader.size)
    told = (points.volumeDurableLSN, points.minimumReadPoint)
    count = 0
    return (bytes, tail)
  }

  /// Notes that a batch is on its way.
  mutating func noteSent(_ batch: Batch) {
    sentTail = batch.last
    outstanding.append(batch)
  }

  /// A message without records: what is durable, and how far the group has been sent.
  mutating func makeHeartbeat(_ points: Points) -> [UInt8] {
    let header = BatchHeader(
      points, first: sentTail, last: sentTail, previousInGroup: sentTail, recordCount: 0)
    var bytes = [UInt8](repeating: 0, count: BatchHeader.size)
    bytes.withUnsafeMutableBytes { header.seal(.batch, $0) }
    told = (points.volumeDurableLSN, points.minimumReadPoint)
    return bytes
  }

  mutating func forgetBatches(through lsn: LSN) {
    while !outstanding.isEmpty, outstanding[0].last <= lsn { outstanding.removeFirst() }
  }
}

extension BatchHeader {
  fileprivate init(
    _ points: GroupDriver.Points, first: LSN, last: LSN, previousInGroup: LSN, recordCount: Int
  ) {
    self.init(
      group: points.group, epoch: points.epoch, first: first, last: last,
      previousInGroup: previousInGroup, volumeDurableLSN: points.volumeDurableLSN,
      minimumReadPoint: points.minimumReadPoint, allCompleteLSN: points.allCompleteLSN,
      recordCount: recordCount)
  }
}
