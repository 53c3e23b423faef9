import SQL
import Testing

@Suite struct `A value` {
  /// Numbers, dates and times drawn at random survive being printed and read.
  @Test(
    arguments: [
      SQLType.bigint, .double, .real, .numeric, .timestamp, .timestampWithTimeZone, .date,
      .interval, .bytea,
    ], 0..<20 as Range<UInt64>)
  func `reads back as it was printed`(type: SQLType, seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    for _ in 0..<50 {
      let bits = random.next() >> UInt64(random.below(63))
      let signed = Int64(bitPattern: bits) * (random.below(2) == 0 ? 1 : -1)
      let value: Value =
        switch type.kind {
        case .bigint: .integer(signed)
        case .double: .double(Double(bitPattern: random.next()))
        case .real: .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))))
        case .numeric: try .parse("\(signed).\(random.next() % 1_000_000)", as: type)
        // From the year 1 to 4713 or so, which is what the reader takes.
        case .timestamp, .timestampWithTimeZone: .timestamp(signed % 63_000_000_000_000_000)
        case .date: .date(Int32(signed % 700_000))
        case .interval:
          .interval(
            SQLInterval(
              months: Int32(signed % 1_000), days: Int32(random.below(900)) - 450,
              microseconds: signed / 1_000))
        default: .bytes((0..<random.below(9)).map { _ in UInt8(random.below(256)) })
        }
      let text = try #require(value.text(as: type))
      let read = try Value.parse(text, as: type)
      #expect(read == value, "\(text)")
      #expect(read.text(as: type) == text)
    }
  }

  @Test(arguments: [
    ("9", "10", -1), ("10.00", "10", 0), ("-1", "-1.5", 1), ("0.1", "0.10", 0),
    ("99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001", 1),
  ])
  func `compares numerics of any scale`(left: String, right: String, order: Int) throws {
    let (left, right) = (
      try Value.parse(left, as: .numeric), try Value.parse(right, as: .numeric)
    )
    #expect(Value.order(left, right) == order)
    #expect(Value.order(right, left) == -order)
    #expect((left == right) == (order == 0))
    if order == 0 { #expect(Set([left, right]).count == 1) }
  }

  @Test func `is the same only if its bytes are`() {
    #expect(Value.text("é") != Value.text("e\u{301}"))
    #expect(Value.double(.nan) == .double(.nan))
    #expect(Value.double(0) == .double(-0.0))
    #expect(Value.null == .null)
    #expect(Value.integer(1) != .boolean(true))
    #expect(Set([Value.double(0), .double(-0.0), .text("é"), .text("e\u{301}")]).count == 3)
  }

  @Test func `of 39 digits does not fit a numeric`() {
    let digits = String(repeating: "9", count: 39)
    #expect(throws: SQLError.numericValueOutOfRange(.numeric)) {
      try Value.parse(digits, as: .numeric)
    }
  }
}

@Suite struct `An SQL error` {
  @Test func `says whether the transaction may be run again`() {
    #expect(SQLError.serializationFailure.isRetryable)
    #expect(SQLError.deadlockDetected().isRetryable)
    #expect(!SQLError.adminShutdown.isRetryable)
    #expect(SQLError.adminShutdown.endsSession)
    #expect(!SQLError.inFailedTransaction.endsSession)
  }

  @Test(arguments: [
    (SQLError.serializationFailure, "40001: could not serialize access due to concurrent update"),
    (.readOnlyTransaction("INSERT"), "25006: cannot execute INSERT in a read-only transaction"),
    (
      .uniqueViolation(constraint: "t_pkey", table: "t", columns: ["a", "b"], values: ["1", "x"]),
      "23505: duplicate key value violates unique constraint \"t_pkey\" "
        + "DETAIL: Key (a, b)=(1, x) already exists."
    ),
    (
      .notNullViolation(column: "a", table: "t", row: [nil, "x"]),
      "23502: null value in column \"a\" of relation \"t\" violates not-null constraint "
        + "DETAIL: Failing row contains (null, x)."
    ),
    (
      .inFailedTransaction,
      "25P02: current transaction is aborted, commands ignored until end of transaction block"
    ),
    (.undefinedTable("t", position: 15), "42P01: relation \"t\" does not exist POSITION: 15"),
    (
      .undefinedFunction("f", [.integer, .unknown]),
      "42883: function f(integer, unknown) does not exist HINT: No function matches the given "
        + "name and argument types. You might need to add explicit type casts."
    ),
    (
      .undefinedOperator("-", nil, .text),
      "42883: operator does not exist: - text HINT: No operator matches the given name and "
        + "argument type. You might need to add an explicit type cast."
    ),
    (.lockNotAvailable(relation: "t"), "55P03: could not obtain lock on row in relation \"t\""),
    (.queryCanceled("statement timeout"), "57014: canceling statement due to statement timeout"),
    (.tooManyConnections, "53300: sorry, too many clients already"),
  ])
  func `is worded as PostgreSQL words it`(error: SQLError, text: String) {
    #expect(error.description == text)
  }
}
