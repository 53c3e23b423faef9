/// How a row of a table becomes bytes.
///
/// ```
/// count of columns    1 or 2 bytes: rows written before ADD COLUMN are shorter
/// NULL bitmap         one bit a column, lowest first; a set bit is NULL and takes no further space
/// values in order     boolean 1 byte · smallint 2 · integer, oid, date 4 · bigint, timestamps,
///                     doubles 8 · interval 16 · numeric: scale, length, two's complement ·
///                     strings: length, bytes
/// ```
///
/// Integers are little-endian. The blanks that pad `character(n)` are not stored: the type implies
/// them. The columns of fixed width in front of the first string are found without a walk when
/// nothing is NULL.
public struct RowEncoding: Sendable {
  public let types: [SQLType]
  /// Where each column starts behind the bitmap if none before it is NULL; up to and with the first
  /// column that follows only columns of fixed width.
  private let fixedOffsets: [Int]
  private let bitmapSize: Int

  public init(types: [SQLType]) {
    precondition(types.count < 1 << 14, "a row has at most 16383 columns")
    self.types = types
    bitmapSize = (types.count + 7) / 8
    var offsets: [Int] = []
    var offset: Int? = 0
    for type in types {
      guard let start = offset else { break }
      offsets.append(start)
      offset = type.storedSize.map { start + $0 }
    }
    fixedOffsets = offsets
  }

  /// Appends the encoding of `row` to `bytes`.
  ///
  /// - Precondition: each value is NULL or has its column's representation, cast to its type.
  public func encode(_ row: [Value], into bytes: inout [UInt8]) {
    precondition(row.count == types.count, "\(row.count) values for \(types.count) columns")
    bytes.appendLength(types.count)
    let bitmap = bytes.count
    for _ in 0..<bitmapSize { bytes.append(0) }
    for index in row.indices {
      if case .null = row[index] {
        bytes[bitmap + (index >> 3)] |= 1 << UInt8(index & 7)
      } else {
        append(row[index], types[index], to: &bytes)
      }
    }
  }

  public func encode(_ row: [Value]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    encode(row, into: &bytes)
    return bytes
  }

  /// Decodes a whole row; columns added since it was written are NULL.
  public func decode(_ bytes: UnsafeRawBufferPointer) -> [Value] {
    var row: [Value] = []
    row.reserveCapacity(types.count)
    decode(bytes, into: &row)
    return row
  }

  /// Appends the decoded values to `row`, which saves the array of a row that is joined to others.
  public func decode(_ bytes: UnsafeRawBufferPointer, into row: inout [Value]) {
    var reader = FieldReader(bytes)
    let (bitmap, stored) = Self.header(&reader)
    for index in 0..<min(stored, types.count) {
      if bitmap[index >> 3] & (1 << UInt8(index & 7)) != 0 {
        row.append(.null)
      } else {
        row.append(Self.read(types[index], from: &reader))
      }
    }
    for _ in min(stored, types.count)..<types.count { row.append(.null) }
  }

  /// Appends only the columns for which `isNeeded` is set; the others are NULL, and cost no more
  /// than to step over them.
  ///
  /// - Precondition: `isNeeded.count == types.count`.
  public func decode(
    _ bytes: UnsafeRawBufferPointer, into row: inout [Value], where isNeeded: [Bool]
  ) {
    var reader = FieldReader(bytes)
    let (bitmap, stored) = Self.header(&reader)
    for index in 0..<min(stored, types.count) {
      if bitmap[index >> 3] & (1 << UInt8(index & 7)) != 0 {
        row.append(.null)
      } else if isNeeded[index] {
        row.append(Self.read(types[index], from: &reader))
      } else {
        row.append(.null)
        Self.skip(types[index], in: &reader)
      }
    }
    for _ in min(stored, types.count)..<types.count { row.append(.null) }
  }

  /// Decodes one column.
  public func decode(column: Int, from bytes: UnsafeRawBufferPointer) -> Value {
    var reader = FieldReader(bytes)
    let (bitmap, stored) = Self.header(&reader)
    guard column < stored else { return .null }
    if bitmap[column >> 3] & (1 << UInt8(column & 7)) != 0 { return .null }
    if column < fixedOffsets.count, bitmap.allSatisfy({ $0 == 0 }) {
      reader.skip(fixedOffsets[column])
    } else {
      for index in 0..<column where bitmap[index >> 3] & (1 << UInt8(index & 7)) == 0 {
        Self.skip(types[index], in: &reader)
      }
    }
    return Self.read(types[column], from: &reader)
  }

  private static func header(
    _ reader: inout FieldReader
  ) -> (bitmap: UnsafeRawBufferPointer, stored: Int) {
    let stored = reader.length()
    return (reader.slice((stored + 7) / 8), stored)
  }

