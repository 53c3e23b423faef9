/// Tables as text: a line of names, a line for each row, quotes where they are needed.
enum CSV {
  static func line(_ fields: [String]) -> String {
    fields.map { field in
      let isPlain = !field.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r\n" }
      return isPlain ? field : "\"" + field.replacing("\"", with: "\"\"") + "\""
    }.joined(separator: ",") + "\n"
  }

  static func rows(_ text: String) -> [[String: String]] {
    var lines: [[String]] = []
    var (line, field, isQuoted): ([String], String, Bool) = ([], "", false)
    var characters = text.makeIterator()
    var next = characters.next()
    while let character = next {
      next = characters.next()
      switch character {
      case "\"" where isQuoted && next == "\"":
        field.append(character)
        next = characters.next()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        line.append(field)
        field = ""
      case "\n" where !isQuoted, "\r\n" where !isQuoted:
        lines.append(line + [field])
        (line, field) = ([], "")
      default: field.append(character)
      }
    }
    guard let names = lines.first else { return [] }
    return lines.dropFirst().map { Dictionary(zip(names, $0)) { first, _ in first } }
  }
}
