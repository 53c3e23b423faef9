public import Simulation

extension Scenario {
  /// The links between hosts, by where the two ends stand.
  public struct Network: Equatable, Codable, Sendable {
    /// One direction between two hosts.
    public struct Link: Equatable, Codable, Sendable {
      /// One-way delay.
      public var latency: LatencyDistribution.Shape
      /// The share of datagrams that never arrive; streams feel it as delay.
      public var loss: Percentage

      public init(latency: LatencyDistribution.Shape, loss: Percentage = .zero) {
        (self.latency, self.loss) = (latency, loss)
      }
    }

    /// Both ends in one AZ.
    public var sameZone: Link
    /// The ends in two AZs, or one of them outside all AZs.
    public var crossZone: Link

    public init(
      sameZone: Link = Link(
        latency: .lognormal(median: .microseconds(125), p99: .microseconds(450))),
      crossZone: Link = Link(
        latency: .lognormal(median: .microseconds(400), p99: .microseconds(1250)))
    ) {
      (self.sameZone, self.crossZone) = (sameZone, crossZone)
    }
  }

  /// The disk of a storage node.
  public struct Disk: Equatable, Codable, Sendable {
    public var read: LatencyDistribution.Shape
    /// Into the device's volatile cache.
    public var write: LatencyDistribution.Shape
    /// From the cache to where a loss of power cannot reach it.
    public var flush: LatencyDistribution.Shape

    public init(
      read: LatencyDistribution.Shape = .lognormal(
        median: .microseconds(90), p99: .microseconds(350)),
      write: LatencyDistribution.Shape = .lognormal(
        median: .microseconds(20), p99: .microseconds(60)),
      flush: LatencyDistribution.Shape = .lognormal(
        median: .microseconds(120), p99: .microseconds(600))
    ) {
      (self.read, self.write, self.flush) = (read, write, flush)
    }
  }
}

extension Scenario.Network {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section(["same_az", "cross_az"])
    self.init()
    if let field = section["same_az"] { try sameZone.read(field) }
    if let field = section["cross_az"] { try crossZone.read(field) }
  }

  var plan: PlanNode {
    .block([("same_az", sameZone.plan), ("cross_az", crossZone.plan)])
  }
}

extension Scenario.Network.Link {
  mutating func read(_ field: Field) throws(ScenarioError) {
    let section = try field.section(["latency", "loss"])
    if let field = section["latency"] { latency = try field.value() }
    if let field = section["loss"] { loss = try field.value() }
  }

  var plan: PlanNode { .line([("latency", .value(latency)), ("loss", .value(loss))]) }
}

extension Scenario.Disk {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section(["read", "write", "flush"])
    self.init()
    if let field = section["read"] { read = try field.value() }
    if let field = section["write"] { write = try field.value() }
    if let field = section["flush"] { flush = try field.value() }
  }

  var plan: PlanNode {
    .block([("read", .value(read)), ("write", .value(write)), ("flush", .value(flush))])
  }
}
