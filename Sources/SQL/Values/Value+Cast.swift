extension Value {
  /// Converts a value of the type `source` to the type `target`.
  ///
  /// - Parameter isExplicit: written as a cast; strings that are too long are then cut, not
  ///   refused.
  /// - Throws: `22003` if the number does not fit, `22P02` if text does not read, `42846` if there
  ///   is no such conversion.
  public func cast(
    from source: SQLType, to target: SQLType, isExplicit: Bool = true
  ) throws(SQLError) -> Value {
    switch self {
    case .null: return .null
    case .text(let text):
      guard !target.isText, target.kind != .unknown else {
        return try adjusted(to: target, from: source, isExplicit: isExplicit)
      }
      return try Value.parse(text, as: target)
    default: break
    }
    if target.isText || target.kind == .unknown {
      let text: String? =
        if case .boolean(let value) = self { value ? "true" : "false" } else { text(as: source) }
      guard let text else { return .null }
      return try Value.text(text).adjusted(to: target, isExplicit: isExplicit)
    }
    switch (self, target.kind) {
    case (.integer(let value), .smallint), (.integer(let value), .integer),
      (.integer(let value), .bigint), (.integer(let value), .oid):
      return .integer(try Value.fitting(value, target))
    case (.integer(let value), .boolean) where source.kind == .integer: return .boolean(value != 0)
    case (.boolean(let value), .integer): return .integer(value ? 1 : 0)
    case (.integer(let value), .real): return .double(Double(Float(value)))
    case (.integer(let value), .double): return .double(Double(value))
    case (.integer, .numeric), (.decimal, .numeric), (.double, .numeric):
      return try asDecimal(isReal: source.kind == .real).adjusted(
        to: target, isExplicit: isExplicit)
    case (.decimal(let value), .smallint), (.decimal(let value), .integer),
      (.decimal(let value), .bigint), (.decimal(let value), .oid):
      guard let integer = value.int64Value else { throw .numericValueOutOfRange(target) }
      return .integer(try Value.fitting(integer, target))
    case (.decimal(let value), .double): return .double(value.doubleValue)
    case (.decimal(let value), .real): return .double(Double(Float(value.doubleValue)))
    case (.double(let value), .double): return .double(value)
    case (.double(let value), .real):
      let rounded = Double(Float(value))
      if rounded.isInfinite && value.isFinite { throw .numericValueOutOfRange(.real) }
      if rounded == 0 && value != 0 { throw .numericUnderflow }
      return .double(rounded)
    case (.double(let value), .smallint), (.double(let value), .integer),
      (.double(let value), .bigint):
      guard let integer = Int64(exactly: value.rounded(.toNearestOrEven)) else {
        throw .numericValueOutOfRange(target)
      }
      return .integer(try Value.fitting(integer, target))
    case (.timestamp, .timestamp), (.timestamp, .timestampWithTimeZone), (.date, .date),
      (.boolean, .boolean), (.bytes, .bytea), (.interval, .interval):
      return self
    case (.timestamp(let value), .date): return .date(Int32(Calendar.split(value).day))
    case (.date(let day), .timestamp), (.date(let day), .timestampWithTimeZone):
      return .timestamp(Int64(day) * Calendar.microsecondsPerDay)
    default: throw .cannotCast(from: source, to: target)
    }
  }

  /// Applies the modifier of `type` to a value that has its representation already.
  func adjusted(
    to type: SQLType, from source: SQLType = .text, isExplicit: Bool
  ) throws(SQLError) -> Value {
    switch self {
    case .text(let text): return .text(try Value.adjusted(text, type, source, isExplicit))
    case .decimal(let value):
      guard let (precision, scale) = type.precisionAndScale else { return self }
      let rounded = try value.rounded(toScale: scale)
      guard rounded.significand.magnitude < ExactDecimal.powerOfTen(min(precision, 38)) else {
        var error = SQLError(sqlState: "22003", message: "numeric field overflow")
        error.detail =
          "A field with precision \(precision), scale \(scale) must round to an absolute value "
          + "less than \(precision == scale ? "1" : "10^\(precision - scale)")."
        throw error
      }
      return .decimal(rounded)
    default: return self
    }
  }

  private static func adjusted(
    _ text: String, _ type: SQLType, _ source: SQLType, _ isExplicit: Bool
  ) throws(SQLError) -> String {
    // Padding is no part of a blank-padded value once it is something else.
    let unpadded = source.kind == .character && type.kind != .character
    let text = unpadded ? text.withoutTrailingBlanks : text
    guard let length = type.length else { return text }
    let count =
      text.utf8.count <= length && text.utf8.isASCII
      ? text.utf8.count : text.unicodeScalars.count
    if count > length {
      let end = text.unicodeScalars.index(text.startIndex, offsetBy: length)
      guard isExplicit || text[end...].utf8.allSatisfy({ $0 == 0x20 }) else {
        throw .stringTooLong(type)
      }
      return String(text[..<end])
    }
    guard type.kind == .character, count < length else { return text }
    return text + String(repeating: " ", count: length - count)
  }

  private func asDecimal(isReal: Bool) throws(SQLError) -> Value {
    if let value = decimalValue { return .decimal(value) }
    guard case .double(let value) = self else { return self }
    guard value.isFinite else {
      throw .featureNotSupported("\(FloatText.text(value, isReal: false)) as numeric")
    }
    // PostgreSQL keeps 15 significant digits of a double, 6 of a real.
    let text = FloatText.rounded(value, significantDigits: isReal ? 6 : 15)
    return try ExactDecimal.parse(text).map { .decimal($0) } ?? self
  }

  static func fitting(_ value: Int64, _ type: SQLType) throws(SQLError) -> Int64 {
    guard type.integerRange.contains(value) else { throw .numericValueOutOfRange(type) }
    return value
  }
}

extension String {
  /// Without the blanks at the end.
  var withoutTrailingBlanks: String {
    guard utf8.last == 0x20 else { return self }
    let end = utf8.lastIndex { $0 != 0x20 }
    return end.map { String(self[...$0]) } ?? ""
  }
}

extension String.UTF8View {
  var isASCII: Bool { allSatisfy { $0 < 0x80 } }
}
