import SQL
import Simulation

/// How the lines of COPY are written.
struct CopyFormat: Equatable {
  var isCSV = false
  var delimiter = UInt8(ascii: "\t")
  var null = "\\N"
  var quote = UInt8(ascii: "\"")
  /// The first line names the columns.
  var hasHeader = false

  init(_ options: [StorageOption]) throws(SQLError) {
    for option in options where option.name == "format" {
      switch option.value {
      case "text": break
      case "csv": (isCSV, delimiter, null) = (true, UInt8(ascii: ","), "")
      default: throw .featureNotSupported("COPY format \"\(option.value)\"")
      }
    }
    for option in options {
      switch option.name {
      case "format", "freeze", "encoding": break
      case "delimiter": delimiter = try Self.byte(option)
      case "null": null = option.value
      case "quote": quote = try Self.byte(option)
      case "header": hasHeader = SessionParameter.boolean(option.value) ?? true
      default:
        throw SQLError(sqlState: "42601", message: "option \"\(option.name)\" not recognized")
      }
    }
  }

  private static func byte(_ option: StorageOption) throws(SQLError) -> UInt8 {
    guard option.value.utf8.count == 1, let byte = option.value.utf8.first else {
      throw SQLError(
        sqlState: "0A000", message: "COPY \(option.name) must be a single one-byte character")
    }
    return byte
  }
}

/// COPY … FROM STDIN: into which columns lines of text go, and how they are read.
final class CopyPlan {
  let writer: TableWriter
  /// The columns given, as positions in the table.
  let columns: [Int]
  let format: CopyFormat
  /// For every column of the table.
  private let defaults: [BoundExpression]

  init(_ table: Table, columns: [Int], defaults: [BoundExpression], format: CopyFormat) {
    writer = TableWriter(table)
    self.columns = columns
    self.defaults = defaults
    self.format = format
  }

  /// Makes a row of the fields of one line and puts it into the table.
  ///
  /// - Parameter line: for errors; its number counts from 1.
  func insert(
    _ fields: [String?], line: (number: Int, text: String), _ run: StatementRun
  ) async throws {
    let description = writer.table.description
    if fields.count > columns.count {
      throw SQLError(sqlState: "22P04", message: "extra data after last expected column")
    }
    if fields.count < columns.count {
      let missing = description.columns[columns[fields.count]].name
      throw SQLError(sqlState: "22P04", message: "missing data for column \"\(missing)\"")
    }
    var row: Row = []
    row.reserveCapacity(description.columns.count)
    for column in description.columns.indices {
      if let place = columns.firstIndex(of: column) {
        let field = fields[place]
        row.append(
          try field.map { (field) throws(SQLError) in
            try Value.parse(field, as: description.columns[column].type)
          } ?? .null)
      } else {
        row.append(try run.evaluate(defaults[column], []))
      }
    }
    try await writer.insert(row, run)
  }
}

/// Cuts the bytes of COPY into lines, and those into fields.
struct CopyReader {
  private let format: CopyFormat
  private var buffer: [UInt8] = []
  private var position = 0
  private(set) var lineCount = 0
  /// Whether `\.` has been read.
  private(set) var isAtEnd = false
  private var skipsHeader: Bool

  init(_ format: CopyFormat) {
    self.format = format
    skipsHeader = format.hasHeader
  }

  mutating func append(_ bytes: ArraySlice<UInt8>) {
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The fields of the next line, `nil` in place of NULL; `nil` if there is no whole line yet.
  ///
  /// - Parameter isLast: no more bytes will come, so that the line needs no end.
  mutating func next(
    isLast: Bool = false
  ) throws(SQLError) -> (fields: [String?], text: String)? {
    while !isAtEnd, let line = takeLine(isLast: isLast) {
      lineCount += 1
      if skipsHeader {
        skipsHeader = false
        continue
      }
      if line.elementsEqual("\\.".utf8) {
        isAtEnd = true
        return nil
      }
      let text = String(decoding: line, as: UTF8.self)
      return (format.isCSV ? csvFields(line) : textFields(line), text)
    }
    return nil
  }

  private mutating func takeLine(isLast: Bool) -> ArraySlice<UInt8>? {
    var index = position
    var isQuoted = false
    while index < buffer.count {
      let byte = buffer[index]
      if format.isCSV, byte == format.quote { isQuoted.toggle() }
      if byte == 0x0A, !isQuoted { break }
      index += 1
    }
    guard index < buffer.count || (isLast && position < buffer.count) else { return nil }
    var end = index
    if end > position, buffer[end - 1] == 0x0D { end -= 1 }
    defer { position = min(index + 1, buffer.count) }
    return buffer[position..<end]
  }

  private func textFields(_ line: ArraySlice<UInt8>) -> [String?] {
    var fields: [String?] = []
    for raw in line.split(separator: format.delimiter, omittingEmptySubsequences: false) {
      if raw.elementsEqual(format.null.utf8) {
        fields.append(nil)
      } else {
        fields.append(
          raw.contains(0x5C) ? Self.unescaped(raw) : String(decoding: raw, as: UTF8.self))
      }
    }
    return fields
  }

  private static func unescaped(_ raw: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    var iterator = raw.makeIterator()
    while let byte = iterator.next() {
      guard byte == 0x5C, let escaped = iterator.next() else {
        bytes.append(byte)
        continue
      }
      switch escaped {
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "v"): bytes.append(0x0B)
      default: bytes.append(escaped)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func csvFields(_ line: ArraySlice<UInt8>) -> [String?] {
    var fields: [String?] = []
    var field: [UInt8] = []
    var (isQuoted, wasQuoted) = (false, false)
    func finished() -> String? {
      let text = String(decoding: field, as: UTF8.self)
      return text == format.null && !wasQuoted ? nil : text
    }
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      if byte == format.quote {
        if isQuoted, index + 1 < line.endIndex, line[index + 1] == format.quote {
          field.append(byte)
          index += 1
        } else {
          isQuoted.toggle()
          wasQuoted = true
        }
      } else if byte == format.delimiter, !isQuoted {
        fields.append(finished())
        field = []
        wasQuoted = false
      } else {
        field.append(byte)
      }
      index += 1
    }
    fields.append(finished())
    return fields
  }
}
