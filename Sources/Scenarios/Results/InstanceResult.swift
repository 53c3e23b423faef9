public import Simulation

/// One DB instance, and what it was when.
public struct InstanceResult: Codable, Equatable, Sendable {
  /// What an instance is at one time.
  public enum Role: String, CaseIterable, Codable, Sendable {
    case writer
    case reader
    /// Running, but not yet open for clients: recovery, or a restart under way.
    case starting
    /// Its process or its host is not there.
    case down
  }

  /// One stretch of time in one role, from `start` up to but not including `end`.
  public struct RoleSpan: Codable, Equatable, Sendable {
    public var role: Role
    public var start: Instant
    public var end: Instant

    public init(role: Role, start: Instant, end: Instant) {
      self.role = role
      self.start = start
      self.end = end
    }
  }

  public var id: String
  public var availabilityZone: String
  /// The instance class, such as `db.r6g.large` or `serverless`.
  public var instanceClass: String
  /// Consecutive, from the start of the run to its end.
  public var roles: [RoleSpan]

  public init(
    id: String, availabilityZone: String, instanceClass: String, roles: [RoleSpan]
  ) {
    self.id = id
    self.availabilityZone = availabilityZone
    self.instanceClass = instanceClass
    self.roles = roles
  }

  /// What it was when the run ended.
  public var finalRole: Role { roles.last?.role ?? .down }
}

/// The capacity of one serverless instance over the run.
public struct CapacityResult: Codable, Equatable, Sendable {
  public var instance: String
  /// The range that the scenario allows, in ACU.
  public var allowed: ClosedRange<Double>
  /// In ACU.
  public var lowest: Double
  public var mean: Double
  public var highest: Double
  /// The integral over time, in ACU × seconds: what is paid for.
  public var capacitySeconds: Double

  public init(
    instance: String, allowed: ClosedRange<Double>, lowest: Double, mean: Double, highest: Double,
    capacitySeconds: Double
  ) {
    self.instance = instance
    self.allowed = allowed
    self.lowest = lowest
    self.mean = mean
    self.highest = highest
    self.capacitySeconds = capacitySeconds
  }
}
