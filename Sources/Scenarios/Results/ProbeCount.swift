/// How often a run came into a rare situation that the code has marked with a probe.
public struct ProbeCount: Codable, Equatable, Sendable {
  /// The situation in words, such as `a hole was filled by gossip`.
  public var name: String
  /// Zero if the run never came into it.
  public var count: Int

  public init(name: String, count: Int) { (self.name, self.count) = (name, count) }
}
