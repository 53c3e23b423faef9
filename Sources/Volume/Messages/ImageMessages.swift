import Simulation

/// Asks a peer for the images of pages, because it no longer has the records that are lacking.
struct ImagesRequest {
  static let size = Message.headerSize + 16

  let group: Int
  /// The history that the asker goes by.
  let historyEpoch: VolumeEpoch
  /// Images that are not newer than this are of no use.
  let above: LSN
  /// The lowest page number wanted.
  let from: PageNumber
  /// Images that the asker has room for, at least one.
  let count: Int

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: Self.size)
    Message.begin(.imagesRequest, group: group, epoch: historyEpoch, in: &writer)
    writer.append(above)
    writer.append(from.value)
    writer.append(UInt32(count))
    return RecoveryMessages.sealed(&writer)
  }
}

extension ImagesRequest {
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    group = Message.group(of: bytes)
    historyEpoch = Message.epoch(of: bytes)
    above = bytes.loadLSN(at: 16)
    from = PageNumber(bytes.load(UInt32.self, at: 24))
    count = Int(bytes.load(UInt32.self, at: 28))
  }
}

/// Page images for a peer, in order of page numbers.
///
/// ```
///   0       16      24    32     36     40
///   ├ frame ┼ floor ┼ VDL ┼ from ┼ next ┼ images, 16 KiB each…
/// ```
struct ImagesAnswer {
  static let headerSize = 40

  let group: Int
  let historyEpoch: VolumeEpoch
  /// The pages of the answering copy hold everything up to here.
  let floor: LSN
  let volumeDurableLSN: LSN
  /// What had been asked for.
  let from: PageNumber
  /// Where to go on asking; the same as `from` when that was the last.
  let next: PageNumber

  var isLast: Bool { next == from }

  func encoded(with images: [[UInt8]]) -> [UInt8] {
    var writer = ByteWriter(capacity: Self.headerSize + images.count * Page.size)
    Message.begin(.imagesAnswer, group: group, epoch: historyEpoch, in: &writer)
    writer.append(floor)
    writer.append(volumeDurableLSN)
    writer.append(from.value)
    writer.append(next.value)
    for image in images { writer.append(image) }
    var bytes = writer.take()
    Message.seal(&bytes, upTo: Self.headerSize)
    return bytes
  }
}

extension ImagesAnswer {
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerSize, (bytes.count - Self.headerSize) % Page.size == 0,
      Message.isIntact(bytes, upTo: Self.headerSize)
    else { return nil }
    group = Message.group(of: bytes)
    historyEpoch = Message.epoch(of: bytes)
    floor = bytes.loadLSN(at: 16)
    volumeDurableLSN = bytes.loadLSN(at: 24)
    from = PageNumber(bytes.load(UInt32.self, at: 32))
    next = PageNumber(bytes.load(UInt32.self, at: 36))
  }
}
