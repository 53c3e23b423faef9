/// Who is what in a cluster: the one thing that the control plane must never forget.
public struct ClusterTopology: Hashable, Sendable {
  /// Counts elections; commands of an older term are ignored everywhere.
  public var term: UInt64
  /// Who is, or has been told to become, the writer of this term. Everybody else is a reader.
  public var writer: String
  /// Whom the cluster endpoint names: another than ``writer`` while a failover is under way.
  public var endpoint: String

  public init(term: UInt64, writer: String, endpoint: String) {
    (self.term, self.writer, self.endpoint) = (term, writer, endpoint)
  }

  /// The topology of a new cluster.
  init(of configuration: ClusterConfiguration) {
    let first = configuration.instances[0].id
    self.init(term: 1, writer: first, endpoint: first)
  }
}
