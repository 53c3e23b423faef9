public import Simulation

/// What Aurora's fault-injection functions do to an instance and its cluster.
///
/// Source: Aurora User Guide, "Testing Amazon Aurora PostgreSQL by using fault injection queries".
public protocol FaultInjection: AnyObject {
  /// Crashes now, or soon after. The session that asked sends no answer if its process is gone.
  ///
  /// - Parameter client: who has sent the statement.
  func injectCrash(_ part: InjectedCrash, by client: Address)

  /// The answer of `aurora_show_volume_status()`: what places there are.
  func volumeStatus() -> VolumeStatus

  /// Marks segments of the volume; requests to them are blocked or delayed for an interval.
  ///
  /// Ordered by the writer, that concerns everybody's requests; by a reader, its own.
  ///
  /// - Parameter client: who has sent the statement.
  /// - Precondition: the place is one that ``volumeStatus()`` counts.
  func inject(_ fault: InjectedStorageFault, by client: Address)

  /// Blocks a share of the replication from the writer for an interval; on a reader, of what reaches it.
  ///
  /// - Parameters:
  ///   - share: from 0 to 1.
  ///   - replica: the name of a reader; `nil` for all.
  func injectReplicaFailure(
    share: Double, of replica: String?, for interval: Interval, by client: Address)
}

/// What `aurora_inject_crash` takes down.
public enum InjectedCrash: String, Sendable, CaseIterable {
  /// The database instance, as a crash of the PostgreSQL process would.
  case instance
  /// The dispatcher on the writer, which sends updates to the cluster volume.
  case dispatcher
  /// The instance and the dispatcher.
  case node
}

/// What `aurora_inject_disk_failure` and `aurora_inject_disk_congestion` bring about.
public struct InjectedStorageFault: Equatable, Sendable {
  public enum Effect: Equatable, Sendable {
    case failure
    /// Each request by a random time between the bounds.
    case congestion(ClosedRange<Interval>)
  }

  public enum Place: Equatable, Sendable {
    /// A logical block of 10 GB, which is a protection group, by its number from 0.
    case disk(Int)
    /// A storage node, by its number from 0.
    case node(Int)
  }

  public var effect: Effect
  public var place: Place
  /// Of the segments there, from 0 to 1.
  public var share: Double
  public var interval: Interval

  public init(_ effect: Effect, at place: Place, share: Double, for interval: Interval) {
    (self.effect, self.place, self.share, self.interval) = (effect, place, share, interval)
  }
}

/// The row of `aurora_show_volume_status()`.
public struct VolumeStatus: Sendable {
  /// Logical blocks of the volume, of 10 GB each.
  public var diskCount: Int
  /// Storage nodes that hold them.
  public var nodeCount: Int

  public init(diskCount: Int, nodeCount: Int) {
    (self.diskCount, self.nodeCount) = (diskCount, nodeCount)
  }
}
