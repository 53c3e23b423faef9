import Simulation

/// A datagram between agents, control plane, name servers and engines.
///
/// ```
///   0     2      3         +2+n
///   "BC"  kind   cluster   fields …   CRC-32 of all before
///   u16   u8     u16, n    by kind    u32               little-endian
/// ```
///
/// Datagrams come twice, late, or not at all; one that is damaged, or of another cluster, is as good as
/// lost.
enum ControlMessage: Equatable {
  case heartbeat(Heartbeat)
  case heartbeatAnswer(HeartbeatAnswer)
  case command(Command)
  case zone(Zone)
  /// A name server has this zone, by its serial.
  case zoneAcknowledged(UInt64)
  /// A name server has this zone and asks for a newer one; 0 if it has none.
  case zoneRequest(UInt64)
  /// From an agent to the engine beside it.
  case probe(EngineProbe)
  case status(EngineReport)

  private enum Kind: UInt8 {
    case heartbeat = 1
    case heartbeatAnswer, command, zone, zoneAcknowledged, zoneRequest, probe, status
  }

  private static let magic: UInt16 = 0x4342

  // MARK: To bytes

  func encoded(for cluster: String) -> [UInt8] {
    var writer = ByteWriter(capacity: 128)
    writer.append(Self.magic)
    writer.append(kind.rawValue)
    writer.append(lengthPrefixed: cluster)
    switch self {
    case .heartbeat(let heartbeat): heartbeat.encode(into: &writer)
    case .heartbeatAnswer(let answer):
      writer.append(answer.incarnation)
      writer.append(answer.sequence)
      answer.floor.encode(into: &writer)
    case .command(let command): command.encode(into: &writer)
    case .zone(let zone): zone.encode(into: &writer)
    case .zoneAcknowledged(let number), .zoneRequest(let number): writer.append(number)
    case .probe(let probe): probe.encode(into: &writer)
    case .status(let report): report.encode(into: &writer)
    }
    writer.append(Checksum.crc32(writer.bytes))
    return writer.take()
  }

  private var kind: Kind {
    switch self {
    case .heartbeat: .heartbeat
    case .heartbeatAnswer: .heartbeatAnswer
    case .command: .command
    case .zone: .zone
    case .zoneAcknowledged: .zoneAcknowledged
    case .zoneRequest: .zoneRequest
    case .probe: .probe
    case .status: .status
    }
  }

  // MARK: From bytes

  /// Reads a message of this cluster; `nil` if it is of another, or damaged.
  init?(decoding bytes: [UInt8], of cluster: String) {
    guard let message = Self.decode(bytes), message.cluster == cluster else { return nil }
    self = message.content
  }

  /// Reads a message and the cluster that it is about; `nil` if it is damaged.
  static func decode(_ bytes: [UInt8]) -> (cluster: String, content: ControlMessage)? {
    guard bytes.count > 4 else { return nil }
    return bytes.withUnsafeBytes { buffer in
      let body = UnsafeRawBufferPointer(rebasing: buffer[..<(buffer.count - 4)])
      var trailer = ByteReader(buffer, at: body.count)
      guard (try? trailer.readUInt32()) == Checksum.crc32(body) else { return nil }
      var reader = ByteReader(body)
      guard let message = try? read(from: &reader), reader.isAtEnd else { return nil }
      return message
    }
  }

  private static func read(
    from reader: inout ByteReader
  ) throws(ByteReader.Malformed) -> (cluster: String, content: ControlMessage) {
    guard try reader.readUInt16() == magic, let kind = Kind(rawValue: try reader.readUInt8()) else {
      throw reader.malformed
    }
    let cluster = try reader.readLengthPrefixedString()
    let content: ControlMessage =
      switch kind {
      case .heartbeat: .heartbeat(try Heartbeat(from: &reader))
      case .heartbeatAnswer:
        .heartbeatAnswer(
          HeartbeatAnswer(
            incarnation: try reader.readUInt32(), sequence: try reader.readUInt64(),
            floor: try ServerlessCapacity(from: &reader)))
      case .command: .command(try Command(from: &reader))
      case .zone: .zone(try Zone(from: &reader))
      case .zoneAcknowledged: .zoneAcknowledged(try reader.readUInt64())
      case .zoneRequest: .zoneRequest(try reader.readUInt64())
      case .probe: .probe(try EngineProbe(from: &reader))
      case .status: .status(try EngineReport(from: &reader))
      }
    return (cluster, content)
  }
}

extension ByteReader {
  /// For a field that is there but says something impossible.
  var malformed: Malformed { Malformed(offset: offset, wanted: 0) }
}
