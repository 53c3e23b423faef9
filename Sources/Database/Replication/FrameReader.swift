import Simulation

/// Cuts a stream of bytes into frames that begin with their length (u32, little-endian).
struct FrameReader {
  private var buffer: [UInt8] = []
  private var start = 0

  /// Longer frames are taken for garbage.
  private static let limit = 64 << 20

  mutating func append(_ bytes: [UInt8]) {
    if start == buffer.count {
      buffer = bytes
      start = 0
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  /// Calls `body` with each complete frame, without its length.
  ///
  /// - Throws: what `body` throws, or `ByteReader.Malformed` for a length beyond reason.
  mutating func drain(
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var position = start
    try buffer.withUnsafeBytes { bytes in
      while bytes.count - position >= 4 {
        let count = Int(
          UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
        guard count <= Self.limit else {
          throw ByteReader.Malformed(offset: position, wanted: count)
        }
        guard bytes.count - position - 4 >= count else { break }
        let frame = UnsafeRawBufferPointer(rebasing: bytes[position + 4..<position + 4 + count])
        position += 4 + count
        try body(frame)
      }
    }
    start = position
    if start > 1 << 16, start * 2 > buffer.count {
      buffer.removeFirst(start)
      start = 0
    }
  }
}
