/// The DNS names of a cluster and its instances.
///
/// Source: Aurora User Guide, "Amazon Aurora endpoint connections".
public struct EndpointNames: Hashable, Sendable {
  private let cluster: String
  private let suffix: String
  private let account: String

  init(cluster: String, account: String, region: String) {
    self.cluster = cluster
    self.account = account
    suffix = "\(account).\(region).rds.amazonaws.com"
  }

  /// Always the writer.
  public var writer: String { "\(cluster).cluster-\(suffix)" }

  /// Some reader, another with each answer; the writer if there is no other.
  public var reader: String { "\(cluster).cluster-ro-\(suffix)" }

  public func instance(_ id: String) -> String { "\(id).\(suffix)" }

  /// The instance that an instance endpoint belongs to, if it is one of this cluster's account.
  public func instance(named name: String) -> String? {
    let tail = ".\(suffix)"
    guard name.hasSuffix(tail) else { return nil }
    let id = name.dropLast(tail.count)
    return id.isEmpty || id.contains(".") ? nil : String(id)
  }
}
