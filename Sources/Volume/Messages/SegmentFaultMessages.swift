import Simulation

/// An order to a storage node to let one of its segments fail, and the node's word that it does.
///
/// ```
///   header (kind, group)   fault   effect   requester   remaining   shortest   longest
///                          u64     u8       u32         i64 ns      i64 ns     i64 ns
/// ```
///
/// The requester is a host, or all ones for everybody. The answer is the header and the fault.
struct SegmentFaultOrder: Equatable {
  let group: Int
  let fault: SegmentFault
  /// From when the node hears of it.
  let remaining: Interval

  private enum Effect: UInt8 {
    case blocked = 1
    case delayed
  }

  private static let everybody = UInt32.max

  init(group: Int, fault: SegmentFault, remaining: Interval) {
    (self.group, self.fault, self.remaining) = (group, fault, remaining)
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    Message.begin(.segmentFault, group: group, epoch: .none, in: &writer)
    writer.append(fault.id)
    var delay = Interval.zero...Interval.zero
    switch fault.effect {
    case .blocked: writer.append(Effect.blocked.rawValue)
    case .delayed(let range):
      writer.append(Effect.delayed.rawValue)
      delay = range
    }
    writer.append(fault.requester.map { UInt32($0.index) } ?? Self.everybody)
    writer.append(remaining.nanoseconds)
    writer.append(delay.lowerBound.nanoseconds)
    writer.append(delay.upperBound.nanoseconds)
    return RecoveryMessages.sealed(&writer)
  }

  /// Reads an order; `nil` if it is damaged.
  init?(_ bytes: [UInt8]) {
    let order = bytes.withUnsafeBytes { buffer -> SegmentFaultOrder? in
      guard Message.isIntact(buffer) else { return nil }
      var reader = ByteReader(buffer, at: Message.headerSize)
      return try? Self.read(from: &reader, group: Message.group(of: buffer))
    }
    guard let order else { return nil }
    self = order
  }

  private static func read(
    from reader: inout ByteReader, group: Int
  ) throws(ByteReader.Malformed) -> SegmentFaultOrder? {
    let id = try reader.readUInt64()
    let kind = Effect(rawValue: try reader.readUInt8())
    let requester = try reader.readUInt32()
    let remaining = Interval.nanoseconds(try reader.readInt64())
    let shortest = Interval.nanoseconds(try reader.readInt64())
    let longest = Interval.nanoseconds(try reader.readInt64())
    guard let kind, .zero <= shortest, shortest <= longest, remaining > .zero else { return nil }
    let fault = SegmentFault(
      id: id, effect: kind == .blocked ? .blocked : .delayed(shortest...longest),
      requester: requester == everybody ? nil : HostID(index: Int(requester)))
    return SegmentFaultOrder(group: group, fault: fault, remaining: remaining)
  }

  static func answer(group: Int, fault: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: 32)
    Message.begin(.segmentFaultAnswer, group: group, epoch: .none, in: &writer)
    writer.append(fault)
    return RecoveryMessages.sealed(&writer)
  }

  /// - Returns: the group and the fault of an answer; `nil` if it is damaged.
  static func readAnswer(_ bytes: [UInt8]) -> (group: Int, fault: UInt64)? {
    bytes.withUnsafeBytes { buffer in
      guard Message.isIntact(buffer) else { return nil }
      var reader = ByteReader(buffer, at: Message.headerSize)
      guard let fault = try? reader.readUInt64() else { return nil }
      return (Message.group(of: buffer), fault)
    }
  }
}
