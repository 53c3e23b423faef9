import Database
public import Simulation

// What the trace tells of the control plane. A term counts the writers that a cluster has been given.

extension ResourceName.Kind {
  /// A DB cluster, called by its identifier.
  public static let cluster = Self(rawValue: "cluster")
}

extension ResourceName {
  public static func cluster(_ identifier: String) -> Self { Self(.cluster, identifier) }
}

/// What the control plane does to, or notices about, a cluster as a whole.
public protocol ClusterControlEvent: TracePayload {
  var cluster: String { get }
}

extension ClusterControlEvent {
  public var subject: ResourceName { .cluster(cluster) }
}

/// What the control plane does to, or notices about, one DB instance.
public protocol InstanceControlEvent: TracePayload {
  var instance: String { get }
}

extension InstanceControlEvent {
  public var subject: ResourceName { .instance(instance) }
}

/// The control plane has read what it knew from its disk, and begins to work.
public struct ControlPlaneStarted: ClusterControlEvent {
  public static let name = "control.started"
  public var cluster: String
  /// How often it has started, this time included.
  public var starts: UInt32
  public var term: UInt64
  public var writer: String

  public func encode(into fields: inout TraceFields) {
    fields.add("starts", starts)
    fields.add("term", term)
    fields.add("writer", writer)
  }
}

// MARK: Health

/// The control plane takes an instance for dead.
public struct InstanceSuspected: InstanceControlEvent {
  public static let name = "control.suspected"
  public var instance: String
  public var reason: HealthMonitor.Reason
  /// When it was last known to be well.
  public var since: Instant
  /// What it was to be.
  public var role: EngineRole.Kind

  public func encode(into fields: inout TraceFields) {
    fields.add("reason", reason)
    fields.add("since_ns", since)
    fields.add("role", role.name)
  }
}

/// The control plane no longer takes an instance for dead.
public struct SuspicionCleared: InstanceControlEvent {
  public static let name = "control.cleared"
  public var instance: String
}

// MARK: Operators

/// The control plane has taken on a call of the management API, and begins to act on it.
public struct ManagementCallTaken: ClusterControlEvent {
  public static let name = "control.call_taken"
  public var cluster: String
  /// As the API calls it: `FailoverDBCluster`.
  public var call: String
  /// Who has made it.
  public var client: Address

  public func encode(into fields: inout TraceFields) {
    fields.add("call", call)
    fields.add("client_host", client.host.index)
    fields.add("client_port", UInt32(client.port))
  }
}

/// The control plane has refused a call of the management API.
public struct ManagementCallRefused: ClusterControlEvent {
  public static let name = "control.call_refused"
  public var cluster: String
  /// As the API calls it: `FailoverDBCluster`.
  public var call: String
  /// The error code of the answer: `InvalidDBClusterStateFault`.
  public var code: String

  public func encode(into fields: inout TraceFields) {
    fields.add("call", call)
    fields.add("code", code)
  }
}

// MARK: Failover

public struct FailoverStarted: ClusterControlEvent {
  public static let name = "control.failover_started"
  public var cluster: String
  /// That is to be replaced.
  public var writer: String
  /// Whether somebody asked for it.
  public var isPlanned: Bool
  public var term: UInt64

  public func encode(into fields: inout TraceFields) {
    fields.add("writer", writer)
    fields.add("planned", isPlanned)
    fields.add("term", term)
  }
}

/// A reader is chosen to be the next writer.
public struct CandidateElected: InstanceControlEvent {
  public static let name = "control.elected"
  public var instance: String
  /// Counts from 1 within a failover.
  public var attempt: Int
  public var term: UInt64

  public func encode(into fields: inout TraceFields) {
    fields.add("attempt", attempt)
    fields.add("term", term)
  }
}

/// The chosen reader is told to take over.
public struct PromotionSent: InstanceControlEvent {
  public static let name = "control.promotion_sent"
  public var instance: String
  public var term: UInt64

  public func encode(into fields: inout TraceFields) { fields.add("term", term) }
}

/// The chosen reader has not taken over in time.
public struct PromotionAttemptFailed: InstanceControlEvent {
  public static let name = "control.attempt_failed"
  public var instance: String
  public var attempt: Int
  /// Under which it was to.
  public var term: UInt64

  public func encode(into fields: inout TraceFields) {
    fields.add("attempt", attempt)
    fields.add("term", term)
  }
}

/// There is nobody who could replace the writer.
public struct NoCandidateFound: ClusterControlEvent {
  public static let name = "control.no_candidate"
  public var cluster: String
  public var writer: String

  public func encode(into fields: inout TraceFields) { fields.add("writer", writer) }
}

/// The control plane knows that an instance has taken over.
public struct InstancePromoted: InstanceControlEvent {
  public static let name = "control.promoted"
  public var instance: String
  /// Number of the volume epoch that it has opened under.
  public var epoch: UInt32
  public var term: UInt64

  public func encode(into fields: inout TraceFields) {
    fields.add("epoch", epoch)
    fields.add("term", term)
  }
}

/// The new writer is open, and the name servers have it.
public struct FailoverCompleted: ClusterControlEvent {
  public static let name = "control.failover_completed"
  public var cluster: String
  public var writer: String
  public var attempts: Int
  public var term: UInt64
  /// Since ``FailoverStarted``.
  public var duration: Interval

  public func encode(into fields: inout TraceFields) {
    fields.add("writer", writer)
    fields.add("attempts", attempts)
    fields.add("term", term)
    fields.add("duration_ns", duration)
  }
}

/// An instance knew of a later term than the control plane's disk.
public struct TermLearned: InstanceControlEvent {
  public static let name = "control.term_learned"
  public var instance: String
  public var term: UInt64

  public func encode(into fields: inout TraceFields) { fields.add("term", term) }
}

/// The writer has come back by itself while nobody could replace it, and stays the writer.
public struct WriterReturned: InstanceControlEvent {
  public static let name = "control.writer_returned"
  public var instance: String
  public var term: UInt64

  public func encode(into fields: inout TraceFields) { fields.add("term", term) }
}

// MARK: Endpoints

/// What the endpoints stand for is to change.
public struct ZoneChanged: ClusterControlEvent {
  public static let name = "control.zone_changed"
  public var cluster: String
  public var serial: UInt64
  public var writer: String
  public var readers: [String]

  public func encode(into fields: inout TraceFields) {
    fields.add("serial", serial)
    fields.add("writer", writer)
    fields.add("readers", readers)
  }
}

/// All name servers have the newest zone.
public struct ZonePublished: ClusterControlEvent {
  public static let name = "control.dns_updated"
  public var cluster: String
  public var serial: UInt64
  public var writer: String

  public func encode(into fields: inout TraceFields) {
    fields.add("serial", serial)
    fields.add("writer", writer)
  }
}

// MARK: What the management API shows

public struct ClusterStatusChanged: ClusterControlEvent {
  public static let name = "rds.cluster_status"
  public var cluster: String
  public var status: ClusterStatus

  public func encode(into fields: inout TraceFields) { fields.add("status", status) }
}

/// `DescribeEvents` has one more event to list.
public struct ClusterEventListed: TracePayload {
  public static let name = "rds.event"
  /// The cluster or the instance that it is about.
  public var source: ResourceName
  public var event: ClusterEvent
  public var subject: ResourceName { source }

  public func encode(into fields: inout TraceFields) {
    fields.add("id", event.id)
    fields.add("message", event.message)
  }
}
