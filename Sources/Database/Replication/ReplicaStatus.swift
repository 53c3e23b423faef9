public import Simulation
public import Volume

/// One row of `aurora_replica_status()`: what is known of one instance.
///
/// ```
///   reader ──own row──▶ writer ──all rows──▶ every reader          once a second
/// ```
///
/// An instance knows its own row at first hand. Of the others it tells what it heard last, and when that
/// was so: on a reader that is behind, that may be long ago.
public struct ReplicaStatus: Equatable, Sendable {
  public var serverID: String
  /// `MASTER_SESSION_ID` for the writer.
  public var sessionID: String
  public var durableLSN: LSN
  /// `nil` for the writer, as are the other members about replay.
  public var highestReceivedLSN: LSN?
  public var currentReadLSN: LSN?
  /// From the writer's announcement of a durable point until its changes were applied here.
  public var replayLatency: Interval?
  public var replicaLag: Interval?
  /// As of which a reader reads pages at the earliest.
  public var oldestReadViewLSN: LSN?
  /// The oldest transaction that a reader may have to see the past of: what its feedback to the writer says.
  public var oldestTransaction: UInt64?
  public var activeTransactions: Int
  /// When this was so; `nil` for the instance that answers.
  public var lastUpdate: Instant?
  /// How busy the host's vCPUs are, from 0 to 100.
  public var processorPercent: Double

  public static let writerSessionID = "MASTER_SESSION_ID"
  /// After so long without news, a row is not shown any more.
  static let lifetime = Interval.minutes(5)

  public init(
    serverID: String, sessionID: String, durableLSN: LSN, highestReceivedLSN: LSN? = nil,
    currentReadLSN: LSN? = nil, replayLatency: Interval? = nil, replicaLag: Interval? = nil,
    oldestReadViewLSN: LSN? = nil, oldestTransaction: UInt64? = nil,
    activeTransactions: Int = 0, lastUpdate: Instant? = nil, processorPercent: Double = 0
  ) {
    self.serverID = serverID
    self.sessionID = sessionID
    self.durableLSN = durableLSN
    self.highestReceivedLSN = highestReceivedLSN
    self.currentReadLSN = currentReadLSN
    self.replayLatency = replayLatency
    self.replicaLag = replicaLag
    (self.oldestReadViewLSN, self.oldestTransaction) = (oldestReadViewLSN, oldestTransaction)
    self.activeTransactions = activeTransactions
    self.lastUpdate = lastUpdate
    self.processorPercent = processorPercent
  }

  var isWriter: Bool { sessionID == Self.writerSessionID }
}

extension ReplicaStatus {
  private static let absent = UInt64.max

  func encode(into writer: inout ByteWriter) {
    writer.append(lengthPrefixed: serverID)
    writer.append(lengthPrefixed: sessionID)
    writer.append(durableLSN.value)
    writer.append(highestReceivedLSN?.value ?? Self.absent)
    writer.append(currentReadLSN?.value ?? Self.absent)
    writer.append(replayLatency.map { UInt64(bitPattern: $0.nanoseconds) } ?? Self.absent)
    writer.append(replicaLag.map { UInt64(bitPattern: $0.nanoseconds) } ?? Self.absent)
    writer.append(oldestReadViewLSN?.value ?? Self.absent)
    writer.append(oldestTransaction ?? Self.absent)
    writer.append(UInt32(activeTransactions))
    writer.append(lastUpdate.map { UInt64(bitPattern: $0.nanoseconds) } ?? Self.absent)
    writer.append(processorPercent.bitPattern)
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    func optional(_ value: UInt64) -> UInt64? { value == Self.absent ? nil : value }
    func interval(_ value: UInt64) -> Interval? {
      optional(value).map { Interval(nanoseconds: Int64(bitPattern: $0)) }
    }
    serverID = try reader.readLengthPrefixedString()
    sessionID = try reader.readLengthPrefixedString()
    durableLSN = LSN(try reader.readUInt64())
    highestReceivedLSN = optional(try reader.readUInt64()).map { LSN($0) }
    currentReadLSN = optional(try reader.readUInt64()).map { LSN($0) }
    replayLatency = interval(try reader.readUInt64())
    replicaLag = interval(try reader.readUInt64())
    oldestReadViewLSN = optional(try reader.readUInt64()).map { LSN($0) }
    oldestTransaction = optional(try reader.readUInt64())
    activeTransactions = Int(try reader.readUInt32())
    lastUpdate = optional(try reader.readUInt64())
      .map { Instant(nanoseconds: Int64(bitPattern: $0)) }
    processorPercent = Double(bitPattern: try reader.readUInt64())
  }
}
