extension Scenario {
  /// The cluster volume: six copies of everything, two in each AZ.
  public struct Volume: Equatable, Codable, Sendable {
    public var protectionGroups: Int
    public var storageNodesPerZone: Int
    /// How many of the six copies must have a record before it counts as durable.
    ///
    /// Four is Aurora's; anything less breaks the promise on purpose.
    public var writeQuorum: Int
    /// How many of the six copies recovery must hear.
    public var readQuorum: Int
    /// Of each storage node, on its disk: what it has been sent and not yet made into pages. The smaller, the sooner
    /// pages are made.
    public var hotLog: ByteSize

    public init(
      protectionGroups: Int = 2, storageNodesPerZone: Int = 4, writeQuorum: Int = 4,
      readQuorum: Int = 3, hotLog: ByteSize = ByteSize(bytes: 16 << 20)
    ) {
      (self.protectionGroups, self.storageNodesPerZone) = (protectionGroups, storageNodesPerZone)
      (self.writeQuorum, self.readQuorum) = (writeQuorum, readQuorum)
      self.hotLog = hotLog
    }

    /// Copies of each segment. Source: Verbitski et al., SIGMOD 2017, §2.1.
    public static let copies = 6

    /// Whether every read quorum meets every write quorum, and any two write quorums meet.
    public var isSafe: Bool {
      readQuorum + writeQuorum > Self.copies && 2 * writeQuorum > Self.copies
    }
  }
}

extension Scenario.Volume {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section(
      ["protection_groups", "storage_nodes_per_az", "write_quorum", "read_quorum", "hot_log"],
      later: ["segment_size", "repair"])
    self.init()
    if let field = section["protection_groups"] { protectionGroups = try field.value(in: 1...1024) }
    if let field = section["storage_nodes_per_az"] {
      storageNodesPerZone = try field.value(in: 2...128)
    }
    if let field = section["write_quorum"] { writeQuorum = try field.value(in: 1...Self.copies) }
    if let field = section["read_quorum"] { readQuorum = try field.value(in: 1...Self.copies) }
    if let field = section["hot_log"] {
      hotLog = try field.value(in: ByteSize(bytes: 512 << 10)...ByteSize(bytes: 1 << 30))
    }
  }

  var plan: PlanNode {
    .line([
      ("protection_groups", .value(protectionGroups)),
      ("storage_nodes_per_az", .value(storageNodesPerZone)),
      ("write_quorum", .value(writeQuorum)),
      ("read_quorum", .value(readQuorum)), ("hot_log", .value(hotLog)),
    ])
  }
}
