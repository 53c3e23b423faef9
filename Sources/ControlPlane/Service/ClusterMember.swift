/// One instance as the control plane sees it at one moment: what an election is decided on.
public struct ClusterMember: Hashable, Sendable {
  public var id: String
  public var zone: String
  public var tier: Int
  /// What counts as larger; see ``InstanceConfiguration/rank``.
  public var rank: Int
  public var health: HealthMonitor.Health
  /// The engine as its newest heartbeat told; `nil` if none was ever heard.
  public var engine: EngineStatus?
  /// Term of the election that gave it its role; 0 if it has none.
  public var term: UInt64

  public init(
    id: String, zone: String, tier: Int, rank: Int, health: HealthMonitor.Health,
    engine: EngineStatus?, term: UInt64
  ) {
    self.id = id
    self.zone = zone
    self.tier = tier
    self.rank = rank
    self.health = health
    self.engine = engine
    self.term = term
  }

  /// Whether clients can read from it.
  public var isOpenReader: Bool { health == .healthy && engine?.role == .reader }

  /// Whether it has opened as the writer of a term.
  func isOpenWriter(of term: UInt64) -> Bool {
    health == .healthy && engine?.role == .writer && self.term == term
  }

  /// Whether its agent speaks, whatever its engine does.
  var isReachable: Bool { engine != nil && health != .suspected(.silent) }
}
