/// What a client says to a server.
public enum FrontendMessage: Hashable, Sendable {
  // Before the session, without a type byte.
  case startup(StartupMessage)
  case sslRequest
  case gssEncryptionRequest
  /// On a connection of its own: cancel what the session of this key does.
  case cancelRequest(BackendKey)

  /// The answer to a request for authentication, whichever it was.
  case password(PasswordMessage)

  /// A simple query: one or more statements.
  case query(String)

  // The extended query protocol.
  case parse(ParseMessage)
  case bind(BindMessage)
  case describe(Prepared)
  case execute(ExecuteMessage)
  case close(Prepared)
  case flush
  case sync

  case copyData(ArraySlice<UInt8>)
  case copyDone
  /// The copy is given up for this reason.
  case copyFail(String)

  case terminate
}

/// A version of the protocol.
public struct ProtocolVersion: Hashable, Sendable {
  public let major: Int
  public let minor: Int

  public init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

  public static let version3 = ProtocolVersion(major: 3, minor: 0)
}

/// The first message of a session.
public struct StartupMessage: Hashable, Sendable {
  public struct Parameter: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(name: String, value: String) { (self.name, self.value) = (name, value) }
  }

  public let version: ProtocolVersion
  /// In the order in which they were sent; a later one of the same name holds.
  public let parameters: [Parameter]

  public init(version: ProtocolVersion = .version3, parameters: [Parameter]) {
    (self.version, self.parameters) = (version, parameters)
  }

  public subscript(name: String) -> String? {
    parameters.last { $0.name == name }?.value
  }

  public var user: String? { self["user"] }

  /// The database asked for; the user's name if none was.
  public var database: String? { self["database"] ?? user }
}

/// What names a session to those who want to cancel its work.
public struct BackendKey: Hashable, Sendable {
  public let processID: Int32
  public let secretKey: Int32

  public init(processID: Int32, secretKey: Int32) {
    (self.processID, self.secretKey) = (processID, secretKey)
  }
}

/// A password, a hash of it, or a step of SASL: the bytes look alike, and only the question tells.
public struct PasswordMessage: Hashable, Sendable {
  /// The whole body.
  public let bytes: ArraySlice<UInt8>

  public init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// As an answer to a request for a password, clear or MD5; `nil` if it is none.
  public var text: String? {
    guard let zero = bytes.firstIndex(of: 0), zero == bytes.endIndex - 1 else { return nil }
    return String(validating: bytes[..<zero], as: UTF8.self)
  }

  /// As the first answer to a request for SASL; `nil` if it is none.
  public var saslInitialResponse: (mechanism: String, data: ArraySlice<UInt8>?)? {
    guard let zero = bytes.firstIndex(of: 0), bytes.endIndex - zero >= 5,
      let mechanism = String(validating: bytes[..<zero], as: UTF8.self)
    else { return nil }
    let length = bytes[(zero + 1)...(zero + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let data = bytes[(zero + 5)...]
    if length == .max { return data.isEmpty ? (mechanism, nil) : nil }
    return data.count == Int(length) ? (mechanism, data) : nil
  }
}

/// A prepared statement or a portal, by its name; the empty name is the unnamed one.
public enum Prepared: Hashable, Sendable {
  case statement(String)
  case portal(String)
}

/// Prepares a statement.
public struct ParseMessage: Hashable, Sendable {
  /// The name that it gets; empty for the unnamed statement.
  public let statement: String
  public let query: String
  /// Object identifiers of the first parameters' types; 0 leaves a type open.
  public let parameterTypes: [UInt32]

  public init(statement: String, query: String, parameterTypes: [UInt32] = []) {
    (self.statement, self.query, self.parameterTypes) = (statement, query, parameterTypes)
  }
}

/// Makes a portal of a prepared statement and values for its parameters.
public struct BindMessage: Hashable, Sendable {
  public let portal: String
  public let statement: String
  public let parameterFormats: FormatCodes
  public let parameters: MessageFields
  public let resultFormats: FormatCodes

  public init(
    portal: String = "", statement: String, parameterFormats: FormatCodes = .allText,
    parameters: MessageFields, resultFormats: FormatCodes = .allText
  ) {
    (self.portal, self.statement) = (portal, statement)
    (self.parameterFormats, self.parameters) = (parameterFormats, parameters)
    self.resultFormats = resultFormats
  }
}

/// Runs a portal.
public struct ExecuteMessage: Hashable, Sendable {
  public let portal: String
  /// The most rows to return before the portal is suspended; 0 for no limit.
  public let rowLimit: Int32

  public init(portal: String = "", rowLimit: Int32 = 0) {
    (self.portal, self.rowLimit) = (portal, rowLimit)
  }
}
