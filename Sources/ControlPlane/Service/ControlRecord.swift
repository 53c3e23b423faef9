import Simulation

/// What the control plane keeps on its disk, and writes before it acts on it.
struct ControlRecord: Equatable {
  /// Grows with every write; the valid copy with the highest counts.
  var version: UInt64
  /// How often the control plane has started: what makes its sequence numbers new each time.
  var starts: UInt32
  var topology: ClusterTopology
  /// The capacity ranges that are not those of the configuration any more.
  var ranges: [CapacityRange] = []
  /// Reboots that were accepted and have not been seen to happen.
  var reboots: [Reboot] = []

  struct CapacityRange: Equatable {
    var instance: String
    var range: ClosedRange<ServerlessCapacity>
  }

  /// The run of an engine that is to end, as its heartbeats number it.
  struct Reboot: Equatable {
    var instance: String
    /// The incarnation of the agent that counted.
    var agent: UInt32
    var engineStarts: UInt32
  }

  /// Two copies are written in turn, so that a torn write leaves the one before.
  static let slotSize = 4096

  var slot: Int { Int(version % 2) * Self.slotSize }

  private static let magic: UInt32 = 0x4352_4543

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.append(Self.magic)
    writer.append(0 as UInt32)
    writer.append(version)
    writer.append(starts)
    writer.append(topology.term)
    writer.append(lengthPrefixed: topology.writer)
    writer.append(lengthPrefixed: topology.endpoint)
    writer.append(UInt16(ranges.count))
    for entry in ranges {
      writer.append(lengthPrefixed: entry.instance)
      entry.range.encode(into: &writer)
    }
    writer.append(UInt16(reboots.count))
    for reboot in reboots {
      writer.append(lengthPrefixed: reboot.instance)
      writer.append(reboot.agent)
      writer.append(reboot.engineStarts)
    }
    writer.overwrite(at: 4, with: UInt32(writer.count))
    writer.append(Checksum.crc32(writer.bytes))
    return writer.take()
  }

  /// Reads the newest valid copy from both slots; `nil` if there is none.
  static func newest(in bytes: [UInt8]) -> ControlRecord? {
    var newest: ControlRecord?
    for slot in 0..<2 where bytes.count >= (slot + 1) * slotSize {
      let record = bytes.withUnsafeBytes { buffer -> ControlRecord? in
        let start = slot * slotSize
        return try? read(UnsafeRawBufferPointer(rebasing: buffer[start..<start + slotSize]))
      }
      guard let record, record.slot == slot * slotSize else { continue }
      if record.version > newest?.version ?? 0 { newest = record }
    }
    return newest
  }

  private static func read(
    _ slot: UnsafeRawBufferPointer
  ) throws(ByteReader.Malformed) -> ControlRecord {
    var reader = ByteReader(slot)
    guard try reader.readUInt32() == magic else { throw reader.malformed }
    let length = Int(try reader.readUInt32())
    guard length <= slotSize - 4 else { throw reader.malformed }
    var trailer = ByteReader(slot, at: length)
    let body = UnsafeRawBufferPointer(rebasing: slot[..<length])
    guard try trailer.readUInt32() == Checksum.crc32(body) else { throw reader.malformed }
    var record = ControlRecord(
      version: try reader.readUInt64(), starts: try reader.readUInt32(),
      topology: ClusterTopology(
        term: try reader.readUInt64(), writer: try reader.readLengthPrefixedString(),
        endpoint: try reader.readLengthPrefixedString()))
    for _ in 0..<(try reader.readUInt16()) {
      record.ranges.append(
        CapacityRange(
          instance: try reader.readLengthPrefixedString(),
          range: try ClosedRange<ServerlessCapacity>(from: &reader)))
    }
    for _ in 0..<(try reader.readUInt16()) {
      record.reboots.append(
        Reboot(
          instance: try reader.readLengthPrefixedString(), agent: try reader.readUInt32(),
          engineStarts: try reader.readUInt32()))
    }
    return record
  }
}
