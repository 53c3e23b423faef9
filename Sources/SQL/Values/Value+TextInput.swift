/// Text input, as PostgreSQL's input functions read it.
extension Value {
  /// Reads `text` as a value of `type`, whose modifier is applied as by an assignment.
  ///
  /// - Throws: `22P02` (`22007` for dates and times) if it does not read, `22003` (`22008`) if the
  ///   value does not fit, `22001` if a string is too long.
  public static func parse(_ text: String, as type: SQLType) throws(SQLError) -> Value {
    switch type.kind {
    case .unknown, .text, .name, .varchar, .character, .void:
      return try Value.text(text).adjusted(to: type, isExplicit: false)
    case .boolean: return .boolean(try parseBoolean(text, type))
    case .smallint, .integer, .bigint, .oid: return .integer(try parseInteger(text, type))
    case .real, .double: return .double(try parseDouble(text, type))
    case .numeric:
      guard let value = try ExactDecimal.parse(trimmed(text)) else {
        throw .invalidTextRepresentation(text, type)
      }
      return try Value.decimal(value).adjusted(to: type, isExplicit: false)
    case .bytea: return .bytes(try parseBytes(text))
    case .date:
      let timestamp = try DateTimeReader.timestamp(text, type)
      return .date(Int32(Calendar.split(timestamp.local).day))
    case .timestamp: return .timestamp(try DateTimeReader.timestamp(text, type).local)
    case .timestampWithTimeZone:
      let timestamp = try DateTimeReader.timestamp(text, type)
      return .timestamp(timestamp.local - timestamp.offset)
    case .interval: return .interval(try IntervalReader.interval(text))
    }
  }

  private static func trimmed(_ text: String) -> Substring {
    let isBlank = { (character: Character) in character.isWhitespace }
    let start = text.drop(while: isBlank)
    guard let end = start.lastIndex(where: { !isBlank($0) }) else { return start }
    return start[...end]
  }

  private static func parseBoolean(_ text: String, _ type: SQLType) throws(SQLError) -> Bool {
    let word = trimmed(text).lowercased()
    switch word {
    case "": break
    case "1", "on": return true
    case "0", "off", "of": return false
    default:
      if "true".hasPrefix(word) || "yes".hasPrefix(word) { return true }
      if "false".hasPrefix(word) || "no".hasPrefix(word) { return false }
    }
    throw .invalidTextRepresentation(text, type)
  }

  private static func parseInteger(_ text: String, _ type: SQLType) throws(SQLError) -> Int64 {
    if let plain = plainInteger(text), type.integerRange.contains(plain) { return plain }
    let digits = trimmed(text)
    let unsigned = digits.hasPrefix("-") || digits.hasPrefix("+") ? digits.dropFirst() : digits
    guard !unsigned.isEmpty, unsigned.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw .invalidTextRepresentation(text, type)
    }
    guard let value = Int64(digits), type.integerRange.contains(value) else {
      throw .textOutOfRange(text, type)
    }
    return value
  }

  /// Up to 18 digits behind an optional minus, which is what clients send; `nil` for all else.
  private static func plainInteger(_ text: String) -> Int64? {
    var (value, digits, isNegative): (Int64, Int, Bool) = (0, 0, false)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "-"), digits == 0, !isNegative {
        isNegative = true
        continue
      }
      guard byte &- 0x30 < 10, digits < 18 else { return nil }
      value = value * 10 + Int64(byte & 15)
      digits += 1
    }
    return digits > 0 ? (isNegative ? -value : value) : nil
  }

  private static func parseDouble(_ text: String, _ type: SQLType) throws(SQLError) -> Double {
    let word = trimmed(text)
    switch word.lowercased() {
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    case "nan": return .nan
    default: break
    }
    guard word.utf8.allSatisfy({ "0123456789.+-eE".utf8.contains($0) }), let value = Double(word)
    else { throw .invalidTextRepresentation(text, type) }
    let rounded = type.kind == .real ? Double(Float(value)) : value
    let hasDigits = word.prefix { $0 != "e" && $0 != "E" }.contains { ("1"..."9").contains($0) }
    if rounded.isInfinite || (rounded == 0 && hasDigits) { throw .textOutOfRange(text, type) }
    return rounded
  }

  /// Reads `\x0aff`, or the older form with `\\` and `\ooo`.
  private static func parseBytes(_ text: String) throws(SQLError) -> [UInt8] {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    if source.starts(with: "\\x".utf8) {
      var high: UInt8?
      for byte in source.dropFirst(2) where byte != UInt8(ascii: " ") {
        let character = Character(UnicodeScalar(byte))
        guard let digit = character.hexDigitValue else {
          throw .invalidArgument("invalid hexadecimal digit: \"\(character)\"")
        }
        if let first = high {
          bytes.append(first << 4 | UInt8(digit))
          high = nil
        } else {
          high = UInt8(digit)
        }
      }
      guard high == nil else {
        throw .invalidArgument("invalid hexadecimal data: odd number of digits")
      }
      return bytes
    }
    var index = 0
    while index < source.count {
      guard source[index] == UInt8(ascii: "\\") else {
        bytes.append(source[index])
        index += 1
        continue
      }
      if index + 1 < source.count, source[index + 1] == UInt8(ascii: "\\") {
        bytes.append(UInt8(ascii: "\\"))
        index += 2
        continue
      }
      let octal = source[(index + 1)...].prefix(3)
      guard octal.count == 3, let value = UInt8(String(decoding: octal, as: UTF8.self), radix: 8)
      else { throw .invalidTextRepresentation(text, .bytea) }
      bytes.append(value)
      index += 4
    }
    return bytes
  }
}
