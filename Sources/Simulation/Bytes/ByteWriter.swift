/// Appends integers and bytes to a growing buffer.
///
/// Internal protocols and pages are little-endian; network protocols that say otherwise use the
/// members marked `bigEndian`.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8]

  public init(capacity: Int = 0) {
    bytes = []
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  /// Continues after what `bytes` already holds.
  @inlinable public init(appendingTo bytes: [UInt8]) { self.init(adopting: bytes) }

  @usableFromInline init(adopting bytes: [UInt8]) { self.bytes = bytes }

  public var count: Int { bytes.count }

  /// Forgets the contents and keeps the capacity.
  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Hands over the bytes and starts again with none.
  public mutating func take() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &bytes)
    return taken
  }

  public mutating func append(_ value: UInt8) { bytes.append(value) }
  public mutating func append(_ value: UInt16) { appendRaw(value.littleEndian) }
  public mutating func append(_ value: UInt32) { appendRaw(value.littleEndian) }
  public mutating func append(_ value: UInt64) { appendRaw(value.littleEndian) }
  public mutating func append(_ value: Int64) { appendRaw(value.littleEndian) }
  public mutating func append(bigEndian value: UInt16) { appendRaw(value.bigEndian) }
  public mutating func append(bigEndian value: UInt32) { appendRaw(value.bigEndian) }
  public mutating func append(bigEndian value: UInt64) { appendRaw(value.bigEndian) }
  public mutating func append(bigEndian value: Int16) { appendRaw(value.bigEndian) }
  public mutating func append(bigEndian value: Int32) { appendRaw(value.bigEndian) }
  public mutating func append(bigEndian value: Int64) { appendRaw(value.bigEndian) }
  public mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }
  public mutating func append(_ other: ArraySlice<UInt8>) { bytes.append(contentsOf: other) }
  public mutating func append(_ other: UnsafeRawBufferPointer) { bytes.append(contentsOf: other) }
  public mutating func append(utf8 text: String) { bytes.append(contentsOf: text.utf8) }

  /// A string with its length before it, in 16 bits.
  ///
  /// - Precondition: at most 65,535 bytes of UTF-8.
  public mutating func append(lengthPrefixed text: String) {
    append(UInt16(text.utf8.count))
    append(utf8: text)
  }

  /// Bytes with their count before them, in 32 bits.
  public mutating func append(lengthPrefixed other: [UInt8]) {
    append(UInt32(other.count))
    append(other)
  }

  /// Overwrites four bytes, little-endian; for lengths and checksums known only at the end.
  public mutating func overwrite(at offset: Int, with value: UInt32) {
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }
  }

  /// Overwrites four bytes, big-endian.
  public mutating func overwrite(at offset: Int, withBigEndian value: UInt32) {
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }
  }

  private mutating func appendRaw<Integer: FixedWidthInteger>(_ value: Integer) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }
}
