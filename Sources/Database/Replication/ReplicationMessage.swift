import Simulation
import Volume

/// What a writer tells its readers, and what a reader tells the writer, over their stream.
///
/// ```
///   writer ──▶ reader   hello     once: epoch, durable LSN, group tails, transactions in flight
///                       records   whole mini-transactions, in LSN order
///                       began     a transaction got its id
///                       ended     a transaction committed or rolled back, as of an LSN
///                       durable   the VDL, the group tails for it, and the writer's clock
///                       locked    a transaction has locked a table for itself alone, or let go of it
///                       status    what the writer knows of every instance, once a second
///   reader ──▶ writer   feedback  the oldest point and the oldest transaction that its reads may need
///                       status    what it can say of itself, once a second
/// ```
///
/// Each message is a frame: its length (u32), its kind (u8), its fields.
///
/// Source: Verbitski et al., SIGMOD 2018, §3.4 (redo in MTR chunks, VDL control records, commit notices).
enum ReplicationMessage: Equatable {
  case hello(Hello)
  case records([UInt8])
  case began(transaction: UInt64)
  case ended(transaction: UInt64, lsn: LSN)
  case durable(DurablePoint)
  case feedback(readPoint: LSN, oldestTransaction: UInt64)
  case status([ReplicaStatus])
  case locked(table: UInt32, isLocked: Bool)

  struct Hello: Equatable {
    var epoch: VolumeEpoch
    var durable: DurablePoint
    /// The next transaction id that the writer will give out.
    var nextTransaction: UInt64
    /// Transactions in flight as of the durable point, ascending.
    var active: [UInt64]
  }

  enum Kind: UInt8 {
    case hello = 1
    case records, began, ended, durable, feedback, status, locked
  }
}

/// A point of the log at which a reader may read: everything up to it is durable.
struct DurablePoint: Equatable {
  var lsn: LSN
  /// For each protection group, its last record at or below `lsn`: what a segment must have in order to
  /// answer a read at this point.
  var groupTails: [LSN]
  /// The writer's clock when it announced the point.
  var announced: Instant
}

extension ReplicationMessage {
  /// Bytes of a frame before its fields.
  private static let headerSize = 5

  /// Appends the message as a frame.
  func encode(into buffer: inout GatheringBuffer) {
    switch self {
    case .hello(let hello):
      var writer = ByteWriter()
      writer.append(hello.epoch.number)
      writer.append(hello.epoch.opener)
      writer.append(hello.nextTransaction)
      writer.append(UInt32(hello.active.count))
      for id in hello.active { writer.append(id) }
      let point = hello.durable
      Self.append(.hello, writer.count + point.encodedSize, to: &buffer) {
        $0.copyBytes(from: writer.bytes)
        point.encode(into: UnsafeMutableRawBufferPointer(rebasing: $0[writer.count...]))
      }
    case .records(let bytes):
      Self.append(.records, bytes.count, to: &buffer) { $0.copyBytes(from: bytes) }
    case .began(let transaction):
      Self.append(.began, 8, to: &buffer) {
        $0.storeBytes(of: transaction.littleEndian, as: UInt64.self)
      }
    case .ended(let transaction, let lsn):
      Self.append(.ended, 16, to: &buffer) {
        $0.storeBytes(of: transaction.littleEndian, as: UInt64.self)
        $0.storeBytes(of: lsn.value.littleEndian, toByteOffset: 8, as: UInt64.self)
      }
    case .durable(let point):
      Self.append(.durable, point.encodedSize, to: &buffer) { point.encode(into: $0) }
    case .feedback(let readPoint, let oldest):
      Self.append(.feedback, 16, to: &buffer) {
        $0.storeBytes(of: readPoint.value.littleEndian, as: UInt64.self)
        $0.storeBytes(of: oldest.littleEndian, toByteOffset: 8, as: UInt64.self)
      }
    case .status(let rows):
      var writer = ByteWriter()
      writer.append(UInt16(rows.count))
      for row in rows { row.encode(into: &writer) }
      Self.append(.status, writer.count, to: &buffer) { $0.copyBytes(from: writer.bytes) }
    case .locked(let table, let isLocked):
      Self.append(.locked, 5, to: &buffer) {
        $0.storeBytes(of: table.littleEndian, as: UInt32.self)
        $0.storeBytes(of: isLocked ? 1 : 0, toByteOffset: 4, as: UInt8.self)
      }
    }
  }

