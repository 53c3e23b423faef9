import Simulation

/// What one copy tells another about itself when it asks for what it lacks.
///
/// ```
///   0       16    24        32           40     44       48
///   ├ frame ┼ SCL ┼ through ┼ generation ┼ room ┼ unused ┤
/// ```
struct Pull {
  static let size = Message.headerSize + 32

  let group: Int
  /// The history that the asker goes by.
  let historyEpoch: VolumeEpoch
  let segmentCompleteLSN: LSN
  /// The last record that is wanted; the SCL if none is, and only news is asked for.
  let through: LSN
  /// Generation of the asker's disk: an answer to an older one tells it nothing.
  let generation: UInt64
  /// Bytes of records that the asker has room for; one record is sent whatever its size.
  let room: Int

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: Self.size)
    Message.begin(.pull, group: group, epoch: historyEpoch, in: &writer)
    writer.append(segmentCompleteLSN)
    writer.append(through)
    writer.append(generation)
    writer.append(UInt32(room))
    writer.append(0 as UInt32)
    return RecoveryMessages.sealed(&writer)
  }
}

extension Pull {
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    group = Message.group(of: bytes)
    historyEpoch = Message.epoch(of: bytes)
    segmentCompleteLSN = bytes.loadLSN(at: 16)
    through = bytes.loadLSN(at: 24)
    generation = bytes.load(UInt64.self, at: 32)
    room = Int(bytes.load(UInt32.self, at: 40))
  }
}

/// The answer to a pull, from a copy that remembers; the records themselves follow as a run in a message of their own.
struct PullAnswer {
  let group: Int
  let history: TruncationHistory
  /// The newest epoch that the answering copy has promised itself to.
  let promised: VolumeEpoch
  /// Of the asker's disk, as it told.
  let generation: UInt64
  let segmentCompleteLSN: LSN
  /// The answering copy keeps no records at or below this LSN, only pages.
  let floor: LSN
  let volumeDurableLSN: LSN
  let minimumReadPoint: LSN

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    Message.begin(.pullAnswer, group: group, epoch: history.epoch, in: &writer)
    writer.append(segmentCompleteLSN)
    writer.append(floor)
    writer.append(volumeDurableLSN)
    writer.append(minimumReadPoint)
    writer.append(promised.number)
    writer.append(promised.opener)
    writer.append(generation)
    RecoveryMessages.append(history.ranges, to: &writer)
    return RecoveryMessages.sealed(&writer)
  }
}

extension PullAnswer {
  init?(_ bytes: UnsafeRawBufferPointer) {
    var reader = ByteReader(bytes, at: Message.headerSize)
    group = Message.group(of: bytes)
    do {
      segmentCompleteLSN = try reader.readLSN()
      floor = try reader.readLSN()
      volumeDurableLSN = try reader.readLSN()
      minimumReadPoint = try reader.readLSN()
      promised = try reader.readEpoch()
      generation = try reader.readUInt64()
      history = TruncationHistory(
        epoch: Message.epoch(of: bytes), ranges: try RecoveryMessages.readRanges(&reader))
    } catch {
      return nil
    }
  }
}
