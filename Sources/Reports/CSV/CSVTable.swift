/// A table as comma-separated values.
///
/// Lines end with CR LF; a cell with a comma, a quote or a line break is quoted, and quotes in it
/// are doubled. An empty cell means that there was nothing to measure, which is not zero.
///
/// Source: RFC 4180.
struct CSVTable {
  private(set) var contents: String
  private let columnCount: Int

  init(_ columns: [String]) {
    columnCount = columns.count
    contents = ""
    add(columns)
  }

  /// Adds a line; one cell for each column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columnCount, "\(cells.count) cells for \(columnCount) columns")
    contents += cells.map(Self.quoted).joined(separator: ",")
    contents += "\r\n"
  }

  private static func quoted(_ cell: String) -> String {
    let isPlain = cell.utf8.allSatisfy { byte in
      byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
        && byte != UInt8(ascii: "\r")
    }
    if isPlain { return cell }
    var quoted = "\""
    for character in cell {
      if character == "\"" { quoted.append("\"") }
      quoted.append(character)
    }
    return quoted + "\""
  }
}
