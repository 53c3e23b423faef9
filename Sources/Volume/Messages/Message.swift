import Simulation

/// What a volume message is about: its first byte.
enum MessageKind: UInt8 {
  /// Redo from the writer.
  case batch = 1
  /// Redo from a peer, in the same form.
  case run = 2
  case acknowledgement = 3
  case pageRequest = 4
  case pageReply = 5
  case query = 6
  case queryAnswer = 7
  case claim = 8
  case claimAnswer = 9
  case install = 10
  case installAnswer = 11
  case pull = 12
  case pullAnswer = 13
  case imagesRequest = 14
  case imagesAnswer = 15
  /// A segment is to fail for a while.
  case segmentFault = 16
  case segmentFaultAnswer = 17
}

/// The frame that all messages of the volume share.
///
/// ```
///   0      1       2       4       8
///   ├ kind ┼ flags ┼ group ┼ CRC ──┼ epoch, contents…
/// ```
///
/// The checksum is over everything but itself, except in messages that carry page images, where it
/// ends before the images: they have their own.
enum Message {
  static let headerSize = 16

  static func kind(of bytes: [UInt8]) -> MessageKind? {
    bytes.count >= headerSize ? MessageKind(rawValue: bytes[0]) : nil
  }

  static func group(of bytes: UnsafeRawBufferPointer) -> Int {
    Int(bytes.load(UInt16.self, at: 2))
  }

  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    bytes.load(UInt32.self, at: 4)
  }

  static func epoch(of bytes: UnsafeRawBufferPointer) -> VolumeEpoch {
    VolumeEpoch(number: bytes.load(UInt32.self, at: 8), opener: bytes.load(UInt32.self, at: 12))
  }

  /// Appends the first ``headerSize`` bytes of a message; ``seal(_:upTo:)`` completes it.
  static func begin(
    _ kind: MessageKind, flags: UInt8 = 0, group: Int, epoch: VolumeEpoch,
    in writer: inout ByteWriter
  ) {
    writer.append(kind.rawValue)
    writer.append(flags)
    writer.append(UInt16(group))
    writer.append(0 as UInt32)
    writer.append(epoch.number)
    writer.append(epoch.opener)
  }

  /// Writes the checksum over the first `end` bytes, or over all of them.
  static func seal(_ bytes: inout [UInt8], upTo end: Int? = nil) {
    bytes.withUnsafeMutableBytes {
      seal(UnsafeMutableRawBufferPointer(rebasing: $0[..<(end ?? $0.count)]))
    }
  }

  /// Writes the checksum over all of the bytes.
  static func seal(_ bytes: UnsafeMutableRawBufferPointer) {
    bytes.store(computeChecksum(UnsafeRawBufferPointer(bytes)), at: 4)
  }

  static func isIntact(_ bytes: UnsafeRawBufferPointer, upTo end: Int? = nil) -> Bool {
    guard bytes.count >= headerSize, end ?? 0 <= bytes.count else { return false }
    return checksum(of: bytes)
      == computeChecksum(UnsafeRawBufferPointer(rebasing: bytes[..<(end ?? bytes.count)]))
  }

  /// CRC-32 over what comes behind the checksum; what comes before it is where the sum starts, which saves a
  /// second one over four bytes.
  private static func computeChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    Checksum.crc32(
      UnsafeRawBufferPointer(rebasing: bytes[8...]), seed: bytes.load(UInt32.self, at: 0))
  }
}

extension UnsafeRawBufferPointer {
  /// A little-endian integer.
  ///
  /// - Precondition: it lies within the buffer.
  @inline(__always)
  func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type, at offset: Int
  ) -> Integer {
    Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }

  @inline(__always)
  func loadLSN(at offset: Int) -> LSN { LSN(load(UInt64.self, at: offset)) }
}

extension UnsafeMutableRawBufferPointer {
  @inline(__always)
  func store<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Integer.self)
  }
}

extension ByteWriter {
  mutating func append(_ lsn: LSN) { append(lsn.value) }
}

extension ByteReader {
  mutating func readLSN() throws(Malformed) -> LSN { LSN(try readUInt64()) }

  mutating func readEpoch() throws(Malformed) -> VolumeEpoch {
    VolumeEpoch(number: try readUInt32(), opener: try readUInt32())
  }
}
