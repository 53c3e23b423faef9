extension ScalarFunction {
  /// Functions and operators of dates, timestamps and intervals. The time zone is UTC.
  static let timeFunctions: [ScalarFunction] =
    clockFunctions
    + [SQLType.timestamp, .timestampWithTimeZone].flatMap { type in
      [
        ScalarFunction("date_trunc", [.text, type], type) { (arguments, _) throws(SQLError) in
          .timestamp(try TimeField.truncate(arguments.timestamp(1), to: arguments.text(0), type))
        },
        ScalarFunction("+", [type, .interval], type) { (arguments, _) throws(SQLError) in
          .timestamp(try TimeArithmetic.add(arguments.timestamp(0), arguments.interval(1), type))
        },
        ScalarFunction("+", [.interval, type], type) { (arguments, _) throws(SQLError) in
          .timestamp(try TimeArithmetic.add(arguments.timestamp(1), arguments.interval(0), type))
        },
        ScalarFunction("-", [type, .interval], type) { (arguments, _) throws(SQLError) in
          .timestamp(
            try TimeArithmetic.add(
              arguments.timestamp(0), TimeArithmetic.negate(arguments.interval(1)), type))
        },
        ScalarFunction("-", [type, type], .interval) { (arguments, _) throws(SQLError) in
          .interval(
            try TimeArithmetic.difference(arguments.timestamp(0), arguments.timestamp(1)))
        },
      ]
    }
    + [SQLType.timestamp, .timestampWithTimeZone, .interval].flatMap { type in
      [
        ScalarFunction("extract", [.text, type], .numeric) { (arguments, _) throws(SQLError) in
          .decimal(try TimeField.extract(arguments.text(0), arguments[1], type))
        },
        ScalarFunction("date_part", [.text, type], .double) { (arguments, _) throws(SQLError) in
          .double(try TimeField.extract(arguments.text(0), arguments[1], type).doubleValue)
        },
      ]
    }
    + [
      ScalarFunction("to_timestamp", [.double], .timestampWithTimeZone) {
        (arguments, _) throws(SQLError) in
        let microseconds = (arguments.double(0) * 1_000_000).rounded()
        guard let exact = Int64(exactly: microseconds) else {
          throw .numericValueOutOfRange(.timestampWithTimeZone)
        }
        return .timestamp(exact - TimeField.epochOffset)
      },
      ScalarFunction("+", [.date, .integer], .date) { (arguments, _) throws(SQLError) in
        .date(try TimeArithmetic.day(arguments.date(0) + arguments.count(1)))
      },
      ScalarFunction("+", [.integer, .date], .date) { (arguments, _) throws(SQLError) in
        .date(try TimeArithmetic.day(arguments.date(1) + arguments.count(0)))
      },
      ScalarFunction("-", [.date, .integer], .date) { (arguments, _) throws(SQLError) in
        .date(try TimeArithmetic.day(arguments.date(0) - arguments.count(1)))
      },
      ScalarFunction("+", [.date, .interval], .timestamp) { (arguments, _) throws(SQLError) in
        .timestamp(
          try TimeArithmetic.add(
            Int64(arguments.date(0)) * Calendar.microsecondsPerDay, arguments.interval(1),
            .timestamp))
      },
      ScalarFunction("+", [.interval, .date], .timestamp) { (arguments, _) throws(SQLError) in
        .timestamp(
          try TimeArithmetic.add(
            Int64(arguments.date(1)) * Calendar.microsecondsPerDay, arguments.interval(0),
            .timestamp))
      },
      ScalarFunction("extract", [.text, .date], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try TimeField.extract(arguments.text(0), day: arguments.date(1)))
      },
      ScalarFunction("-", [.date, .interval], .timestamp) { (arguments, _) throws(SQLError) in
        .timestamp(
          try TimeArithmetic.add(
            Int64(arguments.date(0)) * Calendar.microsecondsPerDay,
            TimeArithmetic.negate(arguments.interval(1)), .timestamp))
      },
      ScalarFunction("-", [.date, .date], .integer) { (arguments, _) throws(SQLError) in
        .integer(Int64(arguments.date(0) - arguments.date(1)))
      },
      ScalarFunction("+", [.interval, .interval], .interval) { (arguments, _) throws(SQLError) in
        .interval(try TimeArithmetic.add(arguments.interval(0), arguments.interval(1)))
      },
      ScalarFunction("-", [.interval, .interval], .interval) { (arguments, _) throws(SQLError) in
        .interval(
          try TimeArithmetic.add(
            arguments.interval(0), TimeArithmetic.negate(arguments.interval(1))))
      },
      ScalarFunction("-", [.interval], .interval) { (arguments, _) throws(SQLError) in
        .interval(try TimeArithmetic.negate(arguments.interval(0)))
      },
      ScalarFunction("*", [.interval, .double], .interval) { (arguments, _) throws(SQLError) in
        .interval(try TimeArithmetic.scale(arguments.interval(0), by: arguments.double(1)))
      },
      ScalarFunction("*", [.double, .interval], .interval) { (arguments, _) throws(SQLError) in
        .interval(try TimeArithmetic.scale(arguments.interval(1), by: arguments.double(0)))
      },
      ScalarFunction("/", [.interval, .double], .interval) { (arguments, _) throws(SQLError) in
        guard arguments.double(1) != 0 else { throw .divisionByZero }
        return .interval(
          try TimeArithmetic.scale(arguments.interval(0), by: 1 / arguments.double(1)))
      },
    ]

  private static let clockFunctions: [ScalarFunction] =
    ["now", "current_timestamp", "transaction_timestamp"].map { name in
      ScalarFunction(name, [], .timestampWithTimeZone, isImmutable: false) {
        (_, context) throws(SQLError) in .timestamp(context.transactionTimestamp)
      }
    }
    + [
      ScalarFunction("statement_timestamp", [], .timestampWithTimeZone, isImmutable: false) {
        (_, context) throws(SQLError) in .timestamp(context.statementTimestamp)
      },
      ScalarFunction("clock_timestamp", [], .timestampWithTimeZone, isImmutable: false) {
        (_, context) throws(SQLError) in .timestamp(context.clockTimestamp)
      },
      ScalarFunction("localtimestamp", [], .timestamp, isImmutable: false) {
        (_, context) throws(SQLError) in .timestamp(context.transactionTimestamp)
      },
      ScalarFunction("current_date", [], .date, isImmutable: false) {
        (_, context) throws(SQLError) in
        .date(try TimeArithmetic.day(Calendar.split(context.transactionTimestamp).day))
      },
    ]
}

