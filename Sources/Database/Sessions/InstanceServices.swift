public import Simulation
public import Volume

/// What a session asks of the instance that it runs in.
public protocol InstanceServices: FaultInjection {
  /// The name of the instance: `aurora_db_instance_identifier()`.
  var identifier: String { get }

  /// Whether the instance is a reader, where nothing can be written: `pg_is_in_recovery()`.
  var isReader: Bool { get }

  /// The rows of `aurora_replica_status()`: the writer first, then the readers.
  func replicaStatus() -> [ReplicaStatus]

  /// The answer of `aurora_show_volume_status()`.
  func volumeStatus() -> VolumeStatus
}

/// What Aurora's fault injection statements do to an instance.
public protocol FaultInjection: AnyObject {
  /// Crashes now, or soon after. The session that asked sends no answer if its process is gone.
  ///
  /// Source: Aurora User Guide, "Testing Amazon Aurora PostgreSQL by using fault injection queries".
  func injectCrash(_ part: InjectedCrash)
}

/// What `aurora_inject_crash` takes down.
public enum InjectedCrash: String, Sendable, CaseIterable {
  /// The database instance, as a crash of the PostgreSQL process would.
  case instance
  /// The dispatcher on the writer, which sends updates to the cluster volume.
  case dispatcher
  /// The instance and the dispatcher.
  case node
}

/// One row of `aurora_replica_status()`.
public struct ReplicaStatus: Sendable {
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
  public var activeTransactions: Int
  public var lastUpdate: Instant
  public var oldestReadViewTransaction: UInt64?
  public var oldestReadViewLSN: LSN?
  /// Of the host's vCPUs, from 0 to 100.
  public var processorPercent: Double

  public static let writerSessionID = "MASTER_SESSION_ID"

  public init(
    serverID: String, sessionID: String, durableLSN: LSN, highestReceivedLSN: LSN? = nil,
    currentReadLSN: LSN? = nil, replayLatency: Interval? = nil, replicaLag: Interval? = nil,
    activeTransactions: Int = 0, lastUpdate: Instant, oldestReadViewTransaction: UInt64? = nil,
    oldestReadViewLSN: LSN? = nil, processorPercent: Double = 0
  ) {
    self.serverID = serverID
    self.sessionID = sessionID
    self.durableLSN = durableLSN
    self.highestReceivedLSN = highestReceivedLSN
    self.currentReadLSN = currentReadLSN
    self.replayLatency = replayLatency
    self.replicaLag = replicaLag
    self.activeTransactions = activeTransactions
    self.lastUpdate = lastUpdate
    self.oldestReadViewTransaction = oldestReadViewTransaction
    self.oldestReadViewLSN = oldestReadViewLSN
    self.processorPercent = processorPercent
  }
}

/// The row of `aurora_show_volume_status()`.
public struct VolumeStatus: Sendable {
  /// Logical blocks of the volume, of 10 GB each.
  public var diskCount: Int
  /// Storage nodes that hold them.
  public var nodeCount: Int

  public init(diskCount: Int, nodeCount: Int) {
    (self.diskCount, self.nodeCount) = (diskCount, nodeCount)
  }
}
