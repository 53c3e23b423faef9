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
    case records, began, ended, durable, feedback, status
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
  /// Appends the message as a frame.
  func encode(into writer: inout ByteWriter) {
    let start = writer.count
    writer.append(0 as UInt32)
    switch self {
    case .hello(let hello):
      writer.append(Kind.hello.rawValue)
      writer.append(hello.epoch.number)
      writer.append(hello.epoch.opener)
      writer.append(hello.nextTransaction)
      writer.append(UInt32(hello.active.count))
      for id in hello.active { writer.append(id) }
      hello.durable.encode(into: &writer)
    case .records(let bytes):
      writer.append(Kind.records.rawValue)
      writer.append(bytes)
    case .began(let transaction):
      writer.append(Kind.began.rawValue)
      writer.append(transaction)
    case .ended(let transaction, let lsn):
      writer.append(Kind.ended.rawValue)
      writer.append(transaction)
      writer.append(lsn.value)
    case .durable(let point):
      writer.append(Kind.durable.rawValue)
      point.encode(into: &writer)
    case .feedback(let readPoint, let oldest):
      writer.append(Kind.feedback.rawValue)
      writer.append(readPoint.value)
      writer.append(oldest)
    case .status(let rows):
      writer.append(Kind.status.rawValue)
      writer.append(UInt16(rows.count))
      for row in rows { row.encode(into: &writer) }
    }
    writer.overwrite(at: start, with: UInt32(writer.count - start - 4))
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
    case nil:
      throw ByteReader.Malformed(offset: 0, wanted: 1)
    }
  }
}

extension DurablePoint {
  func encode(into writer: inout ByteWriter) {
    writer.append(lsn.value)
    writer.append(announced.nanoseconds)
    writer.append(UInt32(groupTails.count))
    for tail in groupTails { writer.append(tail.value) }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    lsn = LSN(try reader.readUInt64())
    announced = Instant(nanoseconds: try reader.readInt64())
    groupTails = []
    for _ in 0..<Int(try reader.readUInt32()) { groupTails.append(LSN(try reader.readUInt64())) }
  }
}
