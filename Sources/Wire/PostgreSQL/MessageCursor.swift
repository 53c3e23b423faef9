/// Reads the body of one message from front to back; every read checks that the body goes on.
///
/// It reads through a pointer, since every step over the array itself would count references; the
/// array is there for what outlives the reading.
struct MessageCursor {
  private let pointer: UnsafeBufferPointer<UInt8>
  private let owner: [UInt8]
  private(set) var offset: Int
  private let end: Int
  let type: UInt8

  /// - Parameters:
  ///   - pointer: the contents of `owner`, for as long as this is used.
  ///   - frame: where in it the message stands.
  init(_ pointer: UnsafeBufferPointer<UInt8>, owner: [UInt8], _ frame: Frame) {
    (self.pointer, self.owner) = (pointer, owner)
    (offset, end, type) = (frame.start, frame.end, frame.type)
  }

  var remaining: Int { end - offset }

  func malformed(_ reason: String) -> WireError { .malformed(type: type, reason: reason) }

  mutating func byte() throws(WireError) -> UInt8 { try load(UInt8.self) }
  mutating func int16() throws(WireError) -> Int16 { Int16(bigEndian: try load(Int16.self)) }
  mutating func uint32() throws(WireError) -> UInt32 { UInt32(bigEndian: try load(UInt32.self)) }
  mutating func int32() throws(WireError) -> Int32 { Int32(bigEndian: try load(Int32.self)) }

  /// How many things follow; unlike most numbers of the protocol it has no sign.
  mutating func count() throws(WireError) -> Int { Int(UInt16(bitPattern: try int16())) }

  /// Text up to a zero byte.
  mutating func text() throws(WireError) -> String {
    let rest = UnsafeBufferPointer(rebasing: pointer[offset..<end])
    guard let length = rest.firstIndex(of: 0) else { throw malformed("a text without an end") }
    offset += length + 1
    if length == 0 { return "" }
    let body = UnsafeBufferPointer(rebasing: rest[..<length])
    // Nearly all text is ASCII, which needs no validation.
    if body.allSatisfy({ $0 < 0x80 }) { return String(decoding: body, as: UTF8.self) }
    guard let text = String(validating: body, as: UTF8.self) else {
      throw .invalidText(type: type)
    }
    return text
  }

  mutating func slice(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
    try require(count)
    defer { offset += count }
    return owner[offset..<offset + count]
  }

  /// All that is left.
  mutating func rest() -> ArraySlice<UInt8> {
    defer { offset = end }
    return owner[offset..<end]
  }

  /// Values with a 32-bit length before each, -1 standing for null.
  mutating func fields(_ count: Int) throws(WireError) -> MessageFields {
    let start = offset
    for _ in 0..<count {
      let length = try int32()
      guard length >= -1 else { throw malformed("a negative length") }
      if length > 0 { try skip(Int(length)) }
    }
    return MessageFields(bytes: owner, start: start, count: count)
  }

  /// A count of format codes, and the codes.
  mutating func formats() throws(WireError) -> FormatCodes {
    let count = try count()
    let start = offset
    for _ in 0..<count {
      let code = try int16()
      guard Format(rawValue: code) != nil else { throw malformed("a format code of \(code)") }
    }
    return FormatCodes(bytes: owner, start: start, count: count)
  }

  /// Checks that nothing is left.
  func finish() throws(WireError) {
    if offset != end { throw malformed("\(remaining) bytes too many") }
  }

  private mutating func skip(_ count: Int) throws(WireError) {
    try require(count)
    offset += count
  }

  @inline(__always)
  private mutating func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type
  ) throws(WireError) -> Integer {
    let size = MemoryLayout<Integer>.size
    try require(size)
    defer { offset += size }
    return UnsafeRawBufferPointer(pointer).loadUnaligned(fromByteOffset: offset, as: type)
  }

  @inline(__always)
  private func require(_ count: Int) throws(WireError) {
    guard count >= 0, end - offset >= count else { throw malformed("it ends too early") }
  }
}
