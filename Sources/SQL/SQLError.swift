/// Why a statement failed, in the fields that PostgreSQL's protocol reports.
///
/// Errors that the engine raises often have a named constructor in `SQLError+Constructors.swift`,
/// so that a condition is worded once and a client sees the words it would see from PostgreSQL.
public struct SQLError: Error, Hashable, Sendable {
  /// The five-character SQLSTATE code on which drivers dispatch.
  public let sqlState: String
  /// The primary message, worded as PostgreSQL words it.
  public let message: String
  /// What happened in particular, such as the key that exists already.
  public var detail: String?
  /// What the user may do about it.
  public var hint: String?
  /// Where in the text of the query, in characters, the first being 1.
  public var position: Int?
  /// The table concerned, if any.
  public var table: String?
  /// The constraint violated, if any.
  public var constraint: String?
  /// Set if it ends the session although its code alone does not say so.
  public var isFatal = false

  public init(
    sqlState: String, message: String, detail: String? = nil, hint: String? = nil,
    position: Int? = nil
  ) {
    self.sqlState = sqlState
    self.message = message
    self.detail = detail
    self.hint = hint
    self.position = position
  }

  /// Whether the same transaction may succeed if it is simply run again on the same connection.
  public var isRetryable: Bool { sqlState.hasPrefix("40") }

  /// Whether the session ends with this error (severity `FATAL`).
  public var endsSession: Bool {
    if isFatal { return true }
    return switch sqlState {
    case "57P01", "57P02", "57P03", "53300", "28000", "28P01", "3D000": true
    default: false
    }
  }

  /// This error, pointing at `position` unless it points somewhere already.
  public func located(at position: Int?) -> SQLError {
    var error = self
    error.position = self.position ?? position
    return error
  }
}

extension SQLError: CustomStringConvertible {
  public var description: String {
    var text = "\(sqlState): \(message)"
    if let detail { text += " DETAIL: \(detail)" }
    if let hint { text += " HINT: \(hint)" }
    if let position { text += " POSITION: \(position)" }
    return text
  }
}
