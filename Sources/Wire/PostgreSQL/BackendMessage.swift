public import SQL

/// What a server says to a client.
public enum BackendMessage: Hashable, Sendable {
  /// The one byte that answers a request for encryption.
  case encryptionAnswer(accepted: Bool)

  case authentication(Authentication)
  case backendKeyData(BackendKey)
  case parameterStatus(name: String, value: String)
  /// Which minor version the server has, and which options it does not know.
  case negotiateProtocolVersion(newestMinor: Int32, unknownOptions: [String])

  case rowDescription([FieldDescription])
  case dataRow(MessageFields)
  case commandComplete(CommandTag)
  case emptyQueryResponse
  case readyForQuery(TransactionStatus)

  case parseComplete
  case bindComplete
  case closeComplete
  case noData
  case portalSuspended
  /// Object identifiers of the parameters' types.
  case parameterDescription([UInt32])

  // Boxed, so that the many fields of the rare ones do not make every message a large value.
  indirect case errorResponse(ErrorFields)
  indirect case noticeResponse(ErrorFields)
  case notificationResponse(processID: Int32, channel: String, payload: String)

  case copyInResponse(CopyFormats)
  case copyOutResponse(CopyFormats)
  case copyBothResponse(CopyFormats)
  case copyData(ArraySlice<UInt8>)
  case copyDone
}

/// A step of authentication.
public enum Authentication: Hashable, Sendable {
  case ok
  case cleartextPassword
  /// The salt in the order in which its bytes are sent.
  case md5Password(salt: UInt32)
  /// The names of the mechanisms, the server's favourite first.
  case sasl(mechanisms: [String])
  case saslContinue(ArraySlice<UInt8>)
  case saslFinal(ArraySlice<UInt8>)
  /// A method that this codec does not know, by its number.
  case other(code: Int32, data: ArraySlice<UInt8>)
}

/// Whether a session is in a transaction.
public enum TransactionStatus: UInt8, Hashable, Sendable {
  /// `I`
  case idle = 0x49
  /// `T`
  case inTransaction = 0x54
  /// `E`: nothing is accepted until the transaction is rolled back.
  case failed = 0x45
}

/// One column of a result.
public struct FieldDescription: Hashable, Sendable {
  public var name: String
  /// The table that the column is of; 0 for none.
  public var tableOID: UInt32
  /// The number of the column in that table, from 1; 0 for none.
  public var columnNumber: Int16
  public var typeOID: UInt32
  /// In bytes; negative for varying.
  public var typeSize: Int16
  public var typeModifier: Int32
  public var format: Format

  public init(
    name: String, tableOID: UInt32 = 0, columnNumber: Int16 = 0, typeOID: UInt32, typeSize: Int16,
    typeModifier: Int32 = -1, format: Format = .text
  ) {
    (self.name, self.tableOID, self.columnNumber) = (name, tableOID, columnNumber)
    (self.typeOID, self.typeSize, self.typeModifier) = (typeOID, typeSize, typeModifier)
    self.format = format
  }

  public init(
    name: String, type: SQLType, tableOID: UInt32 = 0, columnNumber: Int16 = 0,
    format: Format = .text
  ) {
    self.init(
      name: name, tableOID: tableOID, columnNumber: columnNumber, typeOID: type.oid,
      typeSize: type.wireSize, typeModifier: type.modifier, format: format)
  }
}

/// What a command did: `UPDATE 1`, `INSERT 0 1`, `BEGIN`.
public struct CommandTag: Hashable, Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }

  /// How many rows it concerned; `nil` for a command that concerns none.
  public var rows: Int? {
    guard let blank = text.utf8.lastIndex(of: UInt8(ascii: " ")) else { return nil }
    return Int(text[text.utf8.index(after: blank)...])
  }
}

/// How the data of a COPY are written.
public struct CopyFormats: Hashable, Sendable {
  public var overall: Format
  /// One for each column.
  public var columns: [Format]

  public init(overall: Format, columns: [Format]) {
    (self.overall, self.columns) = (overall, columns)
  }
}
