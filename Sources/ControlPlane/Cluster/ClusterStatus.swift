/// What `DescribeDBClusters` calls the state of a cluster; those that can occur here.
///
/// Source: Aurora User Guide, "Viewing DB cluster status".
public enum ClusterStatus: String, Sendable {
  case creating
  case available
  case failingOver = "failing-over"
}

/// What `DescribeDBInstances` calls the state of an instance; those that can occur here.
///
/// There is no word for an instance that cannot be reached; like one that is being started again, it
/// counts as rebooting.
public enum InstanceStatus: String, Sendable {
  case creating
  case available
  case rebooting
}

/// An event as `DescribeEvents` lists it.
///
/// Source: Aurora User Guide, "Amazon RDS event categories and event messages".
public enum ClusterEvent: Hashable, Sendable {
  case instanceShutDown
  case instanceCreated
  case instanceRestarted
  case failoverFailed(target: String)
  case previousWriterPromotedAgain(String)
  case failoverCompleted(writer: String)
  case failoverStartedInZone(target: String)
  case failoverStartedAcrossZones(target: String)
  case topologyUpdated

  /// `RDS-EVENT-` and four digits.
  public var id: String {
    let number =
      switch self {
      case .instanceShutDown: "0004"
      case .instanceCreated: "0005"
      case .instanceRestarted: "0006"
      case .failoverFailed: "0069"
      case .previousWriterPromotedAgain: "0070"
      case .failoverCompleted: "0071"
      case .failoverStartedInZone: "0072"
      case .failoverStartedAcrossZones: "0073"
      case .topologyUpdated: "0385"
      }
    return "RDS-EVENT-\(number)"
  }

  public var message: String {
    switch self {
    case .instanceShutDown: "DB instance shut down."
    case .instanceCreated: "DB instance created."
    case .instanceRestarted: "DB instance restarted."
    case .failoverFailed(let target):
      "Failover to DB instance \(target) failed. Check the health of the cluster's instances."
    case .previousWriterPromotedAgain(let writer):
      "Promoted the previous primary again: \(writer)"
    case .failoverCompleted(let writer): "Completed failover to DB instance: \(writer)"
    case .failoverStartedInZone(let target):
      "Started same AZ failover to DB instance: \(target)"
    case .failoverStartedAcrossZones(let target):
      "Started cross AZ failover to DB instance: \(target)"
    case .topologyUpdated: "Cluster topology is updated."
    }
  }
}