  /// Appends a frame.
  ///
  /// - Parameters:
  ///   - size: of its fields, in bytes.
  ///   - fill: writes all of them.
  @inline(__always)
  private static func append(
    _ kind: Kind, _ size: Int, to buffer: inout GatheringBuffer,
    _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    buffer.append(headerSize + size) {
      $0.storeBytes(of: UInt32(size + 1).littleEndian, as: UInt32.self)
      $0.storeBytes(of: kind.rawValue, toByteOffset: 4, as: UInt8.self)
      fill(UnsafeMutableRawBufferPointer(rebasing: $0[headerSize...]))
    }
  }

  /// Reads the body of a frame.
  init(body: UnsafeRawBufferPointer) throws(ByteReader.Malformed) {
    var reader = ByteReader(body)
    switch Kind(rawValue: try reader.readUInt8()) {
    case .hello:
      let epoch = VolumeEpoch(
        number: try reader.readUInt32(), opener: try reader.readUInt32())
      let next = try reader.readUInt64()
      var active: [UInt64] = []
      for _ in 0..<Int(try reader.readUInt32()) { active.append(try reader.readUInt64()) }
      let durable = try DurablePoint(from: &reader)
      self = .hello(
        Hello(epoch: epoch, durable: durable, nextTransaction: next, active: active))
    case .records:
      self = .records(try reader.readArray(reader.remaining))
    case .began:
      self = .began(transaction: try reader.readUInt64())
    case .ended:
      self = .ended(transaction: try reader.readUInt64(), lsn: LSN(try reader.readUInt64()))
    case .durable:
      self = .durable(try DurablePoint(from: &reader))
    case .feedback:
      self = .feedback(
        readPoint: LSN(try reader.readUInt64()), oldestTransaction: try reader.readUInt64())
    case .status:
      var rows: [ReplicaStatus] = []
      for _ in 0..<Int(try reader.readUInt16()) { rows.append(try ReplicaStatus(from: &reader)) }
      self = .status(rows)
    case .locked:
      self = .locked(table: try reader.readUInt32(), isLocked: try reader.readUInt8() != 0)
    case nil:
      throw ByteReader.Malformed(offset: 0, wanted: 1)
    }
  }
}

extension DurablePoint {
  /// Bytes before the group tails.
  private static let headerSize = 20

  var encodedSize: Int { Self.headerSize + groupTails.count * 8 }

  /// Writes ``encodedSize`` bytes.
  func encode(into target: UnsafeMutableRawBufferPointer) {
    target.storeBytes(of: lsn.value.littleEndian, as: UInt64.self)
    target.storeBytes(of: announced.nanoseconds.littleEndian, toByteOffset: 8, as: Int64.self)
    target.storeBytes(of: UInt32(groupTails.count).littleEndian, toByteOffset: 16, as: UInt32.self)
    for (index, tail) in groupTails.enumerated() {
      target.storeBytes(
        of: tail.value.littleEndian, toByteOffset: Self.headerSize + index * 8, as: UInt64.self)
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let header = try reader.readBytes(Self.headerSize)
    let count = Int(
      UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
    let tails = try reader.readBytes(count * 8)
    lsn = LSN(UInt64(littleEndian: header.loadUnaligned(as: UInt64.self)))
    announced = Instant(
      nanoseconds: Int64(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: Int64.self)))
    groupTails = withUnsafeTemporaryAllocation(of: LSN.self, capacity: count) { decoded in
      for index in 0..<count {
        let tail = tails.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
        decoded.initializeElement(at: index, to: LSN(UInt64(littleEndian: tail)))
      }
      return [LSN](decoded)
    }
  }
}
