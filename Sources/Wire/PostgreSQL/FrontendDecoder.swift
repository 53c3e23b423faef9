/// Turns the bytes that a server receives into messages.
///
/// The first packets of a connection have no type byte, so it begins by expecting those, and goes on
/// to typed messages after a start-up packet. A request for encryption is answered with one byte by
/// whoever uses this, after which the client begins again.
public struct FrontendDecoder: Sendable {
  /// The longest start-up packet that PostgreSQL accepts, in bytes.
  public static let longestStartup = 10_000

  private var buffer = MessageBuffer()
  private var hasStarted = false
  private var failure: WireError?
  private let limit: Int

  /// - Parameter limit: the longest message, in bytes without its type byte.
  public init(limit: Int = 64 << 20) { self.limit = limit }

  /// Takes in the next piece of the stream.
  public mutating func feed(_ piece: [UInt8]) { buffer.feed(piece) }

  /// The next whole message; `nil` until more bytes have come.
  ///
  /// - Throws: ``WireError`` for bytes that are no message, and from then on always the same one.
  public mutating func next() throws(WireError) -> FrontendMessage? {
    if let failure { throw failure }
    do {
      return hasStarted ? try message() : try startup()
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func startup() throws(WireError) -> FrontendMessage? {
    guard buffer.available >= 4 else { return nil }
    let length = Int(buffer.int32(at: 0))
    guard length >= 8, length <= Self.longestStartup else { throw .malformedStartup }
    guard buffer.available >= length else { return nil }
    let frame = buffer.frame(header: 4, total: length, type: 0)
    let message = try buffer.read(frame, Self.startup)
    if case .startup = message { hasStarted = true }
    return message
  }

  private static func startup(_ cursor: inout MessageCursor) throws(WireError) -> FrontendMessage {
    let code = try cursor.uint32()
    switch code {
    case RequestCode.ssl where cursor.remaining == 0:
      return .sslRequest
    case RequestCode.gssEncryption where cursor.remaining == 0:
      return .gssEncryptionRequest
    case RequestCode.cancel where cursor.remaining == 8:
      return .cancelRequest(
        BackendKey(processID: try cursor.int32(), secretKey: try cursor.int32()))
    case RequestCode.ssl, RequestCode.gssEncryption, RequestCode.cancel:
      throw .malformedStartup
    default:
      let version = ProtocolVersion(major: Int(code >> 16), minor: Int(code & 0xFFFF))
      guard version.major == 3 else {
        throw .unsupportedProtocol(major: version.major, minor: version.minor)
      }
      return .startup(StartupMessage(version: version, parameters: try parameters(&cursor)))
    }
  }

  /// Names and values, and an empty name at the end.
  private static func parameters(
    _ cursor: inout MessageCursor
  ) throws(WireError) -> [StartupMessage.Parameter] {
    var parameters: [StartupMessage.Parameter] = []
    do {
      while true {
        let name = try cursor.text()
        if name.isEmpty { break }
        parameters.append(.init(name: name, value: try cursor.text()))
      }
      try cursor.finish()
    } catch .malformed {
      throw .malformedStartup
    }
    return parameters
  }

  private mutating func message() throws(WireError) -> FrontendMessage? {
    guard let frame = try buffer.message(limit: limit, isKnown: Self.types.contains)
    else { return nil }
    return try buffer.read(frame) { cursor throws(WireError) in
      let message = try Self.message(&cursor)
      try cursor.finish()
      return message
    }
  }

  private static let types = ByteSet("BCDEHPQSXcdfp")

  private static func message(_ cursor: inout MessageCursor) throws(WireError) -> FrontendMessage {
    switch cursor.type {
    case UInt8(ascii: "B"): return .bind(try bind(&cursor))
    case UInt8(ascii: "E"):
      return .execute(ExecuteMessage(portal: try cursor.text(), rowLimit: try cursor.int32()))
    case UInt8(ascii: "S"): return .sync
    case UInt8(ascii: "D"): return .describe(try prepared(&cursor))
    case UInt8(ascii: "P"): return .parse(try parse(&cursor))
    case UInt8(ascii: "Q"): return .query(try cursor.text())
    case UInt8(ascii: "C"): return .close(try prepared(&cursor))
    case UInt8(ascii: "H"): return .flush
    case UInt8(ascii: "X"): return .terminate
    case UInt8(ascii: "d"): return .copyData(cursor.rest())
    case UInt8(ascii: "c"): return .copyDone
    case UInt8(ascii: "f"): return .copyFail(try cursor.text())
    case UInt8(ascii: "p"): return .password(PasswordMessage(bytes: cursor.rest()))
    default: throw .unknownMessageType(cursor.type)
    }
  }

  private static func prepared(_ cursor: inout MessageCursor) throws(WireError) -> Prepared {
    switch try cursor.byte() {
    case UInt8(ascii: "S"): return .statement(try cursor.text())
    case UInt8(ascii: "P"): return .portal(try cursor.text())
    case let kind: throw cursor.malformed("neither a statement nor a portal, but \(kind)")
    }
  }

  private static func parse(_ cursor: inout MessageCursor) throws(WireError) -> ParseMessage {
    let statement = try cursor.text()
    let query = try cursor.text()
    var types: [UInt32] = []
    for _ in 0..<(try cursor.count()) { types.append(try cursor.uint32()) }
    return ParseMessage(statement: statement, query: query, parameterTypes: types)
  }

  private static func bind(_ cursor: inout MessageCursor) throws(WireError) -> BindMessage {
    let portal = try cursor.text()
    let statement = try cursor.text()
    let formats = try cursor.formats()
    let count = try cursor.count()
    guard formats.fit(count) else {
      throw cursor.malformed("\(formats.count) parameter formats for \(count) parameters")
    }
    let parameters = try cursor.fields(count)
    return BindMessage(
      portal: portal, statement: statement, parameterFormats: formats, parameters: parameters,
      resultFormats: try cursor.formats())
  }
}

/// What stands in place of a version in the packets that ask for something other than a session.
enum RequestCode {
  static let cancel: UInt32 = 1234 << 16 | 5678
  static let ssl: UInt32 = 1234 << 16 | 5679
  static let gssEncryption: UInt32 = 1234 << 16 | 5680
}
