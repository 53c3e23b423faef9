import Testing

/// A script of SQL statements and what they must answer, in the manner of sqllogictest.
///
/// ```
/// # A comment.
/// statement ok
/// CREATE TABLE t (id int PRIMARY KEY, name text)
///
/// statement count 2
/// INSERT INTO t VALUES (1, 'a'), (2, NULL)
///
/// statement error 23505
/// INSERT INTO t VALUES (1, 'b')
/// ----
/// duplicate key value violates unique constraint "t_pkey"
/// DETAIL: Key (id)=(1) already exists.
///
/// query IT rowsort
/// SELECT * FROM t
/// ----
/// 1|a
/// 2|NULL
/// ```
/// A record ends with an empty line. `rowsort` compares rows without regard to their order. Notices that
/// come with a statement stand behind `----`. Letters of types: `B` boolean, `I` integers, `R` other
/// numbers, `T` text, `D` dates, times and intervals, `X` bytes, `V` void.
///
/// Several sessions, one after another and deterministic all the same:
/// ```
/// connection b
///
/// statement blocks
/// UPDATE t SET name = 'c' WHERE id = 1
///
/// connection a
///
/// statement ok
/// COMMIT
///
/// connection b
///
/// resumes count 1
/// ```
/// `resumes` takes what `statement` takes, and `resumes query I`. Further records: `disconnect a`,
/// `cancel a`, `sleep 100` (milliseconds), `copy …` with its data behind `----`, and its error or notices
/// behind another, and `messages`, whose lines are messages of the extended protocol:
/// `parse NAME SQL`, `bind PORTAL NAME VALUE…`, `describe statement NAME`, `describe portal NAME`,
/// `execute PORTAL LIMIT`, `close statement NAME`, `close portal NAME`, `flush`, `sync`; a name of `-` is
/// empty.
///
/// `skipif borealis # reason` and `onlyif borealis # reason` hold for the next record; the servers are
/// `borealis` and `postgres`.
struct LogicScript: CustomTestStringConvertible {
  struct Malformed: Error {
    let place: String
  }

  static let servers = ["borealis", "postgres"]

  let name: String
  var records: [LogicRecord]
  /// Comments behind the last record.
  private var ending: [String] = []

  var testDescription: String { name }

  init(name: String, text: String) throws {
    self.name = name
    records = []
    var preamble: [String] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var index = 0
    while index < lines.count {
      let line = lines[index]
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("skipif ")
        || line.hasPrefix("onlyif ")
      {
        preamble.append(line)
        index += 1
        continue
      }
      let body = lines[(index + 1)...].prefix { !$0.isEmpty }
      records.append(
        try Self.record(
          line, Array(body), preamble: preamble, place: "\(name):\(index + 1)", line: index + 1))
      preamble = []
      index += 1 + body.count
    }
    ending = preamble
  }

  /// The text of the script, which ``init(name:text:)`` reads.
  var text: String {
    var lines: [String] = []
    for record in records {
      lines += record.preamble
      lines.append(record.header)
      lines += record.text
      if case .copy = record.action { lines += ["----"] + record.data }
      if case .run(.rows) = record.action {
        lines.append("----")
      } else if case .resume(.rows) = record.action {
        lines.append("----")
      } else if !record.expected.isEmpty {
        lines.append("----")
      }
      lines += record.expected
    }
    return (lines + ending).joined(separator: "\n")
  }

  // MARK: Reading

  private static func record(
    _ header: String, _ body: [String], preamble: [String], place: String, line: Int
  ) throws -> LogicRecord {
    guard let action = action(header.split(separator: " ").map(String.init)) else {
      throw Malformed(place: "\(place): no record begins with '\(header)'")
    }
    var record = LogicRecord(line: line, preamble: preamble, action: action)
    for condition in preamble {
      let words = condition.split(separator: " ")
      if words.first == "skipif" { record.skipped.append(String(words[1])) }
      if words.first == "onlyif" { record.skipped += servers.filter { $0 != words[1] } }
    }
    var parts = body.split(separator: "----", omittingEmptySubsequences: false).map(Array.init)
    record.text = parts.removeFirst()
    if case .copy = action, !parts.isEmpty { record.data = parts.removeFirst() }
    if !parts.isEmpty { record.expected = parts.removeFirst() }
    guard parts.isEmpty else { throw Malformed(place: "\(place): too many parts") }
    return record
  }

  private static func action(_ words: [String]) -> LogicRecord.Action? {
    let rest = Array(words.dropFirst())
    switch words[0] {
    case "statement" where rest == ["blocks"]: return .block
    case "statement": return outcome(rest).map { .run($0) }
    case "query": return outcome(words).map { .run($0) }
    case "resumes": return outcome(rest).map { .resume($0) }
    case "copy": return outcome(rest).map { .copy($0) }
    case "messages": return .exchange
    case "connection": return rest.first.map { .connect($0) }
    case "disconnect": return rest.first.map { .disconnect($0) }
    case "cancel": return rest.first.map { .cancel($0) }
    case "sleep": return rest.first.flatMap { Int($0) }.map { .sleep($0) }
    default: return nil
    }
  }

  private static func outcome(_ words: [String]) -> LogicRecord.Outcome? {
    switch words.first {
    case "ok": return .ok
    case "count" where words.count == 2: return Int(words[1]).map { .count($0) }
    case "error": return .error(sqlState: words.dropFirst().first ?? "")
    case "query":
      let types = words.dropFirst().first { $0 != "rowsort" } ?? ""
      return .rows(types: types, isSorted: words.contains("rowsort"))
    default: return nil
    }
  }
}

extension LogicRecord {
  /// Its first line.
  var header: String {
    switch action {
    case .run(.rows(let types, let isSorted)):
      Outcome.rows(types: types, isSorted: isSorted).words
    case .run(let outcome): "statement \(outcome.words)"
    case .block: "statement blocks"
    case .resume(let outcome): "resumes \(outcome.words)"
    case .copy(let outcome): "copy \(outcome.words)"
    case .exchange: "messages"
    case .connect(let name): "connection \(name)"
    case .disconnect(let name): "disconnect \(name)"
    case .cancel(let name): "cancel \(name)"
    case .sleep(let milliseconds): "sleep \(milliseconds)"
    }
  }
}

extension LogicRecord.Outcome {
  var words: String {
    switch self {
    case .ok: "ok"
    case .count(let count): "count \(count)"
    case .error(let sqlState): "error \(sqlState)"
    case .rows(let types, let isSorted):
      (["query", types] + (isSorted ? ["rowsort"] : [])).filter { !$0.isEmpty }
        .joined(separator: " ")
    }
  }
}
