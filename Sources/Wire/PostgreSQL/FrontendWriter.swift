/// Gathers what a client says into one buffer.
///
/// ```swift
/// var writer = FrontendWriter()
/// writer.bind(statement: "transfer", parameters: 2)
/// writer.parameter(text: "17")
/// writer.parameter(nil)
/// writer.endBind()
/// writer.execute()
/// writer.sync()
/// connection.send(writer.take())
/// ```
public struct FrontendWriter: Sendable {
  private var output = MessageWriter()
  private var parametersLeft = 0

  public init() {}

  /// Bytes written since the last ``take()``.
  public var count: Int { output.count }

  /// Hands over the messages and begins again with none.
  public mutating func take() -> [UInt8] { output.take() }

  // MARK: The extended query protocol

  public mutating func parse(
    statement: String = "", query: String, parameterTypes: [UInt32] = []
  ) {
    output.begin(UInt8(ascii: "P"))
    output.text(statement)
    output.text(query)
    output.count(parameterTypes.count)
    for type in parameterTypes { output.uint32(type) }
    output.end()
  }

  /// Begins a Bind; as many parameters follow, then ``endBind(resultFormats:)``.
  public mutating func bind(
    portal: String = "", statement: String, parameters: Int,
    parameterFormats: FormatCodes = .allText
  ) {
    precondition(parameterFormats.fit(parameters), "formats for another number of parameters")
    output.begin(UInt8(ascii: "B"))
    output.text(portal)
    output.text(statement)
    output.formats(parameterFormats)
    output.count(parameters)
    parametersLeft = parameters
  }

  /// The next parameter; `nil` for null.
  public mutating func parameter(_ value: ArraySlice<UInt8>?) {
    parametersLeft -= 1
    if let value { output.field(value) } else { output.null() }
  }

  /// The next parameter, which `body` appends to the buffer.
  public mutating func parameter(_ body: (inout [UInt8]) -> Void) {
    parametersLeft -= 1
    output.field(body)
  }

  /// The next parameter, as text.
  public mutating func parameter(text: String) {
    parametersLeft -= 1
    output.field(text: text)
  }

  public mutating func endBind(resultFormats: FormatCodes = .allText) {
    precondition(parametersLeft == 0, "\(parametersLeft) parameters are missing")
    output.formats(resultFormats)
    output.end()
  }

  public mutating func execute(portal: String = "", rowLimit: Int32 = 0) {
    output.begin(UInt8(ascii: "E"))
    output.text(portal)
    output.int32(rowLimit)
    output.end()
  }

  public mutating func describe(_ prepared: Prepared) { named(UInt8(ascii: "D"), prepared) }
  public mutating func close(_ prepared: Prepared) { named(UInt8(ascii: "C"), prepared) }
  public mutating func sync() { output.empty(UInt8(ascii: "S")) }
  public mutating func flush() { output.empty(UInt8(ascii: "H")) }

  private mutating func named(_ type: UInt8, _ prepared: Prepared) {
    output.begin(type)
    switch prepared {
    case .statement(let name):
      output.byte(UInt8(ascii: "S"))
      output.text(name)
    case .portal(let name):
      output.byte(UInt8(ascii: "P"))
      output.text(name)
    }
    output.end()
  }

  // MARK: Everything else

  public mutating func query(_ text: String) {
    output.begin(UInt8(ascii: "Q"))
    output.text(text)
    output.end()
  }

  public mutating func startup(_ message: StartupMessage) {
    output.beginUntyped()
    output.uint32(UInt32(message.version.major) << 16 | UInt32(message.version.minor))
    for parameter in message.parameters {
      output.text(parameter.name)
      output.text(parameter.value)
    }
    output.byte(0)
    output.end()
  }

  public mutating func sslRequest() { request(RequestCode.ssl) }
  public mutating func gssEncryptionRequest() { request(RequestCode.gssEncryption) }

  public mutating func cancelRequest(_ key: BackendKey) {
    output.beginUntyped()
    output.uint32(RequestCode.cancel)
    output.int32(key.processID)
    output.int32(key.secretKey)
    output.end()
  }

  public mutating func password(_ text: String) {
    output.begin(UInt8(ascii: "p"))
    output.text(text)
    output.end()
  }

  public mutating func saslInitialResponse(mechanism: String, data: [UInt8]?) {
    output.begin(UInt8(ascii: "p"))
    output.text(mechanism)
    if let data { output.field(data[...]) } else { output.null() }
    output.end()
  }

  public mutating func copyData(_ data: ArraySlice<UInt8>) { raw(UInt8(ascii: "d"), data) }
  public mutating func copyDone() { output.empty(UInt8(ascii: "c")) }

  public mutating func copyFail(_ reason: String) {
    output.begin(UInt8(ascii: "f"))
    output.text(reason)
    output.end()
  }

  public mutating func terminate() { output.empty(UInt8(ascii: "X")) }

  private mutating func request(_ code: UInt32) {
    output.beginUntyped()
    output.uint32(code)
    output.end()
  }

  private mutating func raw(_ type: UInt8, _ data: ArraySlice<UInt8>) {
    output.begin(type)
    output.bytes(data)
    output.end()
  }

  /// Any message, as a value.
  public mutating func append(_ message: FrontendMessage) {
    switch message {
    case .startup(let message): startup(message)
    case .sslRequest: sslRequest()
    case .gssEncryptionRequest: gssEncryptionRequest()
    case .cancelRequest(let key): cancelRequest(key)
    case .password(let message): raw(UInt8(ascii: "p"), message.bytes)
    case .query(let text): query(text)
    case .parse(let message):
      parse(
        statement: message.statement, query: message.query, parameterTypes: message.parameterTypes)
    case .bind(let message):
      bind(
        portal: message.portal, statement: message.statement,
        parameters: message.parameters.count, parameterFormats: message.parameterFormats)
      for value in message.parameters { parameter(value) }
      endBind(resultFormats: message.resultFormats)
    case .describe(let prepared): describe(prepared)
    case .execute(let message): execute(portal: message.portal, rowLimit: message.rowLimit)
    case .close(let prepared): close(prepared)
    case .flush: flush()
    case .sync: sync()
    case .copyData(let data): copyData(data)
    case .copyDone: copyDone()
    case .copyFail(let reason): copyFail(reason)
    case .terminate: terminate()
    }
  }
}
