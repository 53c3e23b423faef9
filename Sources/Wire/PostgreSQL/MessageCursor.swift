/// Reads the body of one message from front to back; every read checks that the body goes on.
struct MessageCursor {
  let bytes: [UInt8]
  private(set) var offset: Int
  let end: Int
  let type: UInt8

  init(bytes: [UInt8], offset: Int, end: Int, type: UInt8) {
    (self.bytes, self.offset, self.end, self.type) = (bytes, offset, end, type)
  }

  var remaining: Int { end - offset }

  func malformed(_ reason: String) -> WireError { .malformed(type: type, reason: reason) }

  mutating func byte() throws(WireError) -> UInt8 {
    try require(1)
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func int16() throws(WireError) -> Int16 {
    try require(2)
    defer { offset += 2 }
    return Int16(bitPattern: UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]))
  }

  mutating func uint32() throws(WireError) -> UInt32 {
    try require(4)
    defer { offset += 4 }
    let high = UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
    return high | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
  }

  mutating func int32() throws(WireError) -> Int32 { Int32(bitPattern: try uint32()) }

  /// How many things follow; unlike most numbers of the protocol it has no sign.
  mutating func count() throws(WireError) -> Int { Int(UInt16(bitPattern: try int16())) }

  /// Text up to a zero byte.
  mutating func text() throws(WireError) -> String {
    guard let zero = bytes[offset..<end].firstIndex(of: 0) else {
      throw malformed("a text without an end")
    }
    defer { offset = zero + 1 }
    if zero == offset { return "" }
    guard let text = String(validating: bytes[offset..<zero], as: UTF8.self) else {
      throw .invalidText(type: type)
    }
    return text
  }

  mutating func slice(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
    try require(count)
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  /// All that is left.
  mutating func rest() -> ArraySlice<UInt8> {
    defer { offset = end }
    return bytes[offset..<end]
  }

  /// Values with a 32-bit length before each, -1 standing for null.
  mutating func fields(_ count: Int) throws(WireError) -> MessageFields {
    let start = offset
    for _ in 0..<count {
      let length = try int32()
      guard length >= -1 else { throw malformed("a negative length") }
      if length > 0 { try skip(Int(length)) }
    }
    return MessageFields(bytes: bytes, start: start, count: count)
  }

  /// A count of format codes, and the codes.
  mutating func formats() throws(WireError) -> FormatCodes {
    let count = try count()
    let start = offset
    for _ in 0..<count {
      let code = try int16()
      guard Format(rawValue: code) != nil else { throw malformed("a format code of \(code)") }
    }
    return FormatCodes(bytes: bytes, start: start, count: count)
  }

  /// Checks that nothing is left.
  func finish() throws(WireError) {
    if offset != end { throw malformed("\(remaining) bytes too many") }
  }

  private mutating func skip(_ count: Int) throws(WireError) {
    try require(count)
    offset += count
  }

  private func require(_ count: Int) throws(WireError) {
    guard count >= 0, end - offset >= count else { throw malformed("it ends too early") }
  }
}
