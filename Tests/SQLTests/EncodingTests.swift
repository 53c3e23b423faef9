import SQL
import Testing

/// Values of every type, with the awkward ones in front.
private func values(_ type: SQLType, _ random: inout SplitMix) throws -> [Value] {
  let awkward: [String] =
    switch type.kind {
    case .boolean: ["t", "f"]
    case .smallint: ["0", "-1", "1", "255", "256", "-256", "-257", "32767", "-32768"]
    case .integer: ["0", "-1", "1", "127", "128", "65535", "65536", "2147483647", "-2147483648"]
    case .bigint: ["0", "-1", "9223372036854775807", "-9223372036854775808", "72057594037927936"]
    case .double, .real: ["0", "1", "-1", "0.5", "1e10", "-1e10", "Infinity", "-Infinity", "NaN"]
    case .numeric:
      ["0", "1", "-1", "0.5", "0.05", "10", "100", "-0.001", "99.99", "-99.99", "100.01"]
    case .text, .varchar: ["", "a", "ab", "b", "é", "a b", "A", "aé", "日本語 and more than fifteen"]
    case .character: ["", "a", "a b", "é"]
    case .bytea: ["", "\\x00", "\\x0000", "\\x0001", "\\x00ff", "\\xff", "\\xfe", "\\x01"]
    case .timestamp, .timestampWithTimeZone:
      ["2000-01-01 00:00:00", "1999-12-31 23:59:59.999999", "2026-07-31 12:00:00.5"]
    case .date: ["2000-01-01", "1970-01-01", "2026-02-28"]
    case .interval: ["1 day", "-1 day", "01:00:00", "1 mon", "00:00:00"]
    default: []
    }
  var values = try awkward.map { try Value.parse($0, as: type) }
  for _ in 0..<24 {
    let bits = random.next() >> UInt64(random.below(60))
    let signed = Int64(bitPattern: bits) * (random.below(2) == 0 ? 1 : -1)
    switch type.kind {
    case .smallint: values.append(.integer(Int64(Int16(truncatingIfNeeded: signed))))
    case .integer: values.append(.integer(Int64(Int32(truncatingIfNeeded: signed))))
    case .bigint: values.append(.integer(signed))
    case .double: values.append(.double(Double(signed) / 1_000))
    case .real: values.append(.double(Double(Float(signed) / 1_000)))
    case .numeric:
      values.append(try .parse("\(signed % 1_000_000_000_000).\(bits % 97)", as: type))
    case .text, .varchar: values.append(.text(String(signed % 10_000, radix: 36)))
    case .character: values.append(try .parse(String(signed % 10_000, radix: 36), as: type))
    case .bytea: values.append(.bytes((0..<random.below(6)).map { _ in UInt8(random.below(3)) }))
    case .timestamp, .timestampWithTimeZone: values.append(.timestamp(signed / 1_000))
    case .date: values.append(.date(Int32(truncatingIfNeeded: signed) / 1_000))
    case .interval:
      values.append(
        .interval(SQLInterval(days: Int32(random.below(99)), microseconds: signed / 64)))
    default: break
    }
  }
  return values
}

private let types: [SQLType] = [
  .boolean, .smallint, .integer, .bigint, .real, .double, .numeric,
  .numeric(precision: 20, scale: 4), .text, .varchar(40), .character(12), .bytea, .timestamp,
  .timestampWithTimeZone, .date, .interval,
]

@Suite struct `The key encoding` {
  @Test(arguments: types, 0..<8 as Range<UInt64>)
  func `orders bytes as values are ordered`(type: SQLType, seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let values = try values(type, &random) + [.null]
    let keys = KeyEncoding(types: [type])
    for left in values {
      for right in values {
        let bytes = (keys.encode([left]), keys.encode([right]))
        let order = Value.sortOrder(left, right)
        #expect(bytes.0.lexicographicallyPrecedes(bytes.1) == (order < 0), "\(left) and \(right)")
        #expect((bytes.0 == bytes.1) == (order == 0), "\(left) and \(right)")
      }
    }
  }

