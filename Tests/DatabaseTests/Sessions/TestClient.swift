import Simulation

/// A client that builds its messages byte by byte, and shows those of the server as text.
///
/// It shares no code with the codec that the server uses, so that an error in it does not go unnoticed on
/// both sides.
final class TestClient {
  let process: Process
  let connection: Connection
  private var output: [UInt8] = []
  private var input: [UInt8] = []
  private(set) var processID: Int32 = 0
  private(set) var secretKey: Int32 = 0
  /// Reported parameters, by name.
  private(set) var parameters: [(name: String, value: String)] = []

  init(_ process: Process, _ address: Address) async throws {
    self.process = process
    connection = try await process.connect(to: address, timeout: .seconds(5))
  }

  // MARK: Sending

  func start(
    _ parameters: [(String, String)] = [("user", "postgres"), ("database", "bank")]
  ) async throws {
    sendStartup(parameters)
    _ = try await untilReady()
  }

  func sendStartup(_ parameters: [(String, String)]) {
    var body: [UInt8] = Self.bytes(UInt32(196_608))
    for (name, value) in parameters { body += Self.text(name) + Self.text(value) }
    body.append(0)
    connection.send(Self.bytes(UInt32(body.count + 4)) + body)
  }

  func message(_ type: Character, _ body: [UInt8] = []) {
    output.append(type.asciiValue ?? 0)
    output += Self.bytes(UInt32(body.count + 4)) + body
  }

  func parse(_ name: String, _ query: String, types: [UInt32] = []) {
    message(
      "P",
      Self.text(name) + Self.text(query) + Self.bytes(UInt16(types.count))
        + types.flatMap { Self.bytes($0) })
  }

  func bind(
    _ portal: String = "", _ statement: String = "", _ values: [String?] = [],
    resultFormats: [UInt16] = []
  ) {
    var body = Self.text(portal) + Self.text(statement) + Self.bytes(UInt16(0))
    body += Self.bytes(UInt16(values.count))
    for value in values {
      if let value {
        body += Self.bytes(UInt32(value.utf8.count)) + Array(value.utf8)
      } else {
        body += Self.bytes(UInt32.max)
      }
    }
    body += Self.bytes(UInt16(resultFormats.count)) + resultFormats.flatMap { Self.bytes($0) }
    message("B", body)
  }

  func describe(_ kind: Character, _ name: String = "") {
    message("D", [kind.asciiValue ?? 0] + Self.text(name))
  }

  func execute(_ portal: String = "", limit: UInt32 = 0) {
    message("E", Self.text(portal) + Self.bytes(limit))
  }

  func sync() { message("S") }

  func flush() {
    connection.send(output)
    output = []
  }

  // MARK: Receiving

  /// The server's next message as text, such as `DataRow 1 · a`; `nil` when it has closed the connection.
  func next() async throws -> String? {
    while true {
      if input.count >= 5 {
        let length = Int(Self.integer(input[1..<5]))
        if input.count > length {
          let type = input[0]
          let body = Array(input[5..<1 + length])
          input.removeFirst(1 + length)
          return show(type, body)
        }
      }
      do {
        input += try await connection.receive()
      } catch ConnectionError.closed {
        return nil
      } catch ConnectionError.reset {
        return nil
      }
    }
  }

  /// All messages up to ReadyForQuery, that one included.
  func untilReady() async throws -> [String] {
    var messages: [String] = []
    while let message = try await next() {
      messages.append(message)
      if message.hasPrefix("Ready") { break }
    }
    return messages
  }

  /// Runs a simple query; the answer without what goes without saying.
  func query(_ text: String) async throws -> [String] {
    message("Q", Self.text(text))
    flush()
    return try await untilReady().filter { !$0.hasPrefix("RowDescription") }
  }

  /// The tag, or the error, of a simple query.
  @discardableResult
  func run(_ text: String) async throws -> String {
    let answer = try await query(text)
    return answer.last { $0.hasPrefix("Error") || $0.hasPrefix("Fatal") }
      ?? answer.last { !$0.hasPrefix("Ready") } ?? ""
  }

  /// The rows of a simple query, columns joined by bars.
  func rows(_ text: String) async throws -> [String] {
    try await query(text).filter { !$0.hasPrefix("Ready") && !$0.hasPrefix("SELECT") }
  }

  private func show(_ type: UInt8, _ body: [UInt8]) -> String {
    var reader = Reader(body)
    switch Character(UnicodeScalar(type)) {
    case "R": return "Authentication \(reader.int32())"
    case "S":
      let (name, value) = (reader.text(), reader.text())
      parameters.removeAll { $0.name == name }
      parameters.append((name, value))
      return "Parameter \(name)=\(value)"
    case "K":
      processID = reader.int32()
      secretKey = reader.int32()
      return "BackendKey"
    case "Z": return "Ready \(Character(UnicodeScalar(body[0])))"
    case "T":
      var columns: [String] = []
      for _ in 0..<reader.int16() {
        let name = reader.text()
        reader.skip(6)
        let oid = reader.int32()
        reader.skip(6)
        columns.append("\(name):\(oid):\(reader.int16())")
      }
      return "RowDescription \(columns.joined(separator: " "))"
    case "D":
      var columns: [String] = []
      for _ in 0..<reader.int16() {
        let count = Int(reader.int32())
        columns.append(
          count < 0 ? "NULL" : String(decoding: reader.take(count), as: UTF8.self))
      }
      return columns.joined(separator: "|")
    case "C": return reader.text()
    case "E", "N":
      var fields: [Character: String] = [:]
      while true {
        let code = reader.byte()
        if code == 0 { break }
        fields[Character(UnicodeScalar(code))] = reader.text()
      }
      let severity = fields["S"] ?? ""
      let title = severity == "ERROR" ? "Error" : (severity == "FATAL" ? "Fatal" : severity)
      var shown = "\(title) \(fields["C"] ?? ""): \(fields["M"] ?? "")"
      if let detail = fields["D"] { shown += " DETAIL: \(detail)" }
      return shown
    case "1": return "ParseComplete"
    case "2": return "BindComplete"
    case "3": return "CloseComplete"
    case "n": return "NoData"
    case "s": return "PortalSuspended"
    case "I": return "EmptyQuery"
    case "G": return "CopyIn"
    case "t":
      var types: [String] = []
      for _ in 0..<reader.int16() { types.append("\(reader.int32())") }
      return "ParameterDescription \(types.joined(separator: " "))"
    case let other: return "? \(other)"
    }
  }

  // MARK: Bytes

  static func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  static func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }

  static func integer(_ bytes: ArraySlice<UInt8>) -> Int64 {
    bytes.reduce(0) { $0 << 8 | Int64($1) }
  }

  private struct Reader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    mutating func byte() -> UInt8 { bytes.removeFirst() }
    mutating func skip(_ count: Int) { bytes.removeFirst(count) }
    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
      defer { bytes.removeFirst(count) }
      return bytes.prefix(count)
    }
    mutating func int16() -> Int { Int(Int16(truncatingIfNeeded: TestClient.integer(take(2)))) }
    mutating func int32() -> Int32 { Int32(truncatingIfNeeded: TestClient.integer(take(4))) }
    mutating func text() -> String {
      let text = bytes.prefix { $0 != 0 }
      bytes.removeFirst(text.count + 1)
      return String(decoding: text, as: UTF8.self)
    }
  }
}
