public import Simulation

extension Scenario {
  /// How quickly the service around the database notices and acts.
  ///
  /// Amazon publishes outcomes (failover usually within 30 s) but not these intervals; the defaults
  /// are chosen to give such outcomes.
  public struct Parameters: Equatable, Codable, Sendable {
    /// How often an instance tells the health monitor that it lives.
    public var heartbeatInterval: Interval
    /// How long the monitor hears nothing before it takes an instance for dead.
    public var heartbeatTimeout: Interval
    /// From the death of an instance's process to its restart on the same host.
    public var instanceRestart: LatencyDistribution.Shape
    /// From the loss of a host to its being up again.
    public var hostRestart: LatencyDistribution.Shape
    /// From the death of a storage node's process to its restart.
    public var storageRestart: LatencyDistribution.Shape
    /// How long an answer of the name server may be kept.
    public var dnsTTL: Interval
    /// From a change of an endpoint to the name server's answering with it.
    public var dnsUpdate: LatencyDistribution.Shape

    public init(
      heartbeatInterval: Interval = .seconds(1),
      heartbeatTimeout: Interval = .seconds(6),
      instanceRestart: LatencyDistribution.Shape = .uniform(.seconds(1), .seconds(3)),
      hostRestart: LatencyDistribution.Shape = .uniform(.seconds(30), .seconds(60)),
      storageRestart: LatencyDistribution.Shape = .uniform(.seconds(1), .seconds(3)),
      dnsTTL: Interval = .seconds(5),
      dnsUpdate: LatencyDistribution.Shape = .uniform(.seconds(1), .seconds(3))
    ) {
      (self.heartbeatInterval, self.heartbeatTimeout) = (heartbeatInterval, heartbeatTimeout)
      (self.instanceRestart, self.hostRestart) = (instanceRestart, hostRestart)
      (self.storageRestart, self.dnsTTL, self.dnsUpdate) = (storageRestart, dnsTTL, dnsUpdate)
    }
  }
}

extension Scenario.Parameters {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section([
      "heartbeat_interval", "heartbeat_timeout", "instance_restart", "host_restart",
      "storage_restart", "dns_ttl", "dns_update",
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
    if let field = section["instance_restart"] { instanceRestart = try field.value() }
    if let field = section["host_restart"] { hostRestart = try field.value() }
    if let field = section["storage_restart"] { storageRestart = try field.value() }
    if let field = section["dns_ttl"] { dnsTTL = try field.value(in: .zero...(.minutes(60 * 24))) }
    if let field = section["dns_update"] { dnsUpdate = try field.value() }
  }

  var plan: PlanNode {
    .block([
      ("heartbeat_interval", .value(heartbeatInterval)),
      ("heartbeat_timeout", .value(heartbeatTimeout)),
      ("instance_restart", .value(instanceRestart)),
      ("host_restart", .value(hostRestart)),
      ("storage_restart", .value(storageRestart)),
      ("dns_ttl", .value(dnsTTL)),
      ("dns_update", .value(dnsUpdate)),
    ])
  }
}
