/// The ports that the parts of a cluster listen on.
public enum Ports {
  public static let dns: UInt16 = 53
  /// PostgreSQL's own.
  public static let database: UInt16 = 5432
  public static let controlPlane: UInt16 = 7100
  /// Where the control plane takes the calls of operators: HTTPS in reality.
  public static let management: UInt16 = 443
  public static let hostAgent: UInt16 = 7101
  /// Loopback only: the agent probes the engine of its host here, and tells it what to be.
  public static let engineControl: UInt16 = 7102
  /// Where a writer serves the log stream to its readers.
  public static let replication: UInt16 = 7200
}
