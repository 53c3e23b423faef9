import Simulation

/// What a copy tells an opener that has claimed it.
struct CopyState: Equatable {
  /// A record of the log, as recovery needs to know it.
  struct Entry: Equatable {
    let lsn: LSN
    let isConsistencyPoint: Bool
  }

  /// Whether the copy has all that it ever acknowledged; if not, it promises but is not counted.
  var remembers = true
  /// Generation of its disk: rises when the disk is replaced.
  var generation: UInt64 = 0
  var history = TruncationHistory()
  /// Durable for certain, as a writer has told.
  var volumeDurableLSN = LSN.zero
  /// On the disk of this copy without a hole.
  var segmentCompleteLSN = LSN.zero
  /// The copy's last record at or below `volumeDurableLSN`.
  var lastDurableRecord = LSN.zero
  /// The copy's records above `volumeDurableLSN` and up to its SCL, in order.
  var entries: [Entry] = []
}

/// The messages between an opener and the copies: query, claim and install, and their answers.
///
/// ```
///   query    ─▶            ◀─ answer: the epoch promised so far
///   claim    ─▶ (persist)  ◀─ answer: CopyState, or refused
///   install  ─▶ (persist)  ◀─ answer: SCL, or refused
/// ```
enum RecoveryMessages {
  /// Asks for the promised epoch, or claims the copy for `epoch`.
  static func request(_ kind: MessageKind, group: Int, epoch: VolumeEpoch) -> [UInt8] {
    var writer = ByteWriter(capacity: Message.headerSize)
    Message.begin(kind, group: group, epoch: epoch, in: &writer)
    return sealed(&writer)
  }

  /// Answers a query with the epoch promised so far, or refuses a claim or an installation because
  /// of it.
  static func answer(
    _ kind: MessageKind, group: Int, epoch: VolumeEpoch, promised: VolumeEpoch,
    isRefusal: Bool, contents: (inout ByteWriter) -> Void = { _ in }
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    Message.begin(kind, flags: isRefusal ? 1 : 0, group: group, epoch: epoch, in: &writer)
    writer.append(promised.number)
    writer.append(promised.opener)
    contents(&writer)
    return sealed(&writer)
  }

  /// - Parameters:
  ///   - tail: the group's last record that is known to be durable.
  ///   - generation: of the copy's disk, as far as known: what is said of the tail is said to that one.
  static func install(
    _ history: TruncationHistory, group: Int, tail: LSN, generation: UInt64
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    Message.begin(.install, group: group, epoch: history.epoch, in: &writer)
    writer.append(tail)
    writer.append(generation)
    append(history.ranges, to: &writer)
    return sealed(&writer)
  }

  static func sealed(_ writer: inout ByteWriter) -> [UInt8] {
    var bytes = writer.take()
    Message.seal(&bytes)
    return bytes
  }

  static func append(_ ranges: [TruncationRange], to writer: inout ByteWriter) {
    writer.append(UInt32(ranges.count))
    for range in ranges {
      writer.append(range.lower)
      writer.append(range.upper)
    }
  }

  static func readRanges(
    _ reader: inout ByteReader
  ) throws(ByteReader.Malformed) -> [TruncationRange] {
    let count = Int(try reader.readUInt32())
    guard count * 16 <= reader.remaining else {
      throw ByteReader.Malformed(offset: reader.offset, wanted: count * 16)
    }
    var ranges: [TruncationRange] = []
    for _ in 0..<count {
      let lower = try reader.readLSN()
      ranges.append(TruncationRange(lower: lower, upper: try reader.readLSN()))
    }
    return ranges
  }
}

extension CopyState {
  func append(to writer: inout ByteWriter) {
    writer.append(generation)
    writer.append(UInt32(remembers ? 1 : 0))
    writer.append(history.epoch.number)
    writer.append(history.epoch.opener)
    RecoveryMessages.append(history.ranges, to: &writer)
    writer.append(volumeDurableLSN)
    writer.append(segmentCompleteLSN)
    writer.append(lastDurableRecord)
    writer.append(UInt32(entries.count))
    // The topmost bit of an LSN is never used by one: here it marks consistency points.
    for entry in entries {
      writer.append(entry.lsn.value | (entry.isConsistencyPoint ? 1 << 63 : 0))
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    generation = try reader.readUInt64()
    remembers = try reader.readUInt32() != 0
    let epoch = try reader.readEpoch()
    history = TruncationHistory(epoch: epoch, ranges: try RecoveryMessages.readRanges(&reader))
    volumeDurableLSN = try reader.readLSN()
    segmentCompleteLSN = try reader.readLSN()
    lastDurableRecord = try reader.readLSN()
    let count = Int(try reader.readUInt32())
    guard count * 8 <= reader.remaining else {
      throw ByteReader.Malformed(offset: reader.offset, wanted: count * 8)
    }
    entries.reserveCapacity(count)
    for _ in 0..<count {
      let word = try reader.readUInt64()
      entries.append(
        Entry(lsn: LSN(word & ~(1 << 63)), isConsistencyPoint: word >> 63 != 0))
    }
  }
}
