/// How the key of a row or of an index entry becomes bytes: comparing the bytes compares the
/// values.
///
/// ```
/// NULL                    FE: after every value; no column starts with FF, so that a prefix of
///                         columns and FF is an upper bound of the keys that start with the prefix
/// integers, dates,        80 + n and n bytes, the most significant first, for numbers from 0 up;
/// timestamps              80 - n and n bytes of the one's complement below 0
/// boolean                 00 or 01
/// doubles                 01 and 8 bytes: the sign bit inverted, or all bits of a negative number
/// strings                 the bytes, 00 as 00 FF, and 00 at the end; no tag, as UTF-8 has no FE
/// bytea                   01, then as strings
/// numeric                 03, exponent, digits in pairs plus 1, 00; 02 for zero; 01, complement
/// interval                01 and 16 bytes of its comparable length
/// ```
///
/// Equal values have equal keys, so that what does not matter to equality is lost: the trailing
/// zeros of a numeric without a declared scale, whether an interval was written in months or days,
/// `-0`.
public struct KeyEncoding: Sendable {
  public let types: [SQLType]

  public init(types: [SQLType]) { self.types = types }

  /// Appends a whole key, or its leading columns.
  ///
  /// - Precondition: each value is NULL or has its column's representation.
  public func encode(_ key: [Value], into bytes: inout [UInt8]) {
    precondition(key.count <= types.count, "\(key.count) values for a key of \(types.count)")
    for index in key.indices { Self.append(key[index], types[index], to: &bytes) }
  }

