public import Simulation

/// Everything that a run is made of, as it is at one instant: to be printed, not to be gone on from.
public struct RunState: Equatable, Sendable {
  /// As the scenario counts.
  public var instant: Instant
  public var digest: String
  public var eventCount: UInt64
  /// Entries of the agenda.
  public var scheduledEvents: Int
  public var packetsInFlight: Int
  /// The scenario's faults that have begun and not ended.
  public var faults: [String]
  public var hosts: [Host]
  public var instances: [Instance]
  public var groups: [ProtectionGroup]

  public struct Host: Equatable, Sendable {
    public var name: String
    /// Empty for a regional service.
    public var zone: String
    public var isUp: Bool
    /// Each program with the number of its start on this host: `engine 3`.
    public var processes: [String]
    /// How long the vCPUs need for the work that there is.
    public var runQueue: Interval
    public var disks: [Disk]
    /// How full the hot log of a storage node is, from 0 to 1; `nil` if the node does not serve.
    public var hotLogFill: Double?
  }

  public struct Disk: Equatable, Sendable {
    public var name: String
    /// Operations that have begun and not ended.
    public var operations: Int
    public var unflushedBytes: Int
  }

  public struct Instance: Equatable, Sendable {
    public var id: String
    public var role: String
    public var state: String
    public var epoch: String
    /// The VCL, as a writer's driver knows it.
    public var completeLSN: UInt64?
    /// The VDL, as far as it knows.
    public var durableLSN: UInt64
    public var activeTransactions: Int
    public var sessions: [Session]
  }

  public struct Session: Equatable, Sendable {
    public var processID: Int
    /// The client's host and port.
    public var client: String
    public var state: String
    public var waitsFor: String
    public var statement: String
  }

  public struct ProtectionGroup: Equatable, Sendable {
    public var number: Int
    public var copies: [Copy]
  }

  public struct Copy: Equatable, Sendable {
    public var host: String
    public var isServing: Bool
    public var epoch: String
    /// The SCL, on disk.
    public var segmentCompleteLSN: UInt64
    /// Whether it has all that is durable.
    public var isComplete: Bool
  }
}
