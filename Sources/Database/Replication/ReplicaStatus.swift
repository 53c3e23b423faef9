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
  /// How many pages were asked for, and how many of them have not come yet.
  public struct PageReads: Equatable, Sendable {
    public var all: Int
    public var pending: Int
  }

  /// Why a stream broke, and when, by the reader's wall clock.
  ///
  /// Aurora documents that there is a code, but none of them; ours are Linux's numbers of errors.
  public struct TransportError: Equatable, Sendable {
    public var code: UInt32
    public var instant: Instant
  }

  public var serverID: String
  /// `MASTER_SESSION_ID` for the writer; a UUID for each process of a reader.
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
  /// What became of the stream from the writer when it broke last; `nil` for the writer, and while nothing has.
  public var lastError: TransportError?
  /// How much of the log comes in, in KiB per second.
  public var logStreamSpeed: Double?
  /// Pages that a reader has asked the volume for since its process began, and those that it waits for.
  public var reads: PageReads?
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

extension ReplicaStatus.TransportError {
  /// - Parameter error: with which a stream ended.
  init(_ error: any Error, at instant: Instant) {
    let code: UInt32 =
      switch error as? ConnectionError {
      case .refused: 111  // ECONNREFUSED
      case .reset: 104  // ECONNRESET
      case .closed: 32  // EPIPE
      case .timedOut: 110  // ETIMEDOUT
      case nil: 74  // EBADMSG: what came was garbage.
      }
    self.init(code: code, instant: instant)
  }
}

/// A rate, measured over a second at least.
struct MeasuredRate {
  private var look: (instant: Instant, count: Int)
  private var latest = 0.0

  init(from start: Instant) { look = (start, 0) }

  /// Per second, when so many have been counted since the start.
  mutating func callAsFunction(_ count: Int, at now: Instant) -> Double {
    let elapsed = now - look.instant
    if elapsed >= .seconds(1) {
      latest = Double(count - look.count) / (elapsed / .seconds(1))
      look = (now, count)
    }
    return latest
  }
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
    writer.append(lastError?.code ?? 0)
    writer.append(UInt64(bitPattern: lastError?.instant.nanoseconds ?? 0))
    writer.append(logStreamSpeed?.bitPattern ?? Self.absent)
    writer.append(reads.map { UInt64($0.all) } ?? Self.absent)
    writer.append(UInt64(reads?.pending ?? 0))
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
    let code = try reader.readUInt32()
    let instant = Instant(nanoseconds: Int64(bitPattern: try reader.readUInt64()))
    lastError = code == 0 ? nil : TransportError(code: code, instant: instant)
    logStreamSpeed = optional(try reader.readUInt64()).map { Double(bitPattern: $0) }
    let all = optional(try reader.readUInt64())
    let pending = Int(try reader.readUInt64())
    reads = all.map { PageReads(all: Int($0), pending: pending) }
    lastUpdate = optional(try reader.readUInt64())
      .map { Instant(nanoseconds: Int64(bitPattern: $0)) }
    processorPercent = Double(bitPattern: try reader.readUInt64())
  }
}
