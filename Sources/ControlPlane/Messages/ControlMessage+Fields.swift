import Simulation

// How the parts of a control message are written. Each pair must agree; a test sends each kind through.

extension ServerlessCapacity {
  func encode(into writer: inout ByteWriter) { writer.append(UInt32(clamping: halves)) }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    self.init(halves: Int(try reader.readUInt32()))
  }
}

extension ServerlessCapacity? {
  func encode(into writer: inout ByteWriter) {
    writer.append(self == nil ? 0 : 1 as UInt8)
    if let capacity = self { capacity.encode(into: &writer) }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    switch try reader.readUInt8() {
    case 0: self = nil
    case 1: self = try ServerlessCapacity(from: &reader)
    default: throw reader.malformed
    }
  }
}

extension ClosedRange<ServerlessCapacity> {
  func encode(into writer: inout ByteWriter) {
    lowerBound.encode(into: &writer)
    upperBound.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let lower = try ServerlessCapacity(from: &reader)
    let upper = try ServerlessCapacity(from: &reader)
    guard lower >= .smallest, lower <= upper else { throw reader.malformed }
    self = lower...upper
  }
}

extension EngineStatus {
  func encode(into writer: inout ByteWriter) {
    writer.append(state.rawValue)
    writer.append(role.rawValue)
    writer.append(epoch)
    writer.append(durableLSN)
    writer.append(lag.nanoseconds)
    writer.append(UInt32(clamping: connections))
    writer.append(UInt32(clamping: activeTransactions))
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    guard let state = State(rawValue: try reader.readUInt8()),
      let role = EngineRole.Kind(rawValue: try reader.readUInt8())
    else { throw reader.malformed }
    self.init(
      state: state, role: role, epoch: try reader.readUInt32(),
      durableLSN: try reader.readUInt64(), lag: .nanoseconds(try reader.readInt64()),
      connections: Int(try reader.readUInt32()),
      activeTransactions: Int(try reader.readUInt32()))
  }
}

extension EngineRole {
  /// Roles as they are written; 0 stands for none.
  private enum Code: UInt8 {
    case writer = 1
    case readerOfNobody, reader
  }

  func encode(into writer: inout ByteWriter) {
    switch self {
    case .writer: writer.append(Code.writer.rawValue)
    case .reader(nil): writer.append(Code.readerOfNobody.rawValue)
    case .reader(let address?):
      writer.append(Code.reader.rawValue)
      address.encode(into: &writer)
    }
  }

  /// Reads a role, or that there is none.
  static func read(
    from reader: inout ByteReader
  ) throws(ByteReader.Malformed) -> EngineRole? {
    let code = try reader.readUInt8()
    if code == 0 { return nil }
    switch Code(rawValue: code) {
    case .writer: return .writer
    case .readerOfNobody: return .reader(writer: nil)
    case .reader: return .reader(writer: try Address(from: &reader))
    case nil: throw reader.malformed
    }
  }
}

extension Address {
  func encode(into writer: inout ByteWriter) {
    writer.append(UInt32(host.index))
    writer.append(port)
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let host = HostID(index: Int(try reader.readUInt32()))
    self.init(host: host, port: try reader.readUInt16())
  }
}

extension EngineProbe {
  func encode(into writer: inout ByteWriter) {
    writer.append(agent)
    writer.append(number)
    if let role { role.encode(into: &writer) } else { writer.append(0 as UInt8) }
    capacity.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    self.init(
      agent: try reader.readUInt32(), number: try reader.readUInt64(),
      role: try EngineRole.read(from: &reader),
      capacity: try ServerlessCapacity?(from: &reader))
  }
}

extension EngineReport {
  func encode(into writer: inout ByteWriter) {
    writer.append(process)
    writer.append(probe)
    status.encode(into: &writer)
    capacity.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    self.init(
      process: try reader.readUInt32(), probe: try reader.readUInt64(),
      status: try EngineStatus(from: &reader), capacity: try ServerlessCapacity?(from: &reader))
  }
}

