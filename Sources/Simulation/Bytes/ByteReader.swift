/// Reads integers and bytes from a buffer that it does not own, from front to back.
///
/// Running off the end is an error of the data, not of the program: every read says so by throwing.
public struct ByteReader {
  /// The data ended before the value did, or said something impossible about itself.
  public struct Malformed: Error, Equatable, Sendable {
    public let offset: Int
    public let wanted: Int
    public init(offset: Int, wanted: Int) { (self.offset, self.wanted) = (offset, wanted) }
  }

  public let bytes: UnsafeRawBufferPointer
  @usableFromInline var position: Int

  @inlinable public init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    self.bytes = bytes
    position = offset
  }

  @inlinable public var offset: Int { position }

  @inlinable public var remaining: Int { bytes.count - offset }
  @inlinable public var isAtEnd: Bool { offset >= bytes.count }

  @inlinable public mutating func readUInt8() throws(Malformed) -> UInt8 { try load(UInt8.self) }
  @inlinable public mutating func readUInt16() throws(Malformed) -> UInt16 {
    UInt16(littleEndian: try load(UInt16.self))
  }
  @inlinable public mutating func readUInt32() throws(Malformed) -> UInt32 {
    UInt32(littleEndian: try load(UInt32.self))
  }
  @inlinable public mutating func readUInt64() throws(Malformed) -> UInt64 {
    UInt64(littleEndian: try load(UInt64.self))
  }
  @inlinable public mutating func readInt64() throws(Malformed) -> Int64 {
    Int64(littleEndian: try load(Int64.self))
  }
  @inlinable public mutating func readBigEndianUInt16() throws(Malformed) -> UInt16 {
    UInt16(bigEndian: try load(UInt16.self))
  }
  @inlinable public mutating func readBigEndianUInt32() throws(Malformed) -> UInt32 {
    UInt32(bigEndian: try load(UInt32.self))
  }

  /// The next `count` bytes, still in the caller's buffer.
  @inlinable public mutating func readBytes(_ count: Int) throws(Malformed)
    -> UnsafeRawBufferPointer
  {
    try require(count)
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// A copy of the next `count` bytes.
  @inlinable public mutating func readArray(_ count: Int) throws(Malformed) -> [UInt8] {
    [UInt8](try readBytes(count))
  }

  @inlinable public mutating func readLengthPrefixedString() throws(Malformed) -> String {
    String(decoding: try readBytes(Int(readUInt16())), as: UTF8.self)
  }

  @inlinable public mutating func skip(_ count: Int) throws(Malformed) {
    try require(count)
    position += count
  }

  @inlinable func require(_ count: Int) throws(Malformed) {
    guard count >= 0, bytes.count - offset >= count else {
      throw Malformed(offset: offset, wanted: count)
    }
  }

  @inlinable mutating func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type
  ) throws(Malformed) -> Integer {
    let size = MemoryLayout<Integer>.size
    try require(size)
    defer { position += size }
    return bytes.loadUnaligned(fromByteOffset: offset, as: type)
  }
}
