import Simulation

/// A DNS query or response, as it goes over the wire.
///
/// Only what the simulator needs: one question, classes IN, types A and CNAME, names written out in full.
///
/// Source: RFC 1035, §4.1 (message), §3.3.1 (CNAME), §3.4.1 (A).
struct DNSMessage: Equatable {
  enum Code: UInt8 {
    case success = 0
    case formatError = 1
    case serverFailure = 2
    case nameError = 3
  }

  struct Record: Equatable {
    enum Value: Equatable {
      case address(HostID)
      case alias(String)
    }

    var name: String
    /// In seconds.
    var lifetime: UInt32
    var value: Value
  }

  var id: UInt16
  var isResponse: Bool
  var code = Code.success
  /// The name asked for.
  var question: String
  var answers: [Record] = []

  private static let typeA: UInt16 = 1
  private static let typeCNAME: UInt16 = 5
  private static let classIN: UInt16 = 1
  /// Bits of the second word: QR, AA and RD.
  private static let responseFlag: UInt16 = 0x8000
  private static let authoritativeFlag: UInt16 = 0x0400
  private static let recursionFlag: UInt16 = 0x0100

  // MARK: To bytes

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.append(bigEndian: id)
    let flags = isResponse ? Self.responseFlag | Self.authoritativeFlag : Self.recursionFlag
    writer.append(bigEndian: flags | UInt16(code.rawValue))
    writer.append(bigEndian: 1 as UInt16)
    writer.append(bigEndian: UInt16(answers.count))
    writer.append(bigEndian: 0 as UInt16)
    writer.append(bigEndian: 0 as UInt16)
    Self.append(question, to: &writer)
    writer.append(bigEndian: Self.typeA)
    writer.append(bigEndian: Self.classIN)
    for answer in answers {
      Self.append(answer.name, to: &writer)
      switch answer.value {
      case .address(let host):
        writer.append(bigEndian: Self.typeA)
        writer.append(bigEndian: Self.classIN)
        writer.append(bigEndian: answer.lifetime)
        writer.append(bigEndian: 4 as UInt16)
        writer.append(bigEndian: Self.ipv4(of: host))
      case .alias(let name):
        var data = ByteWriter(capacity: 64)
        Self.append(name, to: &data)
        writer.append(bigEndian: Self.typeCNAME)
        writer.append(bigEndian: Self.classIN)
        writer.append(bigEndian: answer.lifetime)
        writer.append(bigEndian: UInt16(data.count))
        writer.append(data.bytes)
      }
    }
    return writer.take()
  }

  /// - Precondition: labels of 1 to 63 bytes.
  private static func append(_ name: String, to writer: inout ByteWriter) {
    for label in name.split(separator: ".") {
      precondition(label.utf8.count < 64, "'\(label)' is too long for a DNS label")
      writer.append(UInt8(label.utf8.count))
      writer.append(utf8: String(label))
    }
    writer.append(0 as UInt8)
  }

  /// Every host has an address in 10.0.0.0/8, by its place in the order of creation.
  static func ipv4(of host: HostID) -> UInt32 { 0x0A00_0000 | UInt32(host.index) }

  // MARK: From bytes

  /// `nil` if it is not such a message.
  init?(decoding bytes: [UInt8]) {
    let message = bytes.withUnsafeBytes { buffer -> DNSMessage? in
      var reader = ByteReader(buffer)
      return try? Self.read(from: &reader)
    }
    guard let message else { return nil }
    self = message
  }

  init(id: UInt16, isResponse: Bool, question: String) {
    (self.id, self.isResponse, self.question) = (id, isResponse, question)
  }

  private static func read(
    from reader: inout ByteReader
  ) throws(ByteReader.Malformed) -> DNSMessage {
    let id = try reader.readBigEndianUInt16()
    let flags = try reader.readBigEndianUInt16()
    guard let code = Code(rawValue: UInt8(flags & 0xF)),
      try reader.readBigEndianUInt16() == 1
    else { throw reader.malformed }
    let answerCount = try reader.readBigEndianUInt16()
    try reader.skip(4)
    let question = try name(from: &reader)
    guard try reader.readBigEndianUInt16() == typeA, try reader.readBigEndianUInt16() == classIN
    else { throw reader.malformed }
    var message = DNSMessage(
      id: id, isResponse: flags & responseFlag != 0, question: question)
    message.code = code
    for _ in 0..<answerCount {
      let owner = try name(from: &reader)
      let type = try reader.readBigEndianUInt16()
      guard try reader.readBigEndianUInt16() == classIN else { throw reader.malformed }
      let lifetime = try reader.readBigEndianUInt32()
      let length = Int(try reader.readBigEndianUInt16())
      let end = reader.offset + length
      let value: Record.Value
      switch type {
      case typeA:
        let address = try reader.readBigEndianUInt32()
        guard address >> 24 == 10 else { throw reader.malformed }
        value = .address(HostID(index: Int(address & 0xFF_FFFF)))
      case typeCNAME: value = .alias(try name(from: &reader))
      default: throw reader.malformed
      }
      guard reader.offset == end else { throw reader.malformed }
      message.answers.append(Record(name: owner, lifetime: lifetime, value: value))
    }
    guard reader.isAtEnd else { throw reader.malformed }
    return message
  }

  private static func name(from reader: inout ByteReader) throws(ByteReader.Malformed) -> String {
    var name = ""
    while true {
      let length = Int(try reader.readUInt8())
      if length == 0 { return name }
      guard length < 64, name.utf8.count + length < 255 else { throw reader.malformed }
      if !name.isEmpty { name += "." }
      name += String(decoding: try reader.readBytes(length), as: UTF8.self)
    }
  }
}
