/// Why the control plane refuses a call of the management API, by the documented error codes.
///
/// Source: Amazon RDS API Reference, errors of `FailoverDBCluster`, `RebootDBInstance` and `ModifyDBCluster`.
public enum ManagementFault: UInt8, Error, CaseIterable, Hashable, Sendable {
  /// The cluster is not `available`: there is no reader to promote, or a failover is under way.
  case invalidClusterState = 1
  /// The instance is not in a state in which this can be done to it.
  case invalidInstanceState
  case clusterNotFound
  case instanceNotFound
  case invalidParameterCombination

  /// As the API's answer names it.
  public var code: String {
    switch self {
    case .invalidClusterState: "InvalidDBClusterStateFault"
    case .invalidInstanceState: "InvalidDBInstanceState"
    case .clusterNotFound: "DBClusterNotFoundFault"
    case .instanceNotFound: "DBInstanceNotFound"
    case .invalidParameterCombination: "InvalidParameterCombination"
    }
  }
}
