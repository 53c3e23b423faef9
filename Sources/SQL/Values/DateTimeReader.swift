/// Reads dates and timestamps in ISO 8601's order: `2026-01-31`, `2026-01-31 12:30:00.5+02`,
/// `2026-01-31T12:30Z`, `epoch`.
enum DateTimeReader {
  /// Reads a timestamp as written, and the offset of its zone from UTC, both in microseconds.
  static func timestamp(
    _ text: String, _ type: SQLType
  ) throws(SQLError) -> (local: Int64, offset: Int64) {
    var scanner = Scanner(text)
    scanner.skipBlanks()
    if scanner.take("epoch") {
      scanner.skipBlanks()
      guard scanner.isAtEnd else { throw .invalidTextRepresentation(text, type) }
      return (Int64(Calendar.day(year: 1970, month: 1, day: 1)) * Calendar.microsecondsPerDay, 0)
    }
    guard let year = scanner.number(), scanner.take("-"), let month = scanner.number(),
      scanner.take("-"), let day = scanner.number()
    else { throw .invalidTextRepresentation(text, type) }
    guard (1...12).contains(month), year > 0, year < 294_277,
      (1...Calendar.daysInMonth(year: year, month: month)).contains(day)
    else { throw .textOutOfRange(text, type) }

    var time: Int64 = 0
    var offset: Int64 = 0
    let separated = scanner.take("T") || scanner.take("t") || scanner.skipBlanks()
    if separated, let hour = scanner.number() {
      guard scanner.take(":"), let minute = scanner.number() else {
        throw .invalidTextRepresentation(text, type)
      }
      var (second, fraction) = (0, Int64(0))
      if scanner.take(":") {
        guard let read = scanner.number() else { throw .invalidTextRepresentation(text, type) }
        second = read
        fraction = scanner.fraction()
      }
      guard hour <= 24, minute < 60, second <= 60, hour < 24 || minute + second == 0 else {
        throw .textOutOfRange(text, type)
      }
      time = (Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)) * 1_000_000 + fraction
      scanner.skipBlanks()
      guard let zone = scanner.zone() else { throw .invalidTextRepresentation(text, type) }
      offset = zone
    }
    scanner.skipBlanks()
    guard scanner.isAtEnd else { throw .invalidTextRepresentation(text, type) }
    let days = Int64(Calendar.day(year: year, month: month, day: day))
    return (days * Calendar.microsecondsPerDay + time, offset)
  }
}