  private func append(_ value: Value, _ type: SQLType, to bytes: inout [UInt8]) {
    switch value {
    case .integer(let value):
      switch type.kind {
      case .smallint: bytes.appendLittleEndian(Int16(value))
      case .integer: bytes.appendLittleEndian(Int32(value))
      case .oid: bytes.appendLittleEndian(UInt32(value))
      case .bigint: bytes.appendLittleEndian(value)
      default: Self.refuse(.integer(value), type)
      }
    case .text(let text):
      precondition(type.isText || type.kind == .unknown, "text in a column of type \(type.name)")
      var text = text
      let isPadded = type.kind == .character
      text.withUTF8 { utf8 in
        var count = utf8.count
        if isPadded { while count > 0, utf8[count - 1] == 0x20 { count -= 1 } }
        bytes.appendLength(count)
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[..<count]))
      }
    case .boolean(let value) where type.kind == .boolean: bytes.append(value ? 1 : 0)
    case .double(let value) where type.kind == .double || type.kind == .real:
      bytes.appendLittleEndian(value.bitPattern)
    case .timestamp(let value)
    where type.kind == .timestamp || type.kind == .timestampWithTimeZone:
      bytes.appendLittleEndian(value)
    case .date(let value) where type.kind == .date: bytes.appendLittleEndian(value)
    case .bytes(let value) where type.kind == .bytea:
      bytes.appendLength(value.count)
      bytes.append(contentsOf: value)
    case .decimal(let value) where type.kind == .numeric:
      bytes.append(UInt8(value.scale))
      let sign = value.significand >> 127
      var size = 1
      while size < 16, value.significand >> Int128(size * 8 - 1) != sign { size += 1 }
      bytes.append(UInt8(size))
      for index in 0..<size {
        bytes.append(UInt8(truncatingIfNeeded: value.significand >> Int128(index * 8)))
      }
    case .interval(let value) where type.kind == .interval:
      bytes.appendLittleEndian(value.months)
      bytes.appendLittleEndian(value.days)
      bytes.appendLittleEndian(value.microseconds)
    default: Self.refuse(value, type)
    }
  }

  private static func read(_ type: SQLType, from reader: inout FieldReader) -> Value {
    switch type.kind {
    case .smallint: return .integer(Int64(reader.integer(Int16.self)))
    case .integer: return .integer(Int64(reader.integer(Int32.self)))
    case .oid: return .integer(Int64(reader.integer(UInt32.self)))
    case .bigint: return .integer(reader.integer(Int64.self))
    case .boolean: return .boolean(reader.byte() != 0)
    case .real, .double: return .double(Double(bitPattern: reader.integer(UInt64.self)))
    case .timestamp, .timestampWithTimeZone: return .timestamp(reader.integer(Int64.self))
    case .date: return .date(reader.integer(Int32.self))
    case .unknown, .text, .varchar, .name, .void:
      let count = reader.length()
      return .text(String(decoding: reader.slice(count), as: UTF8.self))
    case .character:
      let count = reader.length()
      return .text(padded(reader.slice(count), to: type.length ?? 0))
    case .bytea:
      let count = reader.length()
      return .bytes([UInt8](reader.slice(count)))
    case .numeric:
      let scale = Int(reader.byte())
      let bytes = reader.slice(Int(reader.byte()))
      var significand: Int128 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : -1
      for byte in bytes.reversed() { significand = significand << 8 | Int128(byte) }
      return .decimal(ExactDecimal(uncheckedSignificand: significand, scale: scale))
    case .interval:
      let months = reader.integer(Int32.self)
      let days = reader.integer(Int32.self)
      return .interval(
        SQLInterval(months: months, days: days, microseconds: reader.integer(Int64.self)))
    }
  }

  private static func skip(_ type: SQLType, in reader: inout FieldReader) {
    if let size = type.storedSize {
      reader.skip(size)
    } else if type.kind == .numeric {
      reader.skip(1)
      reader.skip(Int(reader.byte()))
    } else {
      reader.skip(reader.length())
    }
  }

  private static func refuse(_ value: Value, _ type: SQLType) -> Never {
    preconditionFailure("\(value) in a column of type \(type.name)")
  }
}

extension RowEncoding {
  /// `contents` with blanks up to `length` characters.
  static func padded(_ contents: UnsafeRawBufferPointer, to length: Int) -> String {
    var characters = 0
    for byte in contents where byte & 0xC0 != 0x80 { characters += 1 }
    let size = contents.count + max(length - characters, 0)
    return String(unsafeUninitializedCapacity: size) { buffer in
      _ = buffer.initialize(from: contents)
      buffer[contents.count...].initialize(repeating: 0x20)
      return size
    }
  }
}

extension SQLType {
  /// The bytes that a value takes in a stored row, if that is fixed.
  fileprivate var storedSize: Int? {
    switch kind {
    case .boolean: 1
    case .smallint: 2
    case .integer, .oid, .date: 4
    case .bigint, .real, .double, .timestamp, .timestampWithTimeZone: 8
    case .interval: 16
    case .numeric, .unknown, .text, .varchar, .name, .void, .character, .bytea: nil
    }
  }
}
