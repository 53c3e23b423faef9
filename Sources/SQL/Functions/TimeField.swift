/// The fields of timestamps and intervals: `extract`, `date_part` and `date_trunc`.
enum TimeField {
  /// From 1970-01-01 to 2000-01-01, in microseconds.
  static let epochOffset: Int64 = 946_684_800_000_000

  static func extract(
    _ field: String, _ value: Value, _ type: SQLType
  ) throws(SQLError) -> ExactDecimal {
    switch value {
    case .timestamp(let timestamp): return try extract(field, timestamp, type)
    case .interval(let interval): return try extract(field, interval)
    default: preconditionFailure("\(value) has no fields")
    }
  }

  /// A field of a date, which has none of the time of day.
  static func extract(_ field: String, day: Int) throws(SQLError) -> ExactDecimal {
    if field.lowercased() == "epoch" {
      return ExactDecimal(Int64(day) * 86_400 + epochOffset / 1_000_000)
    }
    if let value = dateField(field, day) { return value }
    guard timeField(field, 0) == nil else {
      throw SQLError(
        sqlState: "0A000", message: "unit \"\(field)\" not supported for type date")
    }
    throw unknown(field, .date)
  }

  private static func extract(
    _ field: String, _ timestamp: Int64, _ type: SQLType
  ) throws(SQLError) -> ExactDecimal {
    let (day, time) = Calendar.split(timestamp)
    if field.lowercased() == "epoch" {
      return ExactDecimal(
        uncheckedSignificand: Int128(timestamp) + Int128(epochOffset), scale: 6)
    }
    guard let value = dateField(field, day) ?? timeField(field, time) else {
      throw unknown(field, type)
    }
    return value
  }

  private static func dateField(_ field: String, _ day: Int) -> ExactDecimal? {
    let (year, month, dayOfMonth) = Calendar.date(ofDay: day)
    /// Years before the first of our era are counted without a year 0.
    let shown = year > 0 ? year : year - 1
    let value: Int? =
      switch field.lowercased() {
      case "millennium": year > 0 ? (year + 999) / 1_000 : -((999 - shown) / 1_000)
      case "century": year > 0 ? (year + 99) / 100 : -((99 - shown) / 100)
      case "decade": year >= 0 ? year / 10 : -((9 - year) / 10)
      case "year": shown
      case "isoyear": isoWeek(day).year > 0 ? isoWeek(day).year : isoWeek(day).year - 1
      case "quarter": (month + 2) / 3
      case "month": month
      case "week": isoWeek(day).week
      case "day": dayOfMonth
      case "dow": ((day + 6) % 7 + 7) % 7
      case "isodow": weekday(day) + 1
      case "doy": day - Calendar.day(year: year, month: 1, day: 1) + 1
      default: nil
      }
    return value.map { ExactDecimal(Int64($0)) }
  }

  /// From 0 for Monday.
  private static func weekday(_ day: Int) -> Int { ((day + 5) % 7 + 7) % 7 }

  /// The week of ISO 8601, which belongs to the year that its Thursday is in.
  private static func isoWeek(_ day: Int) -> (year: Int, week: Int) {
    let thursday = day - weekday(day) + 3
    let year = Calendar.date(ofDay: thursday).year
    return (year, (thursday - Calendar.day(year: year, month: 1, day: 1)) / 7 + 1)
  }

  private static func extract(
    _ field: String, _ interval: SQLInterval
  ) throws(SQLError) -> ExactDecimal {
    switch field.lowercased() {
    case "year": return ExactDecimal(Int64(interval.months / 12))
    case "month": return ExactDecimal(Int64(interval.months % 12))
    case "day": return ExactDecimal(Int64(interval.days))
    case "hour": return ExactDecimal(interval.microseconds / 3_600_000_000)
    case "epoch":
      // A year counts 365.25 days here, and a month that is left over 30.
      let days = Int128(interval.months / 12) * 1_461 / 4 + Int128(interval.months % 12) * 30
      let quarterDays = Int128(interval.months / 12) * 1_461 % 4
      let seconds = (days + Int128(interval.days)) * 86_400 + quarterDays * 21_600
      return ExactDecimal(
        uncheckedSignificand: seconds * 1_000_000 + Int128(interval.microseconds), scale: 6)
    default:
      guard let value = timeField(field, interval.microseconds) else {
        throw unknown(field, .interval)
      }
      return value
    }
  }

  private static func timeField(_ field: String, _ time: Int64) -> ExactDecimal? {
    switch field.lowercased() {
    case "hour": ExactDecimal(time / 3_600_000_000)
    case "minute": ExactDecimal(time / 60_000_000 % 60)
    case "second": ExactDecimal(uncheckedSignificand: Int128(time % 60_000_000), scale: 6)
    case "milliseconds": ExactDecimal(uncheckedSignificand: Int128(time % 60_000_000), scale: 3)
    case "microseconds": ExactDecimal(time % 60_000_000)
    default: nil
    }
  }

  static func truncate(
    _ timestamp: Int64, to field: String, _ type: SQLType
  ) throws(SQLError) -> Int64 {
    let (day, time) = Calendar.split(timestamp)
    let (year, month, _) = Calendar.date(ofDay: day)
    func start(_ year: Int, _ month: Int) -> Int64 {
      Int64(Calendar.day(year: year, month: month, day: 1)) * Calendar.microsecondsPerDay
    }
    switch field.lowercased() {
    case "microseconds": return timestamp
    case "milliseconds": return timestamp - time % 1_000
    case "second": return timestamp - time % 1_000_000
    case "minute": return timestamp - time % 60_000_000
    case "hour": return timestamp - time % 3_600_000_000
    case "day": return timestamp - time
    case "week":
      return Int64(day - weekday(day)) * Calendar.microsecondsPerDay
    case "month": return start(year, month)
    case "quarter": return start(year, (month - 1) / 3 * 3 + 1)
    case "year": return start(year, 1)
    default: throw unknown(field, type)
    }
  }

  private static func unknown(_ field: String, _ type: SQLType) -> SQLError {
    .invalidArgument(
      "unit \"\(field)\" not recognized for type \(type.nameWithoutModifier)")
  }
}
