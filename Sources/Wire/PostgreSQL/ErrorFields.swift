public import SQL

/// What an ErrorResponse or a NoticeResponse tells.
public struct ErrorFields: Error, Hashable, Sendable {
  /// As shown to a person; might be translated.
  public var severity: String
  /// Never translated; absent before PostgreSQL 9.6.
  public var severityCode: String?
  /// The five-character SQLSTATE.
  public var sqlState: String
  public var message: String
  public var detail: String?
  public var hint: String?
  /// Where in the text of the query, in characters, the first being 1.
  public var position: Int?
  public var internalPosition: Int?
  public var internalQuery: String?
  /// The call stack of functions, one entry to a line.
  public var context: String?
  public var schema: String?
  public var table: String?
  public var column: String?
  public var dataType: String?
  public var constraint: String?
  public var file: String?
  public var line: String?
  public var routine: String?

  public init(severity: String, sqlState: String, message: String) {
    (self.severity, severityCode) = (severity, severity)
    (self.sqlState, self.message) = (sqlState, message)
  }

  public init(_ error: SQLError) {
    self.init(
      severity: error.endsSession ? "FATAL" : "ERROR", sqlState: error.sqlState,
      message: error.message)
    (detail, hint, position) = (error.detail, error.hint, error.position)
    (table, constraint) = (error.table, error.constraint)
  }

  /// Whether the server closes the connection after it.
  public var endsSession: Bool {
    let severity = severityCode ?? severity
    return severity == "FATAL" || severity == "PANIC"
  }
}

extension ErrorFields {
  init(reading cursor: inout MessageCursor) throws(WireError) {
    self.init(severity: "", sqlState: "", message: "")
    severityCode = nil
    while true {
      let field = try cursor.byte()
      if field == 0 { break }
      try set(field, to: try cursor.text(), cursor)
    }
    if severity.isEmpty || sqlState.isEmpty {
      throw cursor.malformed("an error without severity or code")
    }
  }

  private mutating func set(
    _ field: UInt8, to value: String, _ cursor: MessageCursor
  ) throws(WireError) {
    switch field {
    case UInt8(ascii: "S"): severity = value
    case UInt8(ascii: "V"): severityCode = value
    case UInt8(ascii: "C"): sqlState = value
    case UInt8(ascii: "M"): message = value
    case UInt8(ascii: "D"): detail = value
    case UInt8(ascii: "H"): hint = value
    case UInt8(ascii: "P"): position = try Self.number(value, cursor)
    case UInt8(ascii: "p"): internalPosition = try Self.number(value, cursor)
    case UInt8(ascii: "q"): internalQuery = value
    case UInt8(ascii: "W"): context = value
    case UInt8(ascii: "s"): schema = value
    case UInt8(ascii: "t"): table = value
    case UInt8(ascii: "c"): column = value
    case UInt8(ascii: "d"): dataType = value
    case UInt8(ascii: "n"): constraint = value
    case UInt8(ascii: "F"): file = value
    case UInt8(ascii: "L"): line = value
    case UInt8(ascii: "R"): routine = value
    // The protocol may gain fields, and asks to pass over those that one does not know.
    default: break
    }
  }

  private static func number(
    _ text: String, _ cursor: MessageCursor
  ) throws(WireError) -> Int {
    guard let number = Int(text) else { throw cursor.malformed("a position of '\(text)'") }
    return number
  }

  /// In the order in which PostgreSQL sends them.
  func write(to output: inout MessageWriter) {
    func field(_ type: Character, _ value: String?) {
      guard let value, let type = type.asciiValue else { return }
      output.byte(type)
      output.text(value)
    }
    field("S", severity)
    field("V", severityCode)
    field("C", sqlState)
    field("M", message)
    field("D", detail)
    field("H", hint)
    field("W", context)
    field("s", schema)
    field("t", table)
    field("c", column)
    field("d", dataType)
    field("n", constraint)
    field("P", position.map { "\($0)" })
    field("p", internalPosition.map { "\($0)" })
    field("q", internalQuery)
    field("F", file)
    field("L", line)
    field("R", routine)
    output.byte(0)
  }
}
