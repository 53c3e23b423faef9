/// Gathers what a server says into one buffer.
///
/// ```swift
/// var writer = BackendWriter()
/// writer.bindComplete()
/// writer.row(columns: 2)
/// writer.column { value.appendText(as: type, to: &$0) }
/// writer.column(nil)
/// writer.endRow()
/// writer.commandComplete("SELECT", rows: 1)
/// writer.readyForQuery(.idle)
/// connection.send(writer.take())
/// ```
public struct BackendWriter: Sendable {
  private var output = MessageWriter()
  private var columnsLeft = 0

  public init() {}

  /// Bytes written since the last ``take()``.
  public var count: Int { output.count }

  /// Hands over the messages and begins again with none.
  public mutating func take() -> [UInt8] { output.take() }

  /// Messages that were written elsewhere, such as a row description that is kept.
  public mutating func append(encoded messages: [UInt8]) { output.bytes(messages) }

  // MARK: Results

  public mutating func rowDescription(_ fields: [FieldDescription]) {
    output.begin(UInt8(ascii: "T"))
    output.count(fields.count)
    for field in fields {
      output.text(field.name)
      output.uint32(field.tableOID)
      output.int16(field.columnNumber)
      output.uint32(field.typeOID)
      output.int16(field.typeSize)
      output.int32(field.typeModifier)
      output.int16(field.format.rawValue)
    }
    output.end()
  }

  /// Begins a DataRow; as many columns follow, then ``endRow()``.
  public mutating func row(columns: Int) {
    output.begin(UInt8(ascii: "D"))
    output.count(columns)
    columnsLeft = columns
  }

  /// The next column; `nil` for null.
  public mutating func column(_ value: ArraySlice<UInt8>?) {
    columnsLeft -= 1
    if let value { output.field(value) } else { output.null() }
  }

  /// The next column, which `body` appends to the buffer.
  public mutating func column(_ body: (inout [UInt8]) -> Void) {
    columnsLeft -= 1
    output.field(body)
  }

  /// The next column, as text.
  public mutating func column(text: String) {
    columnsLeft -= 1
    output.field(text: text)
  }

  public mutating func endRow() {
    precondition(columnsLeft == 0, "\(columnsLeft) columns are missing")
    output.end()
  }

  /// A command that concerns no rows: `BEGIN`.
  public mutating func commandComplete(_ tag: String) {
    output.begin(UInt8(ascii: "C"))
    output.text(tag)
    output.end()
  }

  /// A command that concerns rows: `UPDATE 1`; an `INSERT` has a zero before its number.
  public mutating func commandComplete(_ verb: StaticString, rows: Int) {
    output.begin(UInt8(ascii: "C"))
    output.utf8(verb)
    output.byte(UInt8(ascii: " "))
    output.decimal(rows)
    output.byte(0)
    output.end()
  }

  public mutating func emptyQueryResponse() { output.empty(UInt8(ascii: "I")) }

  public mutating func readyForQuery(_ status: TransactionStatus) {
    output.begin(UInt8(ascii: "Z"))
    output.byte(status.rawValue)
    output.end()
  }

  public mutating func parseComplete() { output.empty(UInt8(ascii: "1")) }
  public mutating func bindComplete() { output.empty(UInt8(ascii: "2")) }
  public mutating func closeComplete() { output.empty(UInt8(ascii: "3")) }
  public mutating func noData() { output.empty(UInt8(ascii: "n")) }
  public mutating func portalSuspended() { output.empty(UInt8(ascii: "s")) }

  public mutating func parameterDescription(_ types: [UInt32]) {
    output.begin(UInt8(ascii: "t"))
    output.count(types.count)
    for type in types { output.uint32(type) }
    output.end()
  }

  // MARK: Errors and notices

  public mutating func errorResponse(_ fields: ErrorFields) { report(UInt8(ascii: "E"), fields) }
  public mutating func noticeResponse(_ fields: ErrorFields) { report(UInt8(ascii: "N"), fields) }

  private mutating func report(_ type: UInt8, _ fields: ErrorFields) {
    output.begin(type)
    fields.write(to: &output)
    output.end()
  }

  public mutating func notificationResponse(processID: Int32, channel: String, payload: String) {
    output.begin(UInt8(ascii: "A"))
    output.int32(processID)
    output.text(channel)
    output.text(payload)
    output.end()
  }

