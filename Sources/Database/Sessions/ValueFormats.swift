import SQL
import Wire

/// Values as they travel: in PostgreSQL's text, or in its binary form where that is simple.
enum ValueFormats {
  // MARK: Parameters

  /// Reads one parameter.
  ///
  /// - Parameter index: from 0, for messages.
  /// - Throws: what reading text throws; `22P03` for binary data of the wrong length.
  static func read(
    _ bytes: ArraySlice<UInt8>, _ type: SQLType, _ format: Format, index: Int
  ) throws(SQLError) -> Value {
    if format == .binary { return try readBinary(bytes, type, index) }
    switch type.kind {
    case .smallint, .integer, .bigint:
      if let value = shortInteger(bytes), type.kind == .bigint || Int64(Int32.min) <= value,
        type.kind == .bigint || value <= Int64(Int32.max), type.kind != .smallint
      {
        return .integer(value)
      }
    default: break
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SQLError(
        sqlState: "22021", message: "invalid byte sequence for encoding \"UTF8\"")
    }
    return try Value.parse(text, as: type)
  }

  /// Up to 18 digits with an optional sign and nothing else; `nil` for anything that needs a closer look.
  private static func shortInteger(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard bytes.count <= 18, let first = bytes.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    let digits = isNegative ? bytes.dropFirst() : bytes
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for byte in digits {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    return isNegative ? -value : value
  }

  private static func readBinary(
    _ bytes: ArraySlice<UInt8>, _ type: SQLType, _ index: Int
  ) throws(SQLError) -> Value {
    func number<Number: FixedWidthInteger>(_: Number.Type) throws(SQLError) -> Number {
      guard bytes.count == MemoryLayout<Number>.size else {
        throw SQLError(
          sqlState: "22P03",
          message: "incorrect binary data format in bind parameter \(index + 1)")
      }
      var value: Number = 0
      for byte in bytes { value = value << 8 | Number(truncatingIfNeeded: byte) }
      return value
    }
    switch type.kind {
    case .boolean: return .boolean(try number(UInt8.self) != 0)
    case .smallint: return .integer(Int64(try number(Int16.self)))
    case .integer: return .integer(Int64(try number(Int32.self)))
    case .oid: return .integer(Int64(try number(UInt32.self)))
    case .bigint: return .integer(try number(Int64.self))
    case .real: return .double(Double(Float(bitPattern: try number(UInt32.self))))
    case .double: return .double(Double(bitPattern: try number(UInt64.self)))
    case .date: return .date(try number(Int32.self))
    case .timestamp, .timestampWithTimeZone: return .timestamp(try number(Int64.self))
    case .bytea: return .bytes(Array(bytes))
    case .text, .varchar, .character, .name, .unknown:
      return try read(bytes, type, .text, index: index)
    case .numeric, .interval, .void:
      throw .featureNotSupported("the binary format of \(type.nameWithoutModifier)")
    }
  }

  // MARK: Results

  static func write(
    _ value: Value, _ type: SQLType, _ format: Format, to writer: inout BackendWriter
  ) throws(SQLError) {
    switch value {
    case .null: writer.column(nil)
    case .text(let text): writer.column(text: text)
    default:
      if format == .binary {
        try writeBinary(value, type, to: &writer)
      } else {
        writer.column { value.appendText(as: type, to: &$0) }
      }
    }
  }

  private static func writeBinary(
    _ value: Value, _ type: SQLType, to writer: inout BackendWriter
  ) throws(SQLError) {
    func number<Number: FixedWidthInteger>(_ number: Number) {
      writer.column { bytes in
        var shift = MemoryLayout<Number>.size * 8
        while shift > 0 {
          shift -= 8
          bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
      }
    }
    switch value {
    case .integer(let value):
      switch type.kind {
      case .smallint: number(Int16(truncatingIfNeeded: value))
      case .integer, .oid: number(Int32(truncatingIfNeeded: value))
      default: number(value)
      }
    case .boolean(let value): writer.column { $0.append(value ? 1 : 0) }
    case .double(let value):
      if type.kind == .real { number(Float(value).bitPattern) } else { number(value.bitPattern) }
    case .timestamp(let value): number(value)
    case .date(let value): number(value)
    case .bytes(let value): writer.column(value[...])
    default: throw .featureNotSupported("the binary format of \(type.nameWithoutModifier)")
    }
  }
}