extension Heartbeat {
  func encode(into writer: inout ByteWriter) {
    writer.append(lengthPrefixed: instance)
    writer.append(incarnation)
    writer.append(sequence)
    writer.append(term)
    writer.append(command)
    writer.append(role?.rawValue ?? 0)
    writer.append(engineStarts)
    engine.encode(into: &writer)
    writer.append(capacity == nil ? 0 : 1 as UInt8)
    if let capacity {
      capacity.present.encode(into: &writer)
      capacity.range.encode(into: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let instance = try reader.readLengthPrefixedString()
    let incarnation = try reader.readUInt32()
    let sequence = try reader.readUInt64()
    let term = try reader.readUInt64()
    let command = try reader.readUInt64()
    let roleByte = try reader.readUInt8()
    let role = EngineRole.Kind(rawValue: roleByte)
    guard role != nil || roleByte == 0 else { throw reader.malformed }
    self.init(
      instance: instance, incarnation: incarnation, sequence: sequence, term: term,
      command: command, role: role, engineStarts: try reader.readUInt32(),
      engine: try EngineStatus(from: &reader))
    guard try reader.readUInt8() == 1 else { return }
    capacity = Capacity(
      present: try ServerlessCapacity(from: &reader),
      range: try ClosedRange<ServerlessCapacity>(from: &reader))
  }
}

extension Command {
  private enum OrderKind: UInt8 {
    case promote = 1
    case follow, followNobody, restart, setCapacity
  }

  func encode(into writer: inout ByteWriter) {
    writer.append(lengthPrefixed: instance)
    writer.append(incarnation)
    writer.append(term)
    writer.append(sequence)
    switch order {
    case .promote: writer.append(OrderKind.promote.rawValue)
    case .follow(nil): writer.append(OrderKind.followNobody.rawValue)
    case .follow(let writerAddress?):
      writer.append(OrderKind.follow.rawValue)
      writerAddress.encode(into: &writer)
    case .restart: writer.append(OrderKind.restart.rawValue)
    case .setCapacity(let range):
      writer.append(OrderKind.setCapacity.rawValue)
      range.encode(into: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let instance = try reader.readLengthPrefixedString()
    let incarnation = try reader.readUInt32()
    let term = try reader.readUInt64()
    let sequence = try reader.readUInt64()
    guard let kind = OrderKind(rawValue: try reader.readUInt8()) else { throw reader.malformed }
    let order: Order
    switch kind {
    case .promote: order = .promote
    case .followNobody: order = .follow(nil)
    case .follow: order = .follow(try Address(from: &reader))
    case .restart: order = .restart
    case .setCapacity:
      order = .setCapacity(try ClosedRange<ServerlessCapacity>(from: &reader))
    }
    self.init(
      instance: instance, incarnation: incarnation, term: term, sequence: sequence, order: order)
  }
}

extension Zone {
  private enum TargetKind: UInt8 {
    case host = 1
    case aliases
  }

  func encode(into writer: inout ByteWriter) {
    writer.append(serial)
    writer.append(UInt16(records.count))
    for record in records {
      writer.append(lengthPrefixed: record.name)
      writer.append(record.lifetime.nanoseconds)
      switch record.target {
      case .host(let host):
        writer.append(TargetKind.host.rawValue)
        writer.append(UInt32(host.index))
      case .aliases(let names):
        writer.append(TargetKind.aliases.rawValue)
        writer.append(UInt16(names.count))
        for name in names { writer.append(lengthPrefixed: name) }
      }
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let serial = try reader.readUInt64()
    var records: [Record] = []
    for _ in 0..<(try reader.readUInt16()) {
      let name = try reader.readLengthPrefixedString()
      let lifetime = Interval.nanoseconds(try reader.readInt64())
      guard let kind = TargetKind(rawValue: try reader.readUInt8()) else { throw reader.malformed }
      switch kind {
      case .host:
        let host = HostID(index: Int(try reader.readUInt32()))
        records.append(Record(name: name, lifetime: lifetime, target: .host(host)))
      case .aliases:
        var names: [String] = []
        for _ in 0..<(try reader.readUInt16()) {
          names.append(try reader.readLengthPrefixedString())
        }
        guard !names.isEmpty else { throw reader.malformed }
        records.append(Record(name: name, lifetime: lifetime, target: .aliases(names)))
      }
    }
    self.init(serial: serial, records: records)
  }
}
