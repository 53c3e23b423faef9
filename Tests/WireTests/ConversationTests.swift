import SQL
import Testing
import Wire

/// Everything that comes out of a decoder when it is fed these pieces.
func frontendMessages(_ pieces: [[UInt8]]) throws(WireError) -> [FrontendMessage] {
  var decoder = FrontendDecoder()
  var messages: [FrontendMessage] = []
  for piece in pieces {
    decoder.feed(piece)
    while let message = try decoder.next() { messages.append(message) }
  }
  return messages
}

func backendMessages(
  _ pieces: [[UInt8]], asksForEncryption: Bool = false
) throws(WireError) -> [BackendMessage] {
  var decoder = BackendDecoder()
  if asksForEncryption { decoder.expectEncryptionAnswer() }
  var messages: [BackendMessage] = []
  for piece in pieces {
    decoder.feed(piece)
    while let message = try decoder.next() { messages.append(message) }
  }
  return messages
}

@Suite struct `A recorded conversation` {
  @Test(arguments: Conversation.all)
  func `is decoded and encoded to the same bytes`(conversation: Conversation) throws {
    var frontend = FrontendWriter()
    for message in try frontendMessages([conversation.frontend]) { frontend.append(message) }
    #expect(frontend.take() == conversation.frontend)

    var backend = BackendWriter()
    let said = try backendMessages(
      [conversation.backend], asksForEncryption: conversation.asksForEncryption)
    for message in said { backend.append(message) }
    #expect(backend.take() == conversation.backend)
  }

  @Test(arguments: Conversation.all)
  func `may be cut in two anywhere`(conversation: Conversation) throws {
    let asked = try frontendMessages([conversation.frontend])
    for cut in 0...conversation.frontend.count {
      let pieces = [Array(conversation.frontend[..<cut]), Array(conversation.frontend[cut...])]
      #expect(try frontendMessages(pieces) == asked, "cut at \(cut)")
    }
    let encrypted = conversation.asksForEncryption
    let said = try backendMessages([conversation.backend], asksForEncryption: encrypted)
    for cut in 0...conversation.backend.count {
      let pieces = [Array(conversation.backend[..<cut]), Array(conversation.backend[cut...])]
      #expect(
        try backendMessages(pieces, asksForEncryption: encrypted) == said, "cut at \(cut)")
    }
  }

  @Test(arguments: Conversation.all)
  func `may come byte by byte`(conversation: Conversation) throws {
    #expect(
      try frontendMessages(conversation.frontend.map { [$0] })
        == frontendMessages([conversation.frontend]))
    let encrypted = conversation.asksForEncryption
    #expect(
      try backendMessages(conversation.backend.map { [$0] }, asksForEncryption: encrypted)
        == backendMessages([conversation.backend], asksForEncryption: encrypted))
  }

  @Test func `begins with the request for encryption, the start-up packet and the password`() throws
  {
    let messages = try frontendMessages([Conversation.pgbenchPrepared.frontend])
    #expect(messages[0] == .sslRequest)
    guard case .startup(let startup) = messages[1], case .password(let password) = messages[2]
    else { throw Unexpected() }
    #expect(startup.version == .version3)
    #expect(startup.user == "aurora")
    #expect(startup.database == "postgres")
    #expect(startup["application_name"] == "pgbench")
    #expect(password.text == "md59a8556298d97fba35a3db02011bc4f80")
    #expect(password.saslInitialResponse == nil)
  }

  @Test func `binds the parameters of a prepared update`() throws {
    let messages = try frontendMessages([Conversation.pgbenchPrepared.frontend])
    let parse = try #require(
      messages.firstIndex {
        if case .parse(let message) = $0 { return message.statement == "P_1" }
        return false
      })
    #expect(
      messages[parse]
        == .parse(
          ParseMessage(
            statement: "P_1",
            query: "UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2;")))
    #expect(messages[parse + 1] == .sync)
    guard case .bind(let bind) = messages[parse + 2] else { throw Unexpected() }
    #expect(bind.statement == "P_1")
    #expect(bind.portal == "")
    #expect(
      bind.parameters.map { $0.map { String(decoding: $0, as: UTF8.self) } } == ["-2080", "63858"])
    #expect(bind.parameters.text(at: 1) == "63858")
    #expect(bind.parameterFormats[0] == .text)
    #expect(bind.resultFormats.codes == [.text])
    #expect(
      Array(messages[(parse + 3)...(parse + 5)])
        == [.describe(.portal("")), .execute(ExecuteMessage()), .sync])
  }

  @Test func `tells an error in all its fields`() throws {
    let messages = try backendMessages([Conversation.psql.backend], asksForEncryption: true)
    let errors = messages.compactMap { message -> ErrorFields? in
      if case .errorResponse(let fields) = message { return fields }
      return nil
    }
    #expect(errors.map(\.sqlState) == ["42703", "23505", "22012", "25P02"])
    var column = ErrorFields(
      severity: "ERROR", sqlState: "42703", message: "column \"nope\" does not exist")
    column.hint = "Perhaps you meant to reference the column \"t.note\"."
    column.position = 8
    (column.file, column.line, column.routine) =
      ("parse_relation.c", "3665", "errorMissingColumn")
    #expect(errors[0] == column)
    #expect(errors[1].detail == "Key (id)=(1) already exists.")
    #expect(errors[1].schema == "public")
    #expect(errors[1].table == "t")
    #expect(errors[1].constraint == "t_pkey")
    #expect(!errors[0].endsSession)
  }

  @Test func `describes and fills rows`() throws {
    let messages = try backendMessages([Conversation.psql.backend], asksForEncryption: true)
    let start = try #require(
      messages.firstIndex {
        if case .rowDescription = $0 { return true }
        return false
      })
    #expect(
      messages[start]
        == .rowDescription([
          FieldDescription(
            name: "id", type: .integer, tableOID: 16388, columnNumber: 1),
          FieldDescription(name: "note", type: .text, tableOID: 16388, columnNumber: 2),
          FieldDescription(
            name: "at", type: .numeric(precision: 5, scale: 2), tableOID: 16388, columnNumber: 3),
        ]))
    guard case .dataRow(let row) = messages[start + 2] else { throw Unexpected() }
    #expect((0..<3).map(row.text(at:)) == ["2", nil, "-0.25"])
    #expect(messages[start + 3] == .commandComplete(CommandTag("SELECT 2")))
    #expect(messages[start + 4] == .readyForQuery(.idle))
  }

  @Test func `authenticates by SASL`() throws {
    let asked = try frontendMessages([Conversation.scram.frontend])
    guard case .password(let first) = asked[1], case .password(let second) = asked[2]
    else { throw Unexpected() }
    let response = try #require(first.saslInitialResponse)
    #expect(response.mechanism == "SCRAM-SHA-256")
    #expect(
      response.data.map { String(decoding: $0, as: UTF8.self) }
        == "n,,n=,r=jQZb6hGjKOaQj9p121Q2kY7L")
    #expect(String(decoding: second.bytes.prefix(7), as: UTF8.self) == "c=biws,")
    let said = try backendMessages([Conversation.scram.backend])
    #expect(said[0] == .authentication(.sasl(mechanisms: ["SCRAM-SHA-256"])))
    guard case .authentication(.saslContinue) = said[1],
      case .authentication(.saslFinal) = said[2]
    else { throw Unexpected() }
    #expect(said[3] == .authentication(.ok))
  }
}

private struct Unexpected: Error {}
