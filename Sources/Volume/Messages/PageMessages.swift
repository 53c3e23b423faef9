import Simulation

/// Asks one copy for a page as it was at a read point.
///
/// ```
///   0       16   24     28 32           40             48
///   ├ frame ┼ id ┼ page ┼──┼ read point ┼ required SCL ┤
/// ```
struct PageRequest {
  static let size = 48

  let group: Int
  let epoch: VolumeEpoch
  let id: UInt64
  let page: PageNumber
  let readPoint: LSN
  /// The last record of the group at or below the read point.
  let requiredSCL: LSN

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: Self.size)
    Message.begin(.pageRequest, group: group, epoch: epoch, in: &writer)
    writer.append(id)
    writer.append(page.value)
    writer.append(0 as UInt32)
    writer.append(readPoint)
    writer.append(requiredSCL)
    var bytes = writer.take()
    Message.seal(&bytes)
    return bytes
  }
}

extension PageRequest {
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    group = Message.group(of: bytes)
    epoch = Message.epoch(of: bytes)
    id = bytes.load(UInt64.self, at: 16)
    page = PageNumber(bytes.load(UInt32.self, at: 24))
    readPoint = bytes.loadLSN(at: 32)
    requiredSCL = bytes.loadLSN(at: 40)
  }
}

/// Answers a page request: the image, or why there is none.
///
/// ```
///   0       16   24     28 32    40       48
///   ├ frame ┼ id ┼ page ┼──┼ SCL ┼ unused ┼ image (16 KiB, if the status is `image`)
/// ```
struct PageReply {
  static let headerSize = 48

  enum Status: UInt8 {
    case image = 0
    /// Nobody has ever written the page: it is all zero.
    case blank = 1
    /// The copy lacks records that the read needs.
    case incomplete = 2
    /// The copy has made a newer page of it already.
    case tooOld = 3
    /// The sender's epoch is over; the newest one is given.
    case fenced = 4
    /// The copy has not learnt the sender's truncations yet.
    case behind = 5
    /// The copy's disk failed, or what it holds is damaged.
    case failed = 6
  }

  let status: Status
  let group: Int
  /// The newest epoch that the copy has installed.
  let epoch: VolumeEpoch
  let id: UInt64
  let page: PageNumber
  let segmentCompleteLSN: LSN

  /// The message without an image, and not yet sealed.
  func header(reserving capacity: Int = headerSize) -> ByteWriter {
    var writer = ByteWriter(capacity: capacity)
    Message.begin(.pageReply, flags: status.rawValue, group: group, epoch: epoch, in: &writer)
    writer.append(id)
    writer.append(page.value)
    writer.append(0 as UInt32)
    writer.append(segmentCompleteLSN)
    writer.append(0 as UInt64)
    return writer
  }
}

extension PageReply {
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerSize, let status = Status(rawValue: bytes[1]) else {
      return nil
    }
    guard bytes.count == Self.headerSize + (status == .image ? Page.size : 0) else { return nil }
    self.status = status
    group = Message.group(of: bytes)
    epoch = Message.epoch(of: bytes)
    id = bytes.load(UInt64.self, at: 16)
    page = PageNumber(bytes.load(UInt32.self, at: 24))
    segmentCompleteLSN = bytes.loadLSN(at: 32)
  }
}
