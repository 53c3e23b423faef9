/// The head of a batch of redo records: one group's part of the log, from one LSN to another.
///
/// ```
///   0       16      24     32         40    48       56       64      68       72
///   ├ frame ┼ first ┼ last ┼ previous ┼ VDL ┼ PGMRPL ┼ PGALL  ┼ count ┼ unused ┼ records…
///                            of group
/// ```
///
/// The records form one piece of the group's chain: the first one follows `previousInGroup`, each
/// other one its predecessor. A batch without records tells the three consistency points and no more.
struct BatchHeader {
  static let size = 72

  let group: Int
  let epoch: VolumeEpoch
  let first: LSN
  let last: LSN
  /// The record of the group before `first`.
  let previousInGroup: LSN
  /// What the sender knew to be durable.
  let volumeDurableLSN: LSN
  /// No read is or will be issued at a lower read point (PGMRPL).
  let minimumReadPoint: LSN
  /// All copies of the group are complete up to here.
  let allCompleteLSN: LSN
  let recordCount: Int

  init(
    group: Int, epoch: VolumeEpoch, first: LSN, last: LSN, previousInGroup: LSN,
    volumeDurableLSN: LSN, minimumReadPoint: LSN, allCompleteLSN: LSN, recordCount: Int
  ) {
    (self.group, self.epoch, self.first, self.last) = (group, epoch, first, last)
    self.previousInGroup = previousInGroup
    self.volumeDurableLSN = volumeDurableLSN
    self.minimumReadPoint = minimumReadPoint
    self.allCompleteLSN = allCompleteLSN
    self.recordCount = recordCount
  }

  /// Reads the header of a message that is intact.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.size else { return nil }
    group = Message.group(of: bytes)
    epoch = Message.epoch(of: bytes)
    first = bytes.loadLSN(at: 16)
    last = bytes.loadLSN(at: 24)
    previousInGroup = bytes.loadLSN(at: 32)
    volumeDurableLSN = bytes.loadLSN(at: 40)
    minimumReadPoint = bytes.loadLSN(at: 48)
    allCompleteLSN = bytes.loadLSN(at: 56)
    recordCount = Int(bytes.load(UInt32.self, at: 64))
  }

  /// Writes the header over the first ``size`` bytes of a buffer, and the checksum over all of it.
  func seal(_ kind: MessageKind, _ bytes: UnsafeMutableRawBufferPointer) {
    bytes.store(kind.rawValue, at: 0)
    bytes.store(0 as UInt8, at: 1)
    bytes.store(UInt16(group), at: 2)
    bytes.store(epoch.number, at: 8)
    bytes.store(epoch.opener, at: 12)
    bytes.store(first.value, at: 16)
    bytes.store(last.value, at: 24)
    bytes.store(previousInGroup.value, at: 32)
    bytes.store(volumeDurableLSN.value, at: 40)
    bytes.store(minimumReadPoint.value, at: 48)
    bytes.store(allCompleteLSN.value, at: 56)
    bytes.store(UInt32(recordCount), at: 64)
    bytes.store(0 as UInt32, at: 68)
    Message.seal(bytes)
  }
}
