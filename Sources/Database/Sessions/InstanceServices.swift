/// What a session asks of the instance that it runs in.
public protocol InstanceServices: FaultInjection {
  /// The name of the instance: `aurora_db_instance_identifier()`.
  var identifier: String { get }

  /// Whether the instance is a reader, where nothing can be written: `pg_is_in_recovery()`.
  var isReader: Bool { get }

  /// The rows of `aurora_replica_status()`: the writer first, then the readers, as far as this instance
  /// has heard of them.
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
