public import SQL

/// Why bytes are no messages. The connection cannot go on after it: where the next message begins
/// is unknown.
public enum WireError: Error, Hashable, Sendable {
  /// A message type that the protocol does not have, or not in this direction.
  case unknownMessageType(UInt8)
  /// A length below what any message has, or above the limit of the decoder.
  case invalidLength(Int)
  /// The body of a message of this type is not what the type calls for.
  case malformed(type: UInt8, reason: String)
  /// A start-up packet that ends too early, too late, or without its terminator.
  case malformedStartup
  /// A major version of the protocol other than 3.
  case unsupportedProtocol(major: Int, minor: Int)
  /// Text that is not UTF-8, in a message of this type.
  case invalidText(type: UInt8)
}

extension WireError {
  /// What a server tells the client before it closes the connection.
  public var sqlError: SQLError {
    switch self {
    case .unknownMessageType(let type):
      SQLError(sqlState: "08P01", message: "invalid frontend message type \(type)")
    case .invalidLength:
      SQLError(sqlState: "08P01", message: "invalid message length")
    case .malformed(_, let reason):
      SQLError(sqlState: "08P01", message: "invalid message format", detail: reason)
    case .malformedStartup:
      SQLError(sqlState: "08P01", message: "invalid startup packet layout")
    case .unsupportedProtocol(let major, let minor):
      SQLError(
        sqlState: "0A000",
        message: "unsupported frontend protocol \(major).\(minor): server supports 3.0 to 3.0")
    case .invalidText:
      SQLError(sqlState: "22021", message: "invalid byte sequence for encoding \"UTF8\"")
    }
  }
}