/// Arithmetic of dates and times, which refuses what leaves their range.
enum TimeArithmetic {
  static func day(_ day: Int) throws(SQLError) -> Int32 {
    guard let day = Int32(exactly: day) else { throw .numericValueOutOfRange(.date) }
    return day
  }

  /// Adds months by the calendar, clipping to the month's last day, then days, then time.
  static func add(
    _ timestamp: Int64, _ interval: SQLInterval, _ type: SQLType
  ) throws(SQLError) -> Int64 {
    var (day, time) = Calendar.split(timestamp)
    if interval.months != 0 {
      let date = Calendar.date(ofDay: day)
      let months = date.year * 12 + date.month - 1 + Int(interval.months)
      let year = months >= 0 ? months / 12 : (months - 11) / 12
      let month = months - year * 12 + 1
      day = Calendar.day(
        year: year, month: month,
        day: min(date.day, Calendar.daysInMonth(year: year, month: month)))
    }
    day += Int(interval.days)
    let (midnight, dayOverflow) = Int64(day).multipliedReportingOverflow(
      by: Calendar.microsecondsPerDay)
    let (withTime, timeOverflow) = midnight.addingReportingOverflow(time)
    let (sum, overflow) = withTime.addingReportingOverflow(interval.microseconds)
    time = sum
    guard !dayOverflow, !timeOverflow, !overflow else { throw .numericValueOutOfRange(type) }
    return time
  }

  /// The difference in days and time, as PostgreSQL gives it.
  static func difference(_ left: Int64, _ right: Int64) throws(SQLError) -> SQLInterval {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    guard !overflow else { throw .numericValueOutOfRange(.interval) }
    let (days, time) = difference.quotientAndRemainder(dividingBy: Calendar.microsecondsPerDay)
    return SQLInterval(days: Int32(clamping: days), microseconds: time)
  }

  static func add(_ left: SQLInterval, _ right: SQLInterval) throws(SQLError) -> SQLInterval {
    let (months, monthOverflow) = left.months.addingReportingOverflow(right.months)
    let (days, dayOverflow) = left.days.addingReportingOverflow(right.days)
    let (time, overflow) = left.microseconds.addingReportingOverflow(right.microseconds)
    guard !monthOverflow, !dayOverflow, !overflow else { throw .numericValueOutOfRange(.interval) }
    return SQLInterval(months: months, days: days, microseconds: time)
  }

  static func negate(_ interval: SQLInterval) throws(SQLError) -> SQLInterval {
    guard interval.months != .min, interval.days != .min, interval.microseconds != .min else {
      throw .numericValueOutOfRange(.interval)
    }
    return SQLInterval(
      months: -interval.months, days: -interval.days, microseconds: -interval.microseconds)
  }

  /// Multiplies; the fraction of a month goes to days, that of a day to time.
  static func scale(_ interval: SQLInterval, by factor: Double) throws(SQLError) -> SQLInterval {
    let months = Double(interval.months) * factor
    let days = Double(interval.days) * factor + (months - months.rounded(.towardZero)) * 30
    let time =
      Double(interval.microseconds) * factor
      + (days - days.rounded(.towardZero)) * Double(Calendar.microsecondsPerDay)
    guard let months = Int32(exactly: months.rounded(.towardZero)),
      let days = Int32(exactly: days.rounded(.towardZero)),
      let time = Int64(exactly: time.rounded())
    else { throw .numericValueOutOfRange(.interval) }
    return SQLInterval(months: months, days: days, microseconds: time)
  }
}
