/// What a server said to one simple query.
struct LogicAnswer {
  private var rows: [String] = []
  private var types = ""
  private var notices: [String] = []
  private var error: (sqlState: String, lines: [String])?
  private var count: Int?

  mutating func take(_ message: String, from client: TestClient) {
    if message.hasPrefix("RowDescription") {
      types = String(client.columns.map { Self.letter(ofType: $0.type) })
    } else if let row = client.row {
      rows.append(row.map(Self.shown(value:)).joined(separator: "|"))
    } else if message.hasPrefix("Error ") || message.hasPrefix("Fatal ") {
      let words = message.dropFirst(6)
      error = (String(words.prefix(5)), Self.shown(String(words.dropFirst(7))))
    } else if message.hasPrefix("NOTICE ") || message.hasPrefix("WARNING ") {
      notices += Self.shown(message)
    } else {
      let words = message.split(separator: " ")
      let isCounted = ["INSERT", "UPDATE", "DELETE", "COPY"].contains(words.first)
      count = isCounted ? words.last.flatMap { Int($0) } : nil
    }
  }

  /// What has happened, in the terms in which it was expected if they fit.
  func outcome(like expected: LogicRecord.Outcome) -> LogicRecord.Outcome {
    if let error { return .error(sqlState: error.sqlState) }
    if case .rows(_, let isSorted) = expected { return .rows(types: types, isSorted: isSorted) }
    return count.map { .count($0) } ?? .ok
  }

  func lines(like expected: LogicRecord.Outcome) -> [String] {
    if let error {
      // The processes of a deadlock have other numbers each time.
      return error.sqlState == "40P01" ? Array(error.lines.prefix(1)) : error.lines
    }
    guard case .rows(_, let isSorted) = expected else { return notices }
    return notices + (isSorted ? rows.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } : rows)
  }

  private static func shown(value: String?) -> String {
    guard let value else { return "NULL" }
    if value.isEmpty { return "(empty)" }
    var shown = ""
    for character in value {
      switch character {
      case "\n": shown += "\\n"
      case "\t": shown += "\\t"
      default: shown.append(character)
      }
    }
    if shown.last == " " { shown = shown.dropLast() + "\\s" }
    return shown
  }

  /// A message as lines: its detail has its own.
  static func shown(_ message: String) -> [String] {
    guard let place = message.firstRange(of: " DETAIL: ") else { return [oneLine(message)] }
    return [
      oneLine(String(message[..<place.lowerBound])),
      oneLine("DETAIL: " + message[place.upperBound...]),
    ]
  }

  private static func oneLine(_ text: String) -> String {
    let shown = text.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\\n")
    return shown.isEmpty ? "(empty)" : shown
  }

  private static func letter(ofType type: Int32) -> Character {
    switch type {
    case 16: "B"
    case 20, 21, 23, 26: "I"
    case 700, 701, 1700: "R"
    case 18, 19, 25, 1042, 1043: "T"
    case 1082, 1114, 1184, 1186: "D"
    case 17: "X"
    case 2278: "V"
    default: "?"
    }
  }
}

extension LogicRecord {
  /// Whether this answer is what `expected` demands.
  func matches(_ expected: LogicRecord) -> Bool {
    if case (.run(.count), .run(.ok)) = (action, expected.action) {
      return self.expected == expected.expected
    }
    return action == expected.action && self.expected == expected.expected
  }
}
