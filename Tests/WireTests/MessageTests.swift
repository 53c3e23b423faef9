import SQL
import Simulation
import Testing
import Wire

@Suite struct `A message` {
  private static let frontend: [FrontendMessage] = [
    .password(PasswordMessage(bytes: [0x61, 0])), .query("SELECT 'größer'"), .query(""),
    .parse(ParseMessage(statement: "s", query: "SELECT $1, $2", parameterTypes: [23, 0])),
    .bind(
      BindMessage(
        portal: "p", statement: "s", parameterFormats: FormatCodes([.text, .binary]),
        parameters: MessageFields([nil, [0, 255]]), resultFormats: .allBinary)),
    .bind(BindMessage(statement: "", parameters: MessageFields([]))),
    .describe(.statement("s")), .describe(.portal("")), .close(.statement("")),
    .close(.portal("p")), .execute(ExecuteMessage(portal: "p", rowLimit: 100)), .flush, .sync,
    .copyData([1, 0, 2]), .copyData([]), .copyDone, .copyFail("no more"), .terminate,
  ]

  @Test func `of a client comes back as it was`() throws {
    let startup = StartupMessage(parameters: [
      .init(name: "user", value: "aurora"), .init(name: "options", value: ""),
    ])
    let messages = [.gssEncryptionRequest, .sslRequest, .startup(startup)] + Self.frontend
    var writer = FrontendWriter()
    for message in messages { writer.append(message) }
    #expect(try frontendMessages([writer.take()]) == messages)
    #expect(startup.database == "aurora")
  }

