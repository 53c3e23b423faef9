/// Where a message goes: a host and a port on it.
public struct Address: Hashable, Comparable, Codable, Sendable {
  public let host: HostID
  public let port: UInt16

  public init(host: HostID, port: UInt16) { (self.host, self.port) = (host, port) }

  public static func < (lhs: Address, rhs: Address) -> Bool {
    (lhs.host, lhs.port) < (rhs.host, rhs.port)
  }
}
