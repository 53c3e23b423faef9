/// Text output, exactly as PostgreSQL prints it with `DateStyle = ISO`, `IntervalStyle = postgres`,
/// `bytea_output = hex`, `extra_float_digits = 1` and `TimeZone = UTC`.
extension Value {
  /// The value as text; `nil` for NULL.
  public func text(as type: SQLType) -> String? {
    switch self {
    case .null: return nil
    case .text(let value): return value
    default:
      var bytes: [UInt8] = []
      appendText(as: type, to: &bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Appends the value as text; nothing for NULL.
  public func appendText(as type: SQLType, to bytes: inout [UInt8]) {
    switch self {
    case .null: break
    case .boolean(let value): bytes.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    case .integer(let value): bytes.appendDecimal(value)
    case .double(let value):
      bytes.append(contentsOf: FloatText.text(value, isReal: type.kind == .real).utf8)
    case .text(let value): bytes.append(contentsOf: value.utf8)
    case .decimal(let value): bytes.append(contentsOf: value.description.utf8)
    case .bytes(let value): bytes.appendHexadecimal(value)
    case .date(let value): bytes.appendDate(ofDay: Int(value))
    case .timestamp(let value):
      bytes.appendTimestamp(value, hasZone: type.kind == .timestampWithTimeZone)
    case .interval(let value): bytes.appendInterval(value)
    }
  }
}

extension [UInt8] {
  /// Appends an integer in decimal, with leading zeros up to `width` digits.
  ///
  /// - Precondition: `width <= 20`.
  mutating func appendDecimal(_ value: Int64, width: Int = 1) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { digits in
      var start = digits.count
      var rest = value.magnitude
      while rest > 0 || digits.count - start < width {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
      if value < 0 {
        start -= 1
        digits[start] = UInt8(ascii: "-")
      }
      append(contentsOf: digits[start...])
    }
  }

  fileprivate mutating func appendHexadecimal(_ contents: [UInt8]) {
    append(contentsOf: "\\x".utf8)
    for byte in contents {
      for digit in [byte >> 4, byte & 15] {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }

  fileprivate mutating func appendDate(ofDay day: Int) {
    let (year, month, day) = Calendar.date(ofDay: day)
    appendDecimal(Int64(year > 0 ? year : 1 - year), width: 4)
    append(UInt8(ascii: "-"))
    appendDecimal(Int64(month), width: 2)
    append(UInt8(ascii: "-"))
    appendDecimal(Int64(day), width: 2)
    if year <= 0 { append(contentsOf: " BC".utf8) }
  }

  fileprivate mutating func appendTimestamp(_ timestamp: Int64, hasZone: Bool) {
    let (day, time) = Calendar.split(timestamp)
    let isBeforeChrist = Calendar.date(ofDay: day).year <= 0
    appendDate(ofDay: day)
    if isBeforeChrist { removeLast(3) }
    append(UInt8(ascii: " "))
    appendTime(time)
    if hasZone { append(contentsOf: "+00".utf8) }
    if isBeforeChrist { append(contentsOf: " BC".utf8) }
  }

  /// Appends `HH:MM:SS[.ffffff]`, trailing zeros of the fraction dropped.
  private mutating func appendTime(_ time: Int64) {
    let (seconds, fraction) = time.quotientAndRemainder(dividingBy: 1_000_000)
    appendDecimal(seconds / 3_600, width: 2)
    append(UInt8(ascii: ":"))
    appendDecimal(seconds / 60 % 60, width: 2)
    append(UInt8(ascii: ":"))
    appendDecimal(seconds % 60, width: 2)
    guard fraction > 0 else { return }
    append(UInt8(ascii: "."))
    appendDecimal(fraction, width: 6)
    while last == UInt8(ascii: "0") { removeLast() }
  }

  /// Appends such as `1 year 2 mons -3 days +04:05:06.7`.
  fileprivate mutating func appendInterval(_ interval: SQLInterval) {
    var (isEmpty, followsNegative) = (true, false)
    let (years, months) = interval.months.quotientAndRemainder(dividingBy: 12)
    for (count, unit) in [(years, "year"), (months, "mon"), (interval.days, "day")] where count != 0
    {
      if !isEmpty { append(UInt8(ascii: " ")) }
      if followsNegative && count > 0 { append(UInt8(ascii: "+")) }
      appendDecimal(Int64(count))
      append(contentsOf: " \(unit)\(count == 1 ? "" : "s")".utf8)
      (isEmpty, followsNegative) = (false, count < 0)
    }
    guard isEmpty || interval.microseconds != 0 else { return }
    if !isEmpty { append(UInt8(ascii: " ")) }
    if interval.microseconds < 0 {
      append(UInt8(ascii: "-"))
    } else if followsNegative {
      append(UInt8(ascii: "+"))
    }
    appendTime(Int64(clamping: interval.microseconds.magnitude))
  }
}