  @Test func `that cancels is known by its code`() throws {
    var writer = FrontendWriter()
    writer.cancelRequest(BackendKey(processID: 7, secretKey: -9))
    let request = writer.take()
    #expect(request == bytes(hexadecimal: "00000010 04d2162e 00000007 fffffff7"))
    #expect(
      try frontendMessages([request]) == [.cancelRequest(BackendKey(processID: 7, secretKey: -9))])
  }

  @Test func `of a server comes back as it was`() throws {
    var error = ErrorFields(severity: "FATAL", sqlState: "57P01", message: "going down")
    (error.detail, error.hint, error.position) = ("d", "h", 3)
    (error.internalPosition, error.internalQuery, error.context) = (4, "q", "w")
    (error.schema, error.table, error.column) = ("s", "t", "c")
    (error.dataType, error.constraint) = ("ty", "con")
    (error.file, error.line, error.routine) = ("f", "1", "r")
    let messages: [BackendMessage] = [
      .encryptionAnswer(accepted: false),
      .authentication(.cleartextPassword), .authentication(.md5Password(salt: 0x0102_0304)),
      .authentication(.sasl(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])),
      .authentication(.saslContinue([1, 2])), .authentication(.saslFinal([])),
      .authentication(.other(code: 7, data: [])), .authentication(.ok),
      .negotiateProtocolVersion(newestMinor: 0, unknownOptions: ["_pq_.x"]),
      .parameterStatus(name: "TimeZone", value: "UTC"),
      .backendKeyData(BackendKey(processID: 1, secretKey: .min)),
      .rowDescription([FieldDescription(name: "x", type: .bytea, format: .binary)]),
      .rowDescription([]), .dataRow(MessageFields([nil, [], [1, 2, 3]])),
      .dataRow(MessageFields([])), .commandComplete(CommandTag("INSERT 0 12")),
      .emptyQueryResponse, .readyForQuery(.idle), .readyForQuery(.inTransaction),
      .readyForQuery(.failed), .parseComplete, .bindComplete, .closeComplete, .noData,
      .portalSuspended, .parameterDescription([23, 1700]), .errorResponse(error),
      .noticeResponse(ErrorFields(severity: "WARNING", sqlState: "01000", message: "")),
      .notificationResponse(processID: 5, channel: "c", payload: ""),
      .copyInResponse(CopyFormats(overall: .binary, columns: [.binary, .binary])),
      .copyOutResponse(CopyFormats(overall: .text, columns: [])),
      .copyBothResponse(CopyFormats(overall: .text, columns: [])), .copyData([9]), .copyDone,
    ]
    var writer = BackendWriter()
    for message in messages { writer.append(message) }
    #expect(try backendMessages([writer.take()], asksForEncryption: true) == messages)
    #expect(error.endsSession)
  }

  @Test func `is written in place as it is written as a value`() throws {
    var writer = BackendWriter()
    writer.row(columns: 4)
    writer.column { $0.append(contentsOf: "-2080".utf8) }
    writer.column(nil)
    writer.column(text: "")
    writer.column([7][...])
    writer.endRow()
    writer.commandComplete("UPDATE", rows: 1)
    writer.commandComplete("INSERT 0", rows: 120)
    writer.commandComplete("SELECT", rows: 0)
    #expect(
      try backendMessages([writer.take()]) == [
        .dataRow(MessageFields([Array("-2080".utf8), nil, [], [7]])),
        .commandComplete(CommandTag("UPDATE 1")), .commandComplete(CommandTag("INSERT 0 120")),
        .commandComplete(CommandTag("SELECT 0")),
      ])
    #expect(writer.count == 0)
  }

  @Test(arguments: [
    ("UPDATE 1", 1), ("INSERT 0 120", 120), ("SELECT 0", 0), ("COPY 3", 3), ("BEGIN", nil),
    ("CREATE TABLE", nil),
  ])
  func `tells how many rows a command concerned`(tag: String, rows: Int?) {
    #expect(CommandTag(tag).rows == rows)
  }

  @Test func `carries an error of the engine`() {
    let error = SQLError(
      sqlState: "23505", message: "duplicate key", detail: "Key (id)=(1) already exists.",
      hint: "h", position: 8)
    let fields = ErrorFields(error)
    #expect(fields.severity == "ERROR")
    #expect(fields.sqlState == "23505")
    #expect(fields.detail == error.detail)
    #expect(fields.position == 8)
    let shutdown = SQLError(sqlState: "57P01", message: "terminating connection")
    #expect(ErrorFields(shutdown).severity == "FATAL")
  }

  @Test func `ends a text at a zero byte rather than lose its frame`() throws {
    var writer = BackendWriter()
    writer.errorResponse(ErrorFields(severity: "ERROR", sqlState: "22021", message: "a\0b"))
    writer.readyForQuery(.idle)
    let messages = try backendMessages([writer.take()])
    #expect(messages.count == 2)
    guard case .errorResponse(let fields) = messages[0] else {
      Issue.record("no error")
      return
    }
    #expect(fields.message == "a")
  }

  @Test func `keeps what it carries while the next ones arrive`() throws {
    var writer = FrontendWriter()
    writer.startup(StartupMessage(parameters: []))
    writer.bind(statement: "s", parameters: 1)
    writer.parameter(text: "kept")
    writer.endBind()
    let first = writer.take()
    var decoder = FrontendDecoder()
    // Half a message behind the first ones makes the decoder put pieces together.
    decoder.feed(first + [UInt8(ascii: "Q"), 0, 0])
    _ = try decoder.next()
    let kept = try decoder.next()
    #expect(try decoder.next() == nil)
    decoder.feed([0, 6, 0x3B, 0])
    #expect(try decoder.next() == .query(";"))
    guard case .bind(let bind) = kept else {
      Issue.record("no bind")
      return
    }
    #expect(bind.parameters.text(at: 0) == "kept")
  }
}

@Suite struct `A writer` {
  /// Longer than any buffer that it keeps, so that growing and handing over are both exercised.
  @Test(arguments: [0, 1, 500, 507, 508, 600, 5_000, 65_536, 300_000])
  func `writes messages of any length`(length: Int) throws {
    let data = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
    var writer = BackendWriter()
    for _ in 0..<2 {
      writer.copyData(data[...])
      writer.readyForQuery(.idle)
      #expect(writer.count == length + 11)
      #expect(
        try backendMessages([writer.take()]) == [.copyData(data[...]), .readyForQuery(.idle)])
    }
  }

  @Test(arguments: [0, 9, 10, 12_345, Int.max, -7, Int.min])
  func `writes numbers in decimal`(number: Int) throws {
    var writer = BackendWriter()
    writer.commandComplete("SELECT", rows: number)
    #expect(
      try backendMessages([writer.take()]) == [.commandComplete(CommandTag("SELECT \(number)"))])
  }

  @Test func `copies as a value`() throws {
    var one = FrontendWriter()
    one.sync()
    var other = one
    other.flush()
    #expect(one.take() == bytes(hexadecimal: "53 00000004"))
    #expect(other.take() == bytes(hexadecimal: "53 00000004 48 00000004"))
  }
}
