import Simulation

/// What a storage node answers to a batch once its disk holds it.
///
/// ```
///   0       16    24              32
///   ├ frame ┼ SCL ┼ newest epoch ─┤
/// ```
struct Acknowledgement {
  static let size = 32

  enum Status: UInt8 {
    case complete = 0
    /// The sender's epoch is over; the newest one is given.
    case fenced = 1
    /// The copy has not learnt the sender's truncations yet.
    case behind = 2
  }

  let status: Status
  let group: Int
  /// Of the batch that is answered.
  let epoch: VolumeEpoch
  /// Everything up to here is on the copy's disk.
  let segmentCompleteLSN: LSN
  let newestEpoch: VolumeEpoch

  func encoded() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.withUnsafeMutableBytes {
      $0.store(MessageKind.acknowledgement.rawValue, at: 0)
      $0.store(status.rawValue, at: 1)
      $0.store(UInt16(group), at: 2)
      $0.store(epoch.number, at: 8)
      $0.store(epoch.opener, at: 12)
      $0.store(segmentCompleteLSN.value, at: 16)
      $0.store(newestEpoch.number, at: 24)
      $0.store(newestEpoch.opener, at: 28)
    }
    Message.seal(&bytes)
    return bytes
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
  }
}
