import SQL
import Simulation
import Testing
import Wire

/// A start-up packet without parameters, after which a decoder takes typed messages.
private let startup = bytes(hexadecimal: "00000009 00030000 00")

@Suite struct `Bytes that are no messages` {
  @Test(arguments: [
    ("00000007 00030000", WireError.malformedStartup),
    ("00002711 00030000", .malformedStartup),
    ("00000008 00030000", .malformedStartup),
    ("00000009 00020000 00", .unsupportedProtocol(major: 2, minor: 0)),
    ("0000000c 04d2162f 00000000", .malformedStartup),
    ("0000000d 00030000 7573657200", .malformedStartup),
    ("0000000e 00030000 757365720000", .malformedStartup),
    ("00000011 00030000 7573657200 6100 0000", .malformedStartup),
    ("00000010 00030000 75ff6572 00 6100 00", .invalidText(type: 0)),
    ("47455420 2f204854", .malformedStartup),
  ])
  func `begin no session`(hexadecimal: String, error: WireError) {
    #expect(throws: error) { _ = try frontendMessages([bytes(hexadecimal: hexadecimal)]) }
  }

  @Test(arguments: [
    // A type that nobody has, before its length is believed; one of the other direction.
    ("21", WireError.unknownMessageType(0x21)), ("5a", .unknownMessageType(0x5A)),
    ("53 00000003", .invalidLength(3)), ("53 ffffffff", .invalidLength(-1)),
    ("51 7fffffff", .invalidLength(0x7FFF_FFFF)),
    ("53 00000005 00", .malformed(type: 0x53, reason: "1 bytes too many")),
    ("51 00000006 6162", .malformed(type: 0x51, reason: "a text without an end")),
    ("51 00000007 610062", .malformed(type: 0x51, reason: "1 bytes too many")),
    ("51 00000006 ff00", .invalidText(type: 0x51)),
    (
      "44 00000006 5800", .malformed(type: 0x44, reason: "neither a statement nor a portal, but 88")
    ),
    ("45 00000005 00", .malformed(type: 0x45, reason: "it ends too early")),
    ("50 00000008 0000 ffff", .malformed(type: 0x50, reason: "it ends too early")),
    ("42 0000000a 0000 0001 0002", .malformed(type: 0x42, reason: "a format code of 2")),
    (
      "42 0000000e 0000 0002 0000 0000 0001",
      .malformed(type: 0x42, reason: "2 parameter formats for 1 parameters")
    ),
    ("42 0000000e 0000 0000 0001 fffffffe", .malformed(type: 0x42, reason: "a negative length")),
    ("42 0000000e 0000 0000 0001 7fffffff", .malformed(type: 0x42, reason: "it ends too early")),
    ("42 0000000e 0000 0000 0001 ffffffff", .malformed(type: 0x42, reason: "it ends too early")),
  ])
  func `are refused by a server`(hexadecimal: String, error: WireError) {
    #expect(throws: error) { _ = try frontendMessages([startup + bytes(hexadecimal: hexadecimal)]) }
  }

  @Test(arguments: [
    ("51", WireError.unknownMessageType(0x51)),
    ("5a 00000005 51", .malformed(type: 0x5A, reason: "a transaction status of 81")),
    ("44 0000000a 0001 00000001", .malformed(type: 0x44, reason: "it ends too early")),
    ("44 0000000b 0001 00000000 61", .malformed(type: 0x44, reason: "1 bytes too many")),
    ("45 00000005 00", .malformed(type: 0x45, reason: "an error without severity or code")),
    ("45 00000008 534500 50", .malformed(type: 0x45, reason: "a text without an end")),
    ("45 00000009 507800 00 00", .malformed(type: 0x45, reason: "a position of 'x'")),
    ("47 00000007 02 0000", .malformed(type: 0x47, reason: "a format code of 2")),
    ("76 0000000c 00000000 7fffffff", .malformed(type: 0x76, reason: "a text without an end")),
    ("52 00000006 0000", .malformed(type: 0x52, reason: "it ends too early")),
  ])
  func `are refused by a client`(hexadecimal: String, error: WireError) {
    #expect(throws: error) { _ = try backendMessages([bytes(hexadecimal: hexadecimal)]) }
  }

  @Test func `are refused for ever after`() {
    var decoder = FrontendDecoder()
    decoder.feed(startup + bytes(hexadecimal: "53 00000005 00 53 00000004"))
    #expect(throws: Never.self) { _ = try decoder.next() }
    let error = WireError.malformed(type: 0x53, reason: "1 bytes too many")
    #expect(throws: error) { _ = try decoder.next() }
    #expect(throws: error) { _ = try decoder.next() }
  }

  @Test func `are refused when they are too many`() throws {
    var decoder = FrontendDecoder(limit: 10)
    decoder.feed(startup + bytes(hexadecimal: "64 0000000a 010203040506 64 0000000b"))
    _ = try decoder.next()
    #expect(try decoder.next() == .copyData([1, 2, 3, 4, 5, 6]))
    #expect(throws: WireError.invalidLength(11)) { _ = try decoder.next() }
  }

  @Test func `have words for the client`() {
    #expect(WireError.unknownMessageType(33).sqlError.sqlState == "08P01")
    #expect(WireError.unknownMessageType(33).sqlError.message == "invalid frontend message type 33")
    #expect(WireError.unsupportedProtocol(major: 2, minor: 0).sqlError.sqlState == "0A000")
    #expect(WireError.invalidText(type: 0x51).sqlError.sqlState == "22021")
    #expect(WireError.malformedStartup.sqlError.sqlState == "08P01")
  }

  /// Noise must end in messages or in an error, and never in a trap.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `may be noise`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let noise = (0..<400).map { _ in UInt8(random.integer(below: 256)) }
    _ = try? frontendMessages([noise])
    _ = try? frontendMessages([startup + noise])
    _ = try? backendMessages([noise])
    // Noise behind a type and a length that promise a message.
    for type in UInt8(ascii: "1")...UInt8(ascii: "z") {
      let body = Array(noise.prefix(random.index(below: 60)))
      let frame = [type, 0, 0, 0, UInt8(body.count + 4)] + body
      _ = try? frontendMessages([startup + frame])
      _ = try? backendMessages([frame])
    }
  }

  /// Real conversations with a few bytes changed, in pieces of any size.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `may be nearly right`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let conversation = Conversation.all[random.index(below: Conversation.all.count)]
    func damaged(_ stream: [UInt8]) -> [[UInt8]] {
      var stream = stream
      for _ in 0..<(1 + random.index(below: 4)) {
        stream[random.index(below: stream.count)] = UInt8(random.integer(below: 256))
      }
      var pieces: [[UInt8]] = []
      while !stream.isEmpty {
        let count = min(stream.count, 1 + random.index(below: 200))
        pieces.append(Array(stream.prefix(count)))
        stream.removeFirst(count)
      }
      return pieces
    }
    _ = try? frontendMessages(damaged(conversation.frontend))
    _ = try? backendMessages(
      damaged(conversation.backend), asksForEncryption: conversation.asksForEncryption)
  }
}
