import Simulation

/// A call of the management API, as it travels to the control plane.
public struct ManagementRequest: Hashable, Sendable {
  public enum Call: Hashable, Sendable {
    /// `FailoverDBCluster`: another instance becomes the writer, this one if one is named.
    case failover(target: String?)
    /// `RebootDBInstance`: the engine of one instance is started again.
    case reboot(String)
    /// `ModifyDBCluster` with another capacity range, for one serverless instance.
    case setCapacity(String, ClosedRange<ServerlessCapacity>)

    /// As the API calls it.
    public var name: String {
      switch self {
      case .failover: "FailoverDBCluster"
      case .reboot: "RebootDBInstance"
      case .setCapacity: "ModifyDBCluster"
      }
    }
  }

  public var cluster: String
  public var call: Call

  public init(cluster: String, _ call: Call) { (self.cluster, self.call) = (cluster, call) }
}

/// What the control plane says to a call: it has written down that it will do it, or why it does not.
public enum ManagementAnswer: Hashable, Sendable {
  case accepted
  case refused(ManagementFault)
}

// One request and one answer to a connection, each as
//
//   0       4       8 …
//   length  CRC-32  fields        little-endian; the length counts what follows it, the sum covers the fields
//
// The real API is XML over HTTPS; what is sent here has the same contents.

extension ManagementRequest {
  private enum Kind: UInt8 {
    case failover = 1
    case failoverToTarget, reboot, setCapacity
  }

  func encoded() -> [UInt8] {
    ManagementFrame.encode { writer in
      writer.append(lengthPrefixed: cluster)
      switch call {
      case .failover(nil): writer.append(Kind.failover.rawValue)
      case .failover(let target?):
        writer.append(Kind.failoverToTarget.rawValue)
        writer.append(lengthPrefixed: target)
      case .reboot(let instance):
        writer.append(Kind.reboot.rawValue)
        writer.append(lengthPrefixed: instance)
      case .setCapacity(let instance, let range):
        writer.append(Kind.setCapacity.rawValue)
        writer.append(lengthPrefixed: instance)
        range.encode(into: &writer)
      }
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    cluster = try reader.readLengthPrefixedString()
    switch Kind(rawValue: try reader.readUInt8()) {
    case .failover: call = .failover(target: nil)
    case .failoverToTarget: call = .failover(target: try reader.readLengthPrefixedString())
    case .reboot: call = .reboot(try reader.readLengthPrefixedString())
    case .setCapacity:
      call = .setCapacity(
        try reader.readLengthPrefixedString(),
        try ClosedRange<ServerlessCapacity>(from: &reader))
    case nil: throw reader.malformed
    }
  }
}

extension ManagementAnswer {
  func encoded() -> [UInt8] {
    ManagementFrame.encode { writer in
      switch self {
      case .accepted: writer.append(0 as UInt8)
      case .refused(let fault): writer.append(fault.rawValue)
      }
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let code = try reader.readUInt8()
    if code == 0 {
      self = .accepted
    } else if let fault = ManagementFault(rawValue: code) {
      self = .refused(fault)
    } else {
      throw reader.malformed
    }
  }
}

/// Gathers the bytes of a connection until the one message that it carries is complete.
struct ManagementFrame {
  private var bytes: [UInt8] = []

  private static let headerSize = 8
  /// Of length, checksum and fields; longer messages are taken for garbage.
  private static let limit = 4096

  static func encode(_ fields: (inout ByteWriter) -> Void) -> [UInt8] {
    var body = ByteWriter(capacity: 64)
    fields(&body)
    var writer = ByteWriter(capacity: headerSize + body.count)
    writer.append(UInt32(4 + body.count))
    writer.append(Checksum.crc32(body.bytes))
    return writer.take() + body.bytes
  }

  /// Takes in bytes.
  ///
  /// - Returns: what `read` makes of the message; `nil` if more bytes are to come.
  /// - Throws: `ByteReader.Malformed` if it is no message.
  mutating func append<Message>(
    _ more: [UInt8], _ read: (inout ByteReader) throws(ByteReader.Malformed) -> Message
  ) throws(ByteReader.Malformed) -> Message? {
    bytes += more
    guard bytes.count >= Self.headerSize else { return nil }
    return try bytes.withUnsafeBufferPointer { elements throws(ByteReader.Malformed) -> Message? in
      let buffer = UnsafeRawBufferPointer(elements)
      var header = ByteReader(buffer)
      let length = Int(try header.readUInt32())
      let sum = try header.readUInt32()
      guard (5...Self.limit).contains(length) else { throw header.malformed }
      guard buffer.count >= 4 + length else { return nil }
      let fields = UnsafeRawBufferPointer(rebasing: buffer[Self.headerSize..<(4 + length)])
      guard Checksum.crc32(fields) == sum else { throw header.malformed }
      var reader = ByteReader(fields)
      let message = try read(&reader)
      guard reader.isAtEnd else { throw reader.malformed }
      return message
    }
  }
}
