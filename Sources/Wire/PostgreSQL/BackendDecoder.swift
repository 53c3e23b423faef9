/// Turns the bytes that a client receives into messages.
public struct BackendDecoder: Sendable {
  private var buffer = MessageBuffer()
  private var awaitsEncryptionAnswer = false
  private var failure: WireError?
  private let limit: Int

  /// - Parameter limit: the longest message, in bytes without its type byte.
  public init(limit: Int = 64 << 20) { self.limit = limit }

  /// Takes in the next piece of the stream.
  public mutating func feed(_ piece: [UInt8]) { buffer.feed(piece) }

  /// Says that a request for encryption was sent, which is answered by one bare byte.
  public mutating func expectEncryptionAnswer() { awaitsEncryptionAnswer = true }

  /// The next whole message; `nil` until more bytes have come.
  ///
  /// - Throws: ``WireError`` for bytes that are no message, and from then on always the same one.
  public mutating func next() throws(WireError) -> BackendMessage? {
    if let failure { throw failure }
    do {
      return awaitsEncryptionAnswer ? try encryptionAnswer() : try message()
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func encryptionAnswer() throws(WireError) -> BackendMessage? {
    guard buffer.available >= 1 else { return nil }
    let answer = buffer.byte(at: 0)
    switch answer {
    case UInt8(ascii: "S"), UInt8(ascii: "G"), UInt8(ascii: "N"):
      buffer.skip(1)
      awaitsEncryptionAnswer = false
      return .encryptionAnswer(accepted: answer != UInt8(ascii: "N"))
    case UInt8(ascii: "E"):
      // A server too old or too busy to understand the request answers with an error.
      awaitsEncryptionAnswer = false
      return try message()
    default:
      throw .unknownMessageType(answer)
    }
  }

  private mutating func message() throws(WireError) -> BackendMessage? {
    guard let frame = try buffer.message(limit: limit, isKnown: Self.types.contains)
    else { return nil }
    return try buffer.read(frame) { cursor throws(WireError) in
      let message = try Self.message(&cursor)
      try cursor.finish()
      return message
    }
  }

  private static let types = ByteSet("123ACDEGHIKNRSTWZcdnstv")

  private static func message(_ cursor: inout MessageCursor) throws(WireError) -> BackendMessage {
    switch cursor.type {
    case UInt8(ascii: "D"): return .dataRow(try cursor.fields(cursor.count()))
    case UInt8(ascii: "C"): return .commandComplete(CommandTag(try cursor.text()))
    case UInt8(ascii: "Z"):
      let code = try cursor.byte()
      guard let status = TransactionStatus(rawValue: code) else {
        throw cursor.malformed("a transaction status of \(code)")
      }
      return .readyForQuery(status)
    case UInt8(ascii: "1"): return .parseComplete
    case UInt8(ascii: "2"): return .bindComplete
    case UInt8(ascii: "3"): return .closeComplete
    case UInt8(ascii: "n"): return .noData
    case UInt8(ascii: "s"): return .portalSuspended
    case UInt8(ascii: "I"): return .emptyQueryResponse
    case UInt8(ascii: "T"): return .rowDescription(try rowDescription(&cursor))
    case UInt8(ascii: "t"):
      var types: [UInt32] = []
      for _ in 0..<(try cursor.count()) { types.append(try cursor.uint32()) }
      return .parameterDescription(types)
    case UInt8(ascii: "E"): return .errorResponse(try ErrorFields(reading: &cursor))
    case UInt8(ascii: "N"): return .noticeResponse(try ErrorFields(reading: &cursor))
    case UInt8(ascii: "R"): return .authentication(try authentication(&cursor))
    case UInt8(ascii: "S"):
      return .parameterStatus(name: try cursor.text(), value: try cursor.text())
    case UInt8(ascii: "K"):
      return .backendKeyData(
        BackendKey(processID: try cursor.int32(), secretKey: try cursor.int32()))
    case UInt8(ascii: "A"):
      return .notificationResponse(
        processID: try cursor.int32(), channel: try cursor.text(), payload: try cursor.text())
    case UInt8(ascii: "v"):
      let minor = try cursor.int32()
      var options: [String] = []
      for _ in 0..<max(0, try cursor.int32()) { options.append(try cursor.text()) }
      return .negotiateProtocolVersion(newestMinor: minor, unknownOptions: options)
    case UInt8(ascii: "G"): return .copyInResponse(try copyFormats(&cursor))
    case UInt8(ascii: "H"): return .copyOutResponse(try copyFormats(&cursor))
    case UInt8(ascii: "W"): return .copyBothResponse(try copyFormats(&cursor))
    case UInt8(ascii: "d"): return .copyData(cursor.rest())
    case UInt8(ascii: "c"): return .copyDone
    default: throw .unknownMessageType(cursor.type)
    }
  }

  private static func rowDescription(
    _ cursor: inout MessageCursor
  ) throws(WireError) -> [FieldDescription] {
    var fields: [FieldDescription] = []
    for _ in 0..<(try cursor.count()) {
      let name = try cursor.text()
      let tableOID = try cursor.uint32()
      let columnNumber = try cursor.int16()
      let typeOID = try cursor.uint32()
      let typeSize = try cursor.int16()
      let typeModifier = try cursor.int32()
      let code = try cursor.int16()
      guard let format = Format(rawValue: code) else {
        throw cursor.malformed("a format code of \(code)")
      }
      fields.append(
        FieldDescription(
          name: name, tableOID: tableOID, columnNumber: columnNumber, typeOID: typeOID,
          typeSize: typeSize, typeModifier: typeModifier, format: format))
    }
    return fields
  }

  private static func authentication(
    _ cursor: inout MessageCursor
  ) throws(WireError) -> Authentication {
    switch try cursor.int32() {
    case 0: return .ok
    case 3: return .cleartextPassword
    case 5: return .md5Password(salt: try cursor.uint32())
    case 10:
      var mechanisms: [String] = []
      while true {
        let name = try cursor.text()
        if name.isEmpty { return .sasl(mechanisms: mechanisms) }
        mechanisms.append(name)
      }
    case 11: return .saslContinue(cursor.rest())
    case 12: return .saslFinal(cursor.rest())
    case let code: return .other(code: code, data: cursor.rest())
    }
  }

  private static func copyFormats(_ cursor: inout MessageCursor) throws(WireError) -> CopyFormats {
    let code = try cursor.byte()
    guard let overall = Format(rawValue: Int16(code)) else {
      throw cursor.malformed("a format code of \(code)")
    }
    return CopyFormats(overall: overall, columns: try cursor.formats().codes)
  }
}
