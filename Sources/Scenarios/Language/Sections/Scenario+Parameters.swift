internal import ControlPlane
public import Simulation

extension Scenario {
  /// How quickly the service around the database notices and acts, and what the engine is configured with.
  ///
  /// Amazon publishes outcomes (failover usually within 30 s) but not the service's intervals; the defaults
  /// are chosen to give such outcomes.
  public struct Parameters: Equatable, Codable, Sendable {
    /// How often an instance tells the health monitor that it lives.
    public var heartbeatInterval: Interval
    /// How long the monitor hears nothing before it suspects an instance.
    public var heartbeatTimeout: Interval
    /// How long an engine may be down while its host says that it is being restarted.
    public var restartPatience: Interval
    /// From the order to start an engine until its process runs.
    public var engineStart: Interval
    /// From the loss of a host to its being up again, unless the fault says how long.
    public var hostRestart: LatencyDistribution.Shape
    /// From the death of a storage node's process to its restart; drawn once for each node.
    public var storageRestart: LatencyDistribution.Shape
    /// How long an answer of the name server may be kept.
    public var dnsTTL: Interval
    /// The engine's `max_standby_streaming_delay`: how long a statement on a reader may hold up what the reader has
    /// to apply, before it is cancelled. The default is a guess; see `SessionServer.standbyDelay`.
    public var standbyDelay: Interval
    /// The engine's `shared_buffers`: what an instance has for pages. Aurora's default is three quarters of the memory;
    /// ours is small, so that a run costs little, and large enough for the tables of most scenarios.
    public var sharedBuffers: ByteSize

    public init(
      heartbeatInterval: Interval = .seconds(1),
      heartbeatTimeout: Interval = .seconds(5),
      restartPatience: Interval = .seconds(20),
      engineStart: Interval = .seconds(2),
      hostRestart: LatencyDistribution.Shape = .uniform(.seconds(30), .seconds(60)),
      storageRestart: LatencyDistribution.Shape = .uniform(.seconds(1), .seconds(3)),
      dnsTTL: Interval = .seconds(5), standbyDelay: Interval = .seconds(14),
      sharedBuffers: ByteSize = ByteSize(bytes: 64 << 20)
    ) {
      (self.heartbeatInterval, self.heartbeatTimeout) = (heartbeatInterval, heartbeatTimeout)
      (self.restartPatience, self.engineStart) = (restartPatience, engineStart)
      (self.hostRestart, self.storageRestart, self.dnsTTL) = (hostRestart, storageRestart, dnsTTL)
      (self.standbyDelay, self.sharedBuffers) = (standbyDelay, sharedBuffers)
    }

    /// What the control plane works by; what a scenario cannot set has the control plane's default.
    var timing: ClusterTiming {
      var timing = ClusterTiming()
      timing.heartbeatInterval = heartbeatInterval
      timing.heartbeatTimeout = heartbeatTimeout
      timing.restartPatience = restartPatience
      timing.engineStart = engineStart
      timing.recordLifetime = dnsTTL
      return timing
    }
  }
}

extension Scenario.Parameters {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section([
      "heartbeat_interval", "heartbeat_timeout", "restart_patience", "engine_start",
      "host_restart", "storage_restart", "dns_ttl", "max_standby_streaming_delay", "shared_buffers",
    ])
    self.init()
    if let field = section["heartbeat_interval"] {
      heartbeatInterval = try field.value(in: .milliseconds(1)...(.minutes(10)))
    }
    if let field = section["heartbeat_timeout"] {
      heartbeatTimeout = try field.value(in: .milliseconds(1)...(.minutes(60)))
    }
    if heartbeatTimeout <= heartbeatInterval {
      let culprit = section["heartbeat_timeout"] ?? section["heartbeat_interval"] ?? field
      throw culprit.refusal(
        .contradiction(
          "a heartbeat_timeout of \(heartbeatTimeout) is no longer than the heartbeat_interval"
            + " of \(heartbeatInterval)"))
    }
    if let field = section["restart_patience"] {
      restartPatience = try field.value(in: .zero...(.minutes(60)))
    }
    if let field = section["engine_start"] {
      engineStart = try field.value(in: .zero...(.minutes(60)))
    }
    if let field = section["host_restart"] { hostRestart = try field.value() }
    if let field = section["storage_restart"] { storageRestart = try field.value() }
    if let field = section["dns_ttl"] { dnsTTL = try field.value(in: .zero...(.minutes(60 * 24))) }
    if let field = section["max_standby_streaming_delay"] {
      standbyDelay = try field.value(in: .zero...(.minutes(60)))
      guard standbyDelay.nanoseconds % 1_000_000 == 0 else {
        throw field.refusal(expected: "whole milliseconds, in which the engine counts it")
      }
    }
    if let field = section["shared_buffers"] {
      sharedBuffers = try field.value(in: ByteSize(bytes: 1 << 20)...ByteSize(bytes: 16 << 30))
    }
  }

  var plan: PlanNode {
    .block([
      ("heartbeat_interval", .value(heartbeatInterval)),
      ("heartbeat_timeout", .value(heartbeatTimeout)),
      ("restart_patience", .value(restartPatience)),
      ("engine_start", .value(engineStart)),
      ("host_restart", .value(hostRestart)),
      ("storage_restart", .value(storageRestart)),
      ("dns_ttl", .value(dnsTTL)),
      ("max_standby_streaming_delay", .value(standbyDelay)),
      ("shared_buffers", .value(sharedBuffers)),
    ])
  }
}
