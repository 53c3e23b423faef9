import Simulation

/// Runs one script against one server, and says where the answers are not those expected.
final class LogicRunner {
  private let script: LogicScript
  private let server: any LogicServer
  private var clients: [(name: String, client: TestClient)] = []
  private var current = "main"
  /// Its records as the server answers them.
  private var answered: [LogicRecord]
  /// One text for each record whose answer differs.
  private(set) var differences: [String] = []

  /// How long an answer may take.
  private static let patience = Interval.seconds(20)

  init(_ script: LogicScript, on server: any LogicServer) {
    (self.script, self.server, answered) = (script, server, script.records)
  }

  /// The script with the server's answers in those records that `isRecorded`.
  func recorded(_ isRecorded: (LogicRecord) -> Bool) -> LogicScript {
    var recorded = script
    for (index, record) in script.records.enumerated() where isRecorded(record) {
      recorded.records[index] = answered[index]
    }
    return recorded
  }

  func run() async throws {
    for (index, record) in script.records.enumerated() where !record.isSkipped(by: server.name) {
      do {
        let answer = try await run(record)
        if !answer.matches(record) {
          differences.append(
            "\(script.name):\(record.line): \(record.sql)\nexpected "
              + "\(Self.shown(record))\nanswered \(Self.shown(answer))")
        }
        answered[index] = answer
      } catch is TimedOut {
        differences.append("\(script.name):\(record.line): \(record.sql)\nno answer")
        return
      }
    }
    for (_, client) in clients { client.terminate() }
  }

  private static func shown(_ record: LogicRecord) -> String {
    ([record.header] + record.expected).joined(separator: "\n  ")
  }

  // MARK: Records

  /// - Returns: the record with the answer in place of what is expected.
  private func run(_ record: LogicRecord) async throws -> LogicRecord {
    var record = record
    switch record.action {
    case .connect(let name): current = name
    case .disconnect(let name):
      try await client(name).terminate()
      clients.removeAll { $0.name == name }
      try await server.sleep(for: .milliseconds(50))
    case .cancel(let name):
      let client = try await client(name)
      TestClient(try await server.openChannel()).cancel(client)
      try await server.sleep(for: .milliseconds(50))
    case .sleep(let milliseconds): try await server.sleep(for: .milliseconds(Int64(milliseconds)))
    case .block:
      let client = try await client(current)
      client.sendQuery(record.sql)
      try await server.waitUntilBlocked(client)
      if try await client.hasAnswer() {
        let answer = try await answer(client)
        record.action = .run(answer.outcome(like: .ok))
        record.expected = answer.lines(like: .ok)
      }
    case .run(let outcome):
      let client = try await client(current)
      client.sendQuery(record.sql)
      let answer = try await answer(client)
      record.action = .run(answer.outcome(like: outcome))
      record.expected = answer.lines(like: outcome)
    case .resume(let outcome):
      let answer = try await answer(try await client(current))
      record.action = .resume(answer.outcome(like: outcome))
      record.expected = answer.lines(like: outcome)
    case .copy(let outcome):
      let client = try await client(current)
      client.sendQuery(record.sql)
      let answer = try await answer(client, copying: record.data)
      record.action = .copy(answer.outcome(like: outcome))
      record.expected = answer.lines(like: outcome)
    case .exchange: record.expected = try await exchange(record.text)
    }
    return record
  }

  private func client(_ name: String) async throws -> TestClient {
    if let known = clients.first(where: { $0.name == name }) { return known.client }
    let client = TestClient(try await server.openChannel())
    try await client.start()
    clients.append((name, client))
    return client
  }

  private func answer(
    _ client: TestClient, copying data: [String] = []
  ) async throws -> LogicAnswer {
    var answer = LogicAnswer()
    while let message = try await client.next(within: Self.patience) {
      if message.hasPrefix("Ready") { break }
      if message == "CopyIn" {
        for line in data { client.message("d", Array("\(line)\n".utf8)) }
        client.message("c")
        client.flush()
        continue
      }
      answer.take(message, from: client)
    }
    return answer
  }

  // MARK: The extended protocol

  private func exchange(_ lines: [String]) async throws -> [String] {
    let client = try await client(current)
    var syncs = 0
    for line in lines {
      var words = LogicWords(line)
      let command = words.next()
      switch command {
      case "parse": client.parse(words.name(), words.rest)
      case "bind":
        let (portal, statement) = (words.name(), words.name())
        client.bind(portal, statement, words.values())
      case "describe", "close":
        let kind: Character = words.next() == "statement" ? "S" : "P"
        let name = words.name()
        if command == "close" { client.close(kind, name) } else { client.describe(kind, name) }
      case "execute": client.execute(words.name(), limit: UInt32(words.rest) ?? 0)
      case "query":
        client.message("Q", TestClient.text(words.rest))
        syncs += 1
      case "flush": client.message("H")
      case "sync":
        client.sync()
        syncs += 1
      default: throw LogicScript.Malformed(place: "no message is called '\(command)'")
      }
    }
    client.flush()
    var answers: [String] = []
    while syncs > 0, let message = try await client.next(within: Self.patience) {
      if message.hasPrefix("Ready") { syncs -= 1 }
      answers += LogicAnswer.shown(message)
    }
    return answers
  }
}

/// The words of a line, one after another.
private struct LogicWords {
  private(set) var rest: String

  init(_ line: String) { rest = line }

  mutating func next() -> String {
    let word = rest.prefix { $0 != " " }
    rest = String(rest.dropFirst(word.count + 1))
    return String(word)
  }

  /// A word, of which `-` stands for none.
  mutating func name() -> String {
    let word = next()
    return word == "-" ? "" : word
  }

  /// The values of parameters: words, with `_` for spaces in them; NULL is none.
  mutating func values() -> [String?] {
    var values: [String?] = []
    while !rest.isEmpty {
      let word = next()
      values.append(word == "NULL" ? nil : String(word.map { $0 == "_" ? " " : $0 }))
    }
    return values
  }
}
