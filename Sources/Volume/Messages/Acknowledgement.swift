import Simulation

/// What a storage node answers to a batch once its disk holds it.
///
/// ```
///   0       16    24              32           40     44      48
///   ├ frame ┼ SCL ┼ newest epoch ─┼ generation ┼ used ┼ share ┤
/// ```
struct Acknowledgement {
  static let size = 48

  enum Status: UInt8 {
    case complete = 0
    /// The sender's epoch is over; the newest one is given.
    case fenced = 1
    /// The copy has not learnt the sender's truncations yet.
    case behind = 2
    /// As `complete`, from a copy whose disk has lost what it held: it asks what was durable.
    case refilling = 3
  }

  let status: Status
  let group: Int
  /// Of the batch that is answered.
  let epoch: VolumeEpoch
  /// Everything up to here is on the copy's disk.
  let segmentCompleteLSN: LSN
  let newestEpoch: VolumeEpoch
  /// Of the disk; what one of an older generation acknowledged is gone.
  let generation: UInt64
  /// How full the hot log is that the copy shares with others on its node.
  let hotLog: HotLogUse

  func encoded() -> [UInt8] {
    withUnsafeTemporaryAllocation(byteCount: Self.size, alignment: 8) { bytes in
      bytes.store(MessageKind.acknowledgement.rawValue, at: 0)
      bytes.store(status.rawValue, at: 1)
      bytes.store(UInt16(group), at: 2)
      bytes.store(epoch.number, at: 8)
      bytes.store(epoch.opener, at: 12)
      bytes.store(segmentCompleteLSN.value, at: 16)
      bytes.store(newestEpoch.number, at: 24)
      bytes.store(newestEpoch.opener, at: 28)
      bytes.store(generation, at: 32)
      bytes.store(hotLog.used, at: 40)
      bytes.store(hotLog.share, at: 44)
      Message.seal(bytes)
      return [UInt8](bytes)
    }
  }
}

extension Acknowledgement {
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size, let status = Status(rawValue: bytes[1]) else { return nil }
    self.status = status
    group = Message.group(of: bytes)
    epoch = Message.epoch(of: bytes)
    segmentCompleteLSN = bytes.loadLSN(at: 16)
    newestEpoch = VolumeEpoch(
      number: bytes.load(UInt32.self, at: 24), opener: bytes.load(UInt32.self, at: 28))
    generation = bytes.load(UInt64.self, at: 32)
    hotLog = HotLogUse(
      used: bytes.load(UInt32.self, at: 40), share: bytes.load(UInt32.self, at: 44))
  }
}

/// How much of a node's hot log is in use, and how much of it writers may fill.
struct HotLogUse: Equatable {
  /// Bytes of frames that are still needed.
  let used: UInt32
  /// Beyond so many bytes in use, batches are refused.
  let share: UInt32

  /// Whether the hot log is about to refuse batches: so much is in use that what may be under way (``LogFlow``) hardly
  /// fits, though not so little that a hot log which is kept at ``StorageTuning/forcedCollectionThreshold`` looks so. A
  /// guess: 13/16 of the share; what is left is for small transactions, while large ones wait.
  var isTight: Bool { UInt64(used) * 16 > UInt64(share) * 13 }
}