  @Test(arguments: types, 0..<4 as Range<UInt64>)
  func `orders keys of several columns by the first that differs`(
    type: SQLType, seed: UInt64
  ) throws {
    var random = SplitMix(seed: seed)
    let keys = KeyEncoding(types: [type, .integer, type])
    let values = try values(type, &random) + [.null]
    for _ in 0..<300 {
      let rows = (0..<2).map { _ in
        [
          values[random.below(values.count)], .integer(Int64(random.below(3)) - 1),
          values[random.below(values.count)],
        ]
      }
      let order =
        zip(rows[0], rows[1]).lazy.map { Value.sortOrder($0, $1) }.first { $0 != 0 } ?? 0
      let bytes = rows.map { keys.encode($0) }
      #expect(bytes[0].lexicographicallyPrecedes(bytes[1]) == (order < 0), "\(rows)")
      let decoded = bytes[0].withUnsafeBytes { keys.decode($0) }
      #expect(decoded == rows[0])
    }
  }

  @Test func `bounds a prefix from above`() {
    let keys = KeyEncoding(types: [.text, .integer])
    let bound = KeyEncoding.upperBound(ofPrefix: keys.encode([.text("a")]))
    #expect(keys.encode([.text("a"), .null]).lexicographicallyPrecedes(bound))
    #expect(keys.encode([.text("a"), .integer(.max)]).lexicographicallyPrecedes(bound))
    #expect(bound.lexicographicallyPrecedes(keys.encode([.text("a\u{0}"), .integer(0)])))
    #expect(bound.lexicographicallyPrecedes(keys.encode([.text("aa"), .integer(0)])))
  }

  /// The layout is on disk, so that these bytes are for ever.
  @Test func `has not changed`() {
    let keys = KeyEncoding(types: [.integer, .text, .boolean, .double, .numeric])
    let bytes = keys.encode([
      .integer(-300), .text("ab"), .null, .double(1), .decimal(ExactDecimal(250)),
    ])
    #expect(
      bytes == [
        0x7D, 0xFE, 0xD4, 0x61, 0x62, 0x00, 0xFE, 0x01, 0xBF, 0xF0, 0, 0, 0, 0, 0, 0, 0x03, 0x83,
        26, 0,
      ])
  }
}

@Suite struct `The row encoding` {
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `gives back what it was given`(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let pools = try types.map { try values($0, &random) }
    let row = pools.map { random.below(4) == 0 ? Value.null : $0[random.below($0.count)] }
    let rows = RowEncoding(types: types)
    let bytes = rows.encode(row)
    try bytes.withUnsafeBytes { bytes in
      #expect(rows.decode(bytes) == row)
      for column in types.indices {
        #expect(rows.decode(column: column, from: bytes) == row[column])
        #expect(
          rows.decode(column: column, from: bytes).text(as: types[column])
            == row[column].text(as: types[column]))
      }
      let needed = types.map { _ in random.below(2) == 0 }
      var partial: [Value] = []
      rows.decode(bytes, into: &partial, where: needed)
      #expect(partial == zip(row, needed).map { $1 ? $0 : .null })
      try #require(partial.count == types.count)
    }
  }

  @Test func `reads rows written before a column was added`() {
    let old = RowEncoding(types: [.integer, .text])
    let new = RowEncoding(types: [.integer, .text] + Array(repeating: .integer, count: 9))
    let bytes = old.encode([.integer(1), .text("x")])
    bytes.withUnsafeBytes { bytes in
      #expect(new.decode(bytes) == [.integer(1), .text("x")] + Array(repeating: .null, count: 9))
      #expect(new.decode(column: 1, from: bytes) == .text("x"))
      #expect(new.decode(column: 2, from: bytes) == .null)
    }
  }

  @Test func `does not store the blanks that pad a column`() throws {
    let rows = RowEncoding(types: [.integer, .integer, .integer, .character(84)])
    let filler = try Value.parse("", as: .character(84))
    let bytes = rows.encode([.integer(1), .integer(1), .integer(0), filler])
    #expect(bytes.count == 15)
    #expect(bytes.withUnsafeBytes { rows.decode($0)[3] } == filler)
  }

  @Test func `has not changed`() throws {
    let rows = RowEncoding(types: [.smallint, .text, .boolean, .numeric, .bigint])
    let bytes = rows.encode([
      .integer(-2), .text("é"), .boolean(true), try .parse("-1.28", as: .numeric), .null,
    ])
    #expect(bytes == [5, 0b10000, 0xFE, 0xFF, 2, 0xC3, 0xA9, 1, 2, 1, 0x80])
  }
}