/// Reads intervals as PostgreSQL prints them and as people write them: `1 day 02:03:04`, `2 hours`,
/// `-5 minutes`, `1.5 seconds`, `3 days ago`.
enum IntervalReader {
  static func interval(_ text: String) throws(SQLError) -> SQLInterval {
    var scanner = Scanner(text)
    var (months, days, time) = (0.0, 0.0, 0.0)
    var microseconds: Int64 = 0
    var fields = 0
    scanner.skipBlanks()
    while !scanner.isAtEnd {
      if scanner.take("ago") {
        (months, days, time, microseconds) = (-months, -days, -time, -microseconds)
        scanner.skipBlanks()
        break
      }
      let isNegative = scanner.take("-")
      if !isNegative { _ = scanner.take("+") }
      guard let whole = scanner.number() else { throw .invalidTextRepresentation(text, .interval) }
      fields += 1
      if scanner.take(":") {
        guard let minute = scanner.number(), minute < 60 else {
          throw .invalidTextRepresentation(text, .interval)
        }
        var total = (Int64(whole) * 3_600 + Int64(minute) * 60) * 1_000_000
        if scanner.take(":") {
          guard let second = scanner.number(), second < 60 else {
            throw .invalidTextRepresentation(text, .interval)
          }
          total += Int64(second) * 1_000_000 + scanner.fraction()
        }
        microseconds += isNegative ? -total : total
        scanner.skipBlanks()
        continue
      }
      let fraction = scanner.fraction()
      let quantity = (Double(whole) + Double(fraction) / 1_000_000) * (isNegative ? -1 : 1)
      scanner.skipBlanks()
      let unit = scanner.isAtEnd ? "second" : scanner.word()
      scanner.skipBlanks()
      switch unit.lowercased() {
      case "us", "usec", "usecs", "microsecond", "microseconds": time += quantity
      case "ms", "msec", "msecs", "millisecond", "milliseconds": time += quantity * 1_000
      case "s", "sec", "secs", "second", "seconds": time += quantity * 1_000_000
      case "m", "min", "mins", "minute", "minutes": time += quantity * 60_000_000
      case "h", "hr", "hrs", "hour", "hours": time += quantity * 3_600_000_000
      case "d", "day", "days": days += quantity
      case "w", "week", "weeks": days += quantity * 7
      case "mon", "mons", "month", "months": months += quantity
      case "y", "yr", "yrs", "year", "years": months += quantity * 12
      default: throw .invalidTextRepresentation(text, .interval)
      }
    }
    guard fields > 0, scanner.isAtEnd else { throw .invalidTextRepresentation(text, .interval) }
    // The fraction of a month goes to days, that of a day to time.
    let wholeMonths = months.rounded(.towardZero)
    days += (months - wholeMonths) * 30
    let wholeDays = days.rounded(.towardZero)
    time += (days - wholeDays) * Double(Calendar.microsecondsPerDay)
    guard let exactMonths = Int32(exactly: wholeMonths), let exactDays = Int32(exactly: wholeDays),
      let exactTime = Int64(exactly: time.rounded())
    else { throw .textOutOfRange(text, .interval) }
    return SQLInterval(
      months: exactMonths, days: exactDays, microseconds: microseconds + exactTime)
  }
}

/// Takes text apart from left to right.
private struct Scanner {
  private let bytes: [UInt8]
  private var index = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { index == bytes.count }

  /// Skips blanks; whether there were any.
  @discardableResult
  mutating func skipBlanks() -> Bool {
    let start = index
    while index < bytes.count, bytes[index] == 0x20 || (0x09...0x0D).contains(bytes[index]) {
      index += 1
    }
    return index > start
  }

  mutating func take(_ word: StaticString) -> Bool {
    let isNext = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
    if isNext { index += word.utf8CodeUnitCount }
    return isNext
  }

  /// Up to nine digits.
  mutating func number() -> Int? {
    let start = index
    var value = 0
    while index < bytes.count, index - start < 9, (0x30...0x39).contains(bytes[index]) {
      value = value * 10 + Int(bytes[index] & 15)
      index += 1
    }
    return index > start ? value : nil
  }

  /// `.5` as microseconds, rounded; 0 if there is none.
  mutating func fraction() -> Int64 {
    guard index < bytes.count, bytes[index] == UInt8(ascii: ".") else { return 0 }
    index += 1
    var (value, digits, roundsUp): (Int64, Int, Bool) = (0, 0, false)
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
      if digits < 6 {
        value = value * 10 + Int64(bytes[index] & 15)
      } else if digits == 6 {
        roundsUp = bytes[index] >= 0x35
      }
      digits += 1
      index += 1
    }
    while digits < 6 {
      value *= 10
      digits += 1
    }
    return value + (roundsUp ? 1 : 0)
  }

  /// Letters.
  mutating func word() -> String {
    let start = index
    while index < bytes.count, (0x41...0x5A).contains(bytes[index] & 0xDF) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  /// `Z`, `UTC`, `+02`, `-03:30` or nothing, in microseconds east of UTC; `nil` for anything else.
  mutating func zone() -> Int64? {
    if isAtEnd || take("Z") || take("z") || take("UTC") || take("utc") || take("GMT") { return 0 }
    let isWest = take("-")
    guard isWest || take("+"), let hours = number() else { return nil }
    var seconds = hours > 99 ? hours / 100 * 3_600 + hours % 100 * 60 : hours * 3_600
    if take(":"), let minutes = number() { seconds += minutes * 60 }
    return Int64(isWest ? -seconds : seconds) * 1_000_000
  }
}
