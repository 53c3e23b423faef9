import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A control message` {
  static let status = EngineStatus(
    state: .available, role: .writer, epoch: 7, durableLSN: 123_456_789_012, lag: .milliseconds(17),
    connections: 80, activeTransactions: 3)
  static let range = ServerlessCapacity(halves: 1)...ServerlessCapacity(halves: 64)

  static let samples: [ControlMessage] = [
    .heartbeat(Heartbeat(instance: "w", incarnation: 1, sequence: 2, engine: .none)),
    .heartbeat(
      Heartbeat(
        instance: "reader-1", incarnation: 4, sequence: 1 << 40, term: 9, command: 1 << 33,
        role: .reader, engineStarts: 2, engine: status,
        capacity: Heartbeat.Capacity(present: ServerlessCapacity(halves: 3), range: range))),
    .heartbeatAnswer(
      HeartbeatAnswer(incarnation: 4, sequence: 5, floor: ServerlessCapacity(halves: 9))),
    command(.promote), command(.restart), command(.follow(nil)), command(.setCapacity(range)),
    command(.follow(Address(host: HostID(index: 300), port: 7200))),
    .zone(
      Zone(
        serial: 1 << 32,
        records: [
          Zone.Record(name: "a.b", lifetime: .seconds(5), target: .host(HostID(index: 70_000))),
          Zone.Record(name: "c.d", lifetime: .seconds(1), target: .aliases(["a.b", "e.f"])),
        ])),
    .zoneAcknowledged(3), .zoneRequest(0), probe(nil), probe(.writer), probe(.reader(writer: nil)),
    probe(.reader(writer: Address(host: HostID(index: 3), port: 7200)), ServerlessCapacity(halves: 5)),
    .status(EngineReport(process: 12, probe: 0, status: status)),
    .status(
      EngineReport(process: 12, probe: 9, status: status, capacity: ServerlessCapacity(halves: 5))),
  ]

  private static func probe(
    _ role: EngineRole?, _ capacity: ServerlessCapacity? = nil
  ) -> ControlMessage {
    .probe(EngineProbe(agent: 3, number: 99, role: role, capacity: capacity))
  }

  private static func command(_ order: Command.Order) -> ControlMessage {
    .command(Command(instance: "w", incarnation: 2, term: 3, sequence: 4, order: order))
  }

  @Test(arguments: samples.indices)
  func `comes out as it went in, for its own cluster only`(index: Int) {
    let message = Self.samples[index]
    let bytes = message.encoded(for: "shop")
    #expect(ControlMessage(decoding: bytes, of: "shop") == message)
    #expect(ControlMessage(decoding: bytes, of: "shop2") == nil)
  }

  @Test(arguments: samples.indices)
  func `is as good as lost when any bit is wrong or anything is missing`(index: Int) {
    let bytes = Self.samples[index].encoded(for: "shop")
    for offset in bytes.indices {
      var damaged = bytes
      damaged[offset] ^= 1 << UInt8(offset % 8)
      #expect(ControlMessage.decode(damaged) == nil)
      #expect(ControlMessage.decode(Array(bytes[..<offset])) == nil)
    }
    #expect(ControlMessage.decode(bytes + [0]) == nil)
  }

  /// The checksum guards against accidents; what passes it must still not trap.
  @Test(arguments: samples.indices)
  func `with impossible contents under a right checksum is refused or read, never a trap`(
    index: Int
  ) {
    let bytes = Self.samples[index].encoded(for: "shop")
    for offset in bytes.indices.dropLast(4) {
      for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
        var body = Array(bytes.dropLast(4))
        body[offset] = value
        var writer = ByteWriter(appendingTo: body)
        writer.append(Checksum.crc32(body))
        _ = ControlMessage.decode(writer.bytes)
      }
    }
  }
}

@Suite struct `What the control plane keeps on its disk` {
  private func record(_ version: UInt64, _ writer: String) -> ControlRecord {
    ControlRecord(
      version: version, starts: 3,
      topology: ClusterTopology(term: version * 2, writer: writer, endpoint: "w"),
      ranges: [.init(instance: "w", range: ControlMessageTests.range)],
      reboots: [.init(instance: "r1", agent: 4, engineStarts: 2)])
  }

  private func disk(_ records: ControlRecord...) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 2 * ControlRecord.slotSize)
    for record in records {
      let encoded = record.encoded()
      bytes.replaceSubrange(record.slot..<record.slot + encoded.count, with: encoded)
    }
    return bytes
  }

  @Test func `is nothing on a blank disk`() {
    #expect(ControlRecord.newest(in: disk()) == nil)
  }

  @Test func `is the newest of two copies`() {
    #expect(ControlRecord.newest(in: disk(record(4, "r1"), record(5, "r2"))) == record(5, "r2"))
    #expect(ControlRecord.newest(in: disk(record(6, "r1"), record(5, "r2"))) == record(6, "r1"))
  }

  @Test func `is the one before when the newest was torn`() {
    let newest = record(5, "r2")
    var bytes = disk(record(4, "r1"), newest)
    bytes[newest.slot + 20] ^= 0xFF
    #expect(ControlRecord.newest(in: bytes) == record(4, "r1"))
  }
}

private typealias ControlMessageTests = `A control message`