  public func encode(_ key: [Value]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16)
    encode(key, into: &bytes)
    return bytes
  }

  /// The least byte string above every key that starts with the columns encoded in `prefix`.
  public static func upperBound(ofPrefix prefix: [UInt8]) -> [UInt8] { prefix + [0xFF] }

  /// Decodes all columns; whatever follows them is left alone.
  public func decode(_ bytes: UnsafeRawBufferPointer) -> [Value] {
    var reader = FieldReader(bytes)
    return types.map { Self.read($0, from: &reader) }
  }

  public static func append(_ value: Value, _ type: SQLType, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(0xFE)
    case .integer(let value): appendInteger(value, to: &bytes)
    case .text(var text):
      let isPadded = type.kind == .character
      text.withUTF8 { utf8 in
        var count = utf8.count
        if isPadded { while count > 0, utf8[count - 1] == 0x20 { count -= 1 } }
        appendEscaped(
          UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: utf8[..<count])), to: &bytes)
      }
    case .boolean(let value): bytes.append(value ? 1 : 0)
    case .timestamp(let value): appendInteger(value, to: &bytes)
    case .date(let value): appendInteger(Int64(value), to: &bytes)
    case .double(let value):
      bytes.append(0x01)
      let pattern = value.isNaN ? Double.nan.bitPattern : (value + 0).bitPattern
      bytes.appendBigEndian(pattern >> 63 == 0 ? pattern | 1 << 63 : ~pattern)
    case .bytes(let value):
      bytes.append(0x01)
      value.withUnsafeBytes { appendEscaped($0, to: &bytes) }
    case .decimal(let value): appendDecimal(value, to: &bytes)
    case .interval(let value):
      bytes.append(0x01)
      bytes.appendBigEndian(
        UInt128(bitPattern: value.comparableLength) ^ (1 << 127))
    }
  }

  private static func appendInteger(_ value: Int64, to bytes: inout [UInt8]) {
    let pattern = value < 0 ? ~value : value
    let count = 8 - pattern.leadingZeroBitCount / 8
    bytes.append(value < 0 ? 0x80 - UInt8(count) - 1 : 0x80 + UInt8(count))
    var shift = count * 8
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: value >> Int64(shift)))
    }
  }

  private static func appendEscaped(_ contents: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    if contents.contains(0) {
      for byte in contents {
        bytes.append(byte)
        if byte == 0 { bytes.append(0xFF) }
      }
    } else {
      bytes.append(contentsOf: contents)
    }
    bytes.append(0)
  }

  private static func appendDecimal(_ value: ExactDecimal, to bytes: inout [UInt8]) {
    guard value.significand != 0 else { return bytes.append(0x02) }
    var digits = Array(String(value.significand.magnitude).utf8)
    // The number is 0.ddd × 10^exponent, which orders by exponent first.
    let exponent = digits.count - value.scale
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    if digits.count % 2 == 1 { digits.append(UInt8(ascii: "0")) }
    let mask: UInt8 = value.significand < 0 ? 0xFF : 0
    bytes.append(value.significand < 0 ? 0x01 : 0x03)
    bytes.append(UInt8(0x80 + exponent) ^ mask)
    for index in stride(from: 0, to: digits.count, by: 2) {
      bytes.append(((digits[index] & 15) * 10 + (digits[index + 1] & 15) + 1) ^ mask)
    }
    bytes.append(mask)
  }

  private static func read(_ type: SQLType, from reader: inout FieldReader) -> Value {
    guard reader.peek() != 0xFE else {
      reader.skip(1)
      return .null
    }
    switch type.kind {
    case .smallint, .integer, .bigint, .oid: return .integer(readInteger(&reader))
    case .timestamp, .timestampWithTimeZone: return .timestamp(readInteger(&reader))
    case .date: return .date(Int32(truncatingIfNeeded: readInteger(&reader)))
    case .boolean: return .boolean(reader.byte() != 0)
    case .real, .double:
      reader.skip(1)
      let pattern = reader.integer(UInt64.self).byteSwapped
      return .double(Double(bitPattern: pattern >> 63 == 1 ? pattern & ~(1 << 63) : ~pattern))
    case .unknown, .text, .varchar, .name, .void:
      return readEscaped(&reader) { .text(String(decoding: $0, as: UTF8.self)) }
    case .character:
      return readEscaped(&reader) { .text(RowEncoding.padded($0, to: type.length ?? 0)) }
    case .bytea:
      reader.skip(1)
      return readEscaped(&reader) { .bytes([UInt8]($0)) }
    case .numeric: return .decimal(readDecimal(&reader, scale: type.precisionAndScale?.scale))
    case .interval:
      reader.skip(1)
      let length = Int128(
        bitPattern: reader.integer(UInt128.self).byteSwapped ^ (1 << 127))
      let (days, time) = length.quotientAndRemainder(
        dividingBy: Int128(Calendar.microsecondsPerDay))
      return .interval(
        SQLInterval(days: Int32(clamping: days), microseconds: Int64(clamping: time)))
    }
  }

  private static func readInteger(_ reader: inout FieldReader) -> Int64 {
    let tag = Int(reader.byte())
    let count = tag >= 0x80 ? tag - 0x80 : 0x7F - tag
    var value: Int64 = tag >= 0x80 ? 0 : -1
    for _ in 0..<count { value = value << 8 | Int64(reader.byte()) }
    return value
  }

  /// Hands over the bytes up to the end mark, in place unless they contain 00.
  private static func readEscaped(
    _ reader: inout FieldReader, _ body: (UnsafeRawBufferPointer) -> Value
  ) -> Value {
    var plain = reader
    var count = 0
    while plain.byte() != 0 { count += 1 }
    guard !plain.isAtEnd, plain.peek() == 0xFF else {
      let contents = reader.slice(count)
      reader.skip(1)
      return body(contents)
    }
    var bytes: [UInt8] = []
    while true {
      let byte = reader.byte()
      if byte == 0 {
        guard !reader.isAtEnd, reader.peek() == 0xFF else { break }
        reader.skip(1)
      }
      bytes.append(byte)
    }
    return bytes.withUnsafeBytes(body)
  }

  private static func readDecimal(_ reader: inout FieldReader, scale: Int?) -> ExactDecimal {
    let tag = reader.byte()
    let declared = scale ?? 0
    guard tag != 0x02 else { return ExactDecimal(uncheckedSignificand: 0, scale: declared) }
    let mask: UInt8 = tag == 0x01 ? 0xFF : 0
    let exponent = Int(reader.byte() ^ mask) - 0x80
    var (significand, digits): (Int128, Int) = (0, 0)
    while true {
      let pair = reader.byte() ^ mask
      if pair == 0 { break }
      significand = significand &* 100 &+ Int128(pair - 1)
      digits += 2
    }
    var shownScale = digits - exponent
    while shownScale > declared, significand % 10 == 0 {
      significand /= 10
      shownScale -= 1
    }
    while shownScale < declared {
      significand *= 10
      shownScale += 1
    }
    return ExactDecimal(
      uncheckedSignificand: mask == 0 ? significand : -significand, scale: shownScale)
  }
}
