import Simulation

/// A client that builds its messages byte by byte, and shows those of the server as text.
///
/// It shares no code with the codec that the server uses, so that an error in it does not go unnoticed on
/// both sides.
final class TestClient {
  private let channel: any ByteChannel
  private var output: [UInt8] = []
  private var input: [UInt8] = []
  private(set) var processID: Int32 = 0
  private(set) var secretKey: Int32 = 0
  /// Reported parameters, by name.
  private(set) var parameters: [(name: String, value: String)] = []
  /// The columns of the last row description.
  private(set) var columns: [(name: String, type: Int32)] = []
  /// The values of the last message, if it was a row.
  private(set) var row: [String?]?

  init(_ channel: any ByteChannel) { self.channel = channel }

  convenience init(_ process: Process, _ address: Address) async throws {
    let connection = try await process.connect(to: address, timeout: .seconds(5))
    self.init(SimulatedChannel(process, connection))
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
    channel.send(Self.bytes(UInt32(body.count + 4)) + body)
  }

  /// Asks, over this connection, to cancel what another does; the server says nothing to it.
  func cancel(_ other: TestClient) {
    channel.send(
      Self.bytes(UInt32(16)) + Self.bytes(UInt32(80_877_102)) + Self.bytes(other.processID)
        + Self.bytes(other.secretKey))
  }

  /// Says goodbye.
  func terminate() {
    message("X")
    flush()
    channel.close()
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

  func close(_ kind: Character, _ name: String = "") {
    message("C", [kind.asciiValue ?? 0] + Self.text(name))
  }

  func sync() { message("S") }

  func flush() {
    channel.send(output)
    output = []
  }

  // MARK: Receiving

  /// The server's next message as text, such as `1|a` for a row; `nil` when it has closed the connection.
  ///
  /// - Throws: ``TimedOut`` if it does not come in time; it can be awaited again.
  func next(within limit: Interval? = nil) async throws -> String? {
    while true {
      if hasMessage {
        let length = Int(Self.integer(input[1..<5]))
        let type = input[0]
        let body = Array(input[5..<1 + length])
        input.removeFirst(1 + length)
        return show(type, body)
      }
      do {
        input += try await channel.receive(within: limit)
      } catch ConnectionError.closed {
        return nil
      } catch ConnectionError.reset {
        return nil
      }
    }
  }

  private var hasMessage: Bool {
    input.count >= 5 && input.count > Int(Self.integer(input[1..<5]))
  }

  /// Whether the server has said something that was not looked at yet.
  func hasAnswer() async throws -> Bool {
    do {
      while !hasMessage { input += try await channel.receive(within: .milliseconds(1)) }
      return true
    } catch is TimedOut {
      return false
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
    sendQuery(text)
    return try await untilReady().filter { !$0.hasPrefix("RowDescription") }
  }

  func sendQuery(_ text: String) {
    message("Q", Self.text(text))
    flush()
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
    row = nil
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
      self.columns = []
      var columns: [String] = []
      for _ in 0..<reader.int16() {
        let name = reader.text()
        reader.skip(6)
        let oid = reader.int32()
        reader.skip(6)
        self.columns.append((name, oid))
        columns.append("\(name):\(oid):\(reader.int16())")
      }
      return "RowDescription \(columns.joined(separator: " "))"
    case "D":
      var values: [String?] = []
      for _ in 0..<reader.int16() {
        let count = Int(reader.int32())
        values.append(count < 0 ? nil : String(decoding: reader.take(count), as: UTF8.self))
      }
      row = values
      return values.map { $0 ?? "NULL" }.joined(separator: "|")
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
