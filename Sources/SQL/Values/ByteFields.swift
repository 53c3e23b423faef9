/// Reads fields from the front of a buffer that stays where it is.
///
/// Rows and keys come from pages whose checksums were verified, so that to run over the end is a
/// bug of ours: every read is checked and traps.
struct FieldReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int

  init(_ bytes: UnsafeRawBufferPointer, offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func skip(_ count: Int) {
    offset += count
    precondition(offset <= bytes.count, "the field ends behind its row")
  }

  @inline(__always)
  mutating func byte() -> UInt8 {
    precondition(offset < bytes.count, "the field starts behind its row")
    defer { offset += 1 }
    return bytes[offset]
  }

  func peek() -> UInt8 {
    precondition(offset < bytes.count, "the field starts behind its row")
    return bytes[offset]
  }

  /// A little-endian integer.
  @inline(__always)
  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) -> Number {
    let size = MemoryLayout<Number>.size
    precondition(offset + size <= bytes.count, "the field ends behind its row")
    defer { offset += size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// An unsigned number in groups of seven bits, the lowest first.
  @inline(__always)
  mutating func length() -> Int {
    var (value, shift) = (0, 0)
    while true {
      let next = byte()
      value |= Int(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  @inline(__always)
  mutating func slice(_ count: Int) -> UnsafeRawBufferPointer {
    precondition(offset + count <= bytes.count, "the field ends behind its row")
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }
}

extension [UInt8] {
  /// Appends an integer, least significant byte first.
  @inline(__always)
  mutating func appendLittleEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  /// Appends an integer, most significant byte first.
  @inline(__always)
  mutating func appendBigEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  /// Appends an unsigned number in groups of seven bits, the lowest first.
  @inline(__always)
  mutating func appendLength(_ value: Int) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}