  // MARK: Starting a session

  /// The bare byte that answers a request for encryption.
  public mutating func encryptionAnswer(accepted: Bool) {
    output.byte(accepted ? UInt8(ascii: "S") : UInt8(ascii: "N"))
  }

  public mutating func authentication(_ step: Authentication) {
    output.begin(UInt8(ascii: "R"))
    switch step {
    case .ok: output.int32(0)
    case .cleartextPassword: output.int32(3)
    case .md5Password(let salt):
      output.int32(5)
      output.uint32(salt)
    case .sasl(let mechanisms):
      output.int32(10)
      for mechanism in mechanisms { output.text(mechanism) }
      output.byte(0)
    case .saslContinue(let data):
      output.int32(11)
      output.bytes(data)
    case .saslFinal(let data):
      output.int32(12)
      output.bytes(data)
    case .other(let code, let data):
      output.int32(code)
      output.bytes(data)
    }
    output.end()
  }

  public mutating func parameterStatus(name: String, value: String) {
    output.begin(UInt8(ascii: "S"))
    output.text(name)
    output.text(value)
    output.end()
  }

  public mutating func backendKeyData(_ key: BackendKey) {
    output.begin(UInt8(ascii: "K"))
    output.int32(key.processID)
    output.int32(key.secretKey)
    output.end()
  }

  public mutating func negotiateProtocolVersion(newestMinor: Int32, unknownOptions: [String]) {
    output.begin(UInt8(ascii: "v"))
    output.int32(newestMinor)
    output.int32(Int32(unknownOptions.count))
    for option in unknownOptions { output.text(option) }
    output.end()
  }

  // MARK: Copying

  public mutating func copyInResponse(_ formats: CopyFormats) { copy(UInt8(ascii: "G"), formats) }
  public mutating func copyOutResponse(_ formats: CopyFormats) { copy(UInt8(ascii: "H"), formats) }
  public mutating func copyBothResponse(_ formats: CopyFormats) { copy(UInt8(ascii: "W"), formats) }
  public mutating func copyDone() { output.empty(UInt8(ascii: "c")) }

  public mutating func copyData(_ data: ArraySlice<UInt8>) {
    output.begin(UInt8(ascii: "d"))
    output.bytes(data)
    output.end()
  }

  private mutating func copy(_ type: UInt8, _ formats: CopyFormats) {
    output.begin(type)
    output.byte(UInt8(formats.overall.rawValue))
    output.formats(FormatCodes(formats.columns))
    output.end()
  }
}

extension BackendWriter {
  /// Any message, as a value.
  public mutating func append(_ message: BackendMessage) {
    switch message {
    case .encryptionAnswer(let accepted): encryptionAnswer(accepted: accepted)
    case .authentication(let step): authentication(step)
    case .backendKeyData(let key): backendKeyData(key)
    case .parameterStatus(let name, let value): parameterStatus(name: name, value: value)
    case .negotiateProtocolVersion(let minor, let options):
      negotiateProtocolVersion(newestMinor: minor, unknownOptions: options)
    case .rowDescription(let fields): rowDescription(fields)
    case .dataRow(let values):
      row(columns: values.count)
      for value in values { column(value) }
      endRow()
    case .commandComplete(let tag): commandComplete(tag.text)
    case .emptyQueryResponse: emptyQueryResponse()
    case .readyForQuery(let status): readyForQuery(status)
    case .parseComplete: parseComplete()
    case .bindComplete: bindComplete()
    case .closeComplete: closeComplete()
    case .noData: noData()
    case .portalSuspended: portalSuspended()
    case .parameterDescription(let types): parameterDescription(types)
    case .errorResponse(let fields): errorResponse(fields)
    case .noticeResponse(let fields): noticeResponse(fields)
    case .notificationResponse(let processID, let channel, let payload):
      notificationResponse(processID: processID, channel: channel, payload: payload)
    case .copyInResponse(let formats): copyInResponse(formats)
    case .copyOutResponse(let formats): copyOutResponse(formats)
    case .copyBothResponse(let formats): copyBothResponse(formats)
    case .copyData(let data): copyData(data)
    case .copyDone: copyDone()
    }
  }
}
