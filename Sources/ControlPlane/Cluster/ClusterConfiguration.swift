public import Simulation

/// A DB cluster as its owner asked for it.
public struct ClusterConfiguration: Sendable {
  public var identifier: String
  /// The name of its Region, such as `us-east-1`.
  public var region: String
  /// The part of every DNS name that stands for account and Region: 12 lower-case letters and digits.
  public var accountLabel: String
  /// The first becomes the writer when the cluster is created.
  public var instances: [InstanceConfiguration]
  public var timing: ClusterTiming
  /// How the capacity of its serverless instances follows their load.
  public var scaling: ScalingPolicy
  /// Where a writer serves its readers: the port in the address that they are told to follow.
  public var replicationPort: UInt16

  /// - Precondition: there is an instance, and no two have the same identifier or host.
  public init(
    identifier: String, region: String, accountLabel: String = "c7borealis42",
    instances: [InstanceConfiguration], timing: ClusterTiming = ClusterTiming(),
    scaling: ScalingPolicy = ScalingPolicy(), replicationPort: UInt16 = Ports.replication
  ) {
    precondition(!instances.isEmpty, "a cluster without an instance has no writer")
    for (index, instance) in instances.enumerated() {
      let others = instances[(index + 1)...]
      precondition(
        !others.contains { $0.id == instance.id || $0.host == instance.host },
        "two instances are called \(instance.id) or share its host")
    }
    self.identifier = identifier
    self.region = region
    self.accountLabel = accountLabel
    self.instances = instances
    self.timing = timing
    self.scaling = scaling
    self.replicationPort = replicationPort
  }

  public func instance(_ id: String) -> InstanceConfiguration? {
    instances.first { $0.id == id }
  }

  public var names: EndpointNames {
    EndpointNames(cluster: identifier, account: accountLabel, region: region)
  }
}

/// One DB instance as its owner asked for it, and where it was put.
public struct InstanceConfiguration: Sendable {
  public var id: String
  /// The name of its Availability Zone, such as `us-east-1a`.
  public var zone: String
  public var instanceClass: InstanceClass
  /// From 0, promoted first, to 15.
  public var tier: Int
  /// The bounds of its capacity; present exactly when the class is serverless.
  public var capacity: ClosedRange<ServerlessCapacity>?
  public var host: HostID

  /// - Precondition: the tier is in 0...15, and there is a capacity exactly if the class is serverless.
  public init(
    id: String, zone: String, instanceClass: InstanceClass, tier: Int = 1,
    capacity: ClosedRange<ServerlessCapacity>? = nil, host: HostID
  ) {
    precondition((0...15).contains(tier), "\(id): promotion tiers go from 0 to 15, not \(tier)")
    precondition(
      instanceClass.isServerless == (capacity != nil),
      "\(id): a capacity in ACU belongs to a serverless instance, and to no other")
    self.id = id
    self.zone = zone
    self.instanceClass = instanceClass
    self.tier = tier
    self.capacity = capacity
    self.host = host
  }

  /// What counts as "larger" in an election, in bytes of memory. A serverless instance counts with the
  /// most that it may grow to.
  public var rank: Int { capacity?.upperBound.memory ?? instanceClass.memory }

  /// Whether a reader keeps up with the writer's capacity in order to be ready for its role.
  ///
  /// Source: Aurora User Guide, "Aurora Serverless v2 scaling": promotion tiers 0 and 1.
  public var followsWriterCapacity: Bool { tier <= 1 }
}
