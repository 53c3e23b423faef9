/// What a session asks of the instance that it runs in.
public protocol InstanceServices: FaultInjection {
  /// The name of the instance: `aurora_db_instance_identifier()`.
  var identifier: String { get }

  /// Whether the instance is a reader, where nothing can be written: `pg_is_in_recovery()`.
  var isReader: Bool { get }

  /// The rows of `aurora_replica_status()`: the writer first, then the readers, as far as this instance
  /// has heard of them.
  func replicaStatus() -> [ReplicaStatus]
}
