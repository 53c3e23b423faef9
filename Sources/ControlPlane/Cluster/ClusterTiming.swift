public import Simulation

/// Every interval and count that the control plane works by. Virtual time throughout.
///
/// AWS publishes none of these; what bounds them is that a failover with a reader "usually" takes less
/// than 60 s and "often" less than 30 s. Where a default has another source, it says so.
public struct ClusterTiming: Hashable, Sendable {
  /// Between two heartbeats of a host agent.
  public var heartbeatInterval = Interval.seconds(1)
  /// Silence after which an instance is suspected. Older AWS talks speak of 5 to 10 s until a failure is
  /// detected (recalled, not published); this is the short end.
  public var heartbeatTimeout = Interval.seconds(5)
  /// How long an engine may be down while its agent says that it is seeing to it. A restart in place is
  /// quicker than a failover, as a rule, so that a crashed engine must not cause one.
  public var restartPatience = Interval.seconds(20)
  /// Heartbeats in a row that make a suspected instance trusted again.
  public var clearingHeartbeats = 2
  /// How long an elected instance may take from the promotion command until it has opened as writer.
  public var promotionTimeout = Interval.seconds(20)
  /// After so many failed attempts promotion tiers are ignored.
  ///
  /// Source: Aurora User Guide, "Fault tolerance for an Aurora DB cluster".
  public var attemptsByTier = 5
  /// After which an unacknowledged command or zone is sent again.
  public var retryInterval = Interval.seconds(1)

  /// Between two local probes of an engine by its host agent.
  public var probeInterval = Interval.seconds(1)
  /// Probes in a row without an answer that make a living engine count as hung.
  public var unansweredProbes = 3
  /// From the order to start an engine until its process runs: loading, and taking its memory.
  public var engineStart = Interval.seconds(2)
  /// Before a crashed engine is started again; doubles with each crash of a row.
  public var restartDelay = Interval.milliseconds(500)
  public var longestRestartDelay = Interval.seconds(30)
  /// An engine that has run for so long starts a new row of crashes.
  public var stableAfter = Interval.seconds(60)
  /// How long a crashed writer whose agent does not hear the control plane stays down. Another writer
  /// may have been elected meanwhile, whom a restart would fence for nothing; but the control plane
  /// may also be the one that failed.
  public var isolationPatience = Interval.seconds(30)
  /// Before the host starts its agent, or the control plane, again after that has crashed.
  public var serviceRestart = Interval.seconds(1)

  /// How long DNS answers may be kept.
  ///
  /// Source: Aurora User Guide; measured by several drivers' authors.
  public var recordLifetime = Interval.seconds(5)
  /// Between a name server's questions whether its zone is the newest.
  public var zoneRefresh = Interval.seconds(5)

  public init() {}
}
