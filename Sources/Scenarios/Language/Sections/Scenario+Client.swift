public import Simulation

extension Scenario {
  /// A kind of application host: its driver, its time-outs, and where it connects to.
  public struct Client: Equatable, Codable, Sendable {
    public enum Driver: String, CaseIterable, Codable, Sendable {
      /// Knows the cluster by DNS alone.
      case plain
    }

    public enum Endpoint: Hashable, Codable, Sendable {
      /// `cluster`: the writer, by the cluster endpoint.
      case cluster
      /// `reader`: any reader, by the reader endpoint.
      case reader
      /// The endpoint of the instance of this id.
      case instance(String)
    }

    /// Whether an application is there again after its host has been down.
    public enum Restart: Equatable, Codable, Sendable {
      /// `never`: its work is left undone.
      case never
      /// So long after its host has booted, without connections and without answers of the name server.
      case after(Interval)
    }

    public var id: String
    public var driver: Driver
    public var endpoint: Endpoint
    /// Where the hosts stand; `nil` for outside all AZs, where no outage of an AZ reaches them.
    public var zone: AvailabilityZoneLetter?
    /// How many such hosts there are, each with a name cache of its own.
    public var count: Int
    /// How long the driver keeps an answer of the name server, whatever that answer says.
    public var dnsTTL: Interval
    /// How long an attempt to connect may take.
    public var connectTimeout: Interval
    /// How long a sent statement may stay without any answer before the connection is given up.
    public var socketTimeout: Interval
    /// The pause before the second attempt to connect, and the longest; each pause doubles the last.
    public var retryBackoff: ClosedRange<Interval>
    public var restart: Restart

    /// From the boot of a host until its application works again: the runtime, the libraries and the pool of
    /// connections. A guess.
    public static let startUpTime = Interval.seconds(5)

    public init(
      id: String, driver: Driver = .plain, endpoint: Endpoint = .cluster,
      zone: AvailabilityZoneLetter? = nil, count: Int = 1, dnsTTL: Interval = .seconds(5),
      connectTimeout: Interval = .seconds(3), socketTimeout: Interval = .seconds(10),
      retryBackoff: ClosedRange<Interval> = .milliseconds(100)...(.seconds(1)),
      restart: Restart = .after(startUpTime)
    ) {
      (self.id, self.driver, self.endpoint, self.zone) = (id, driver, endpoint, zone)
      (self.count, self.dnsTTL, self.connectTimeout) = (count, dnsTTL, connectTimeout)
      (self.socketTimeout, self.retryBackoff) = (socketTimeout, retryBackoff)
      self.restart = restart
    }
  }
}

extension Scenario.Client {
  /// - Parameter instances: the ids of the cluster's instances.
  init(reading field: Field, instances: [String]) throws(ScenarioError) {
    let section = try field.section(
      [
        "id", "driver", "endpoint", "az", "count", "dns_ttl", "connect_timeout", "socket_timeout",
        "retry_backoff", "restart",
      ], later: ["topology_poll", "panic_poll"])
    self.init(id: try section.required("id").identifier())
    if let field = section["driver"] {
      let name = try field.text("the name of a driver")
      if name == "aws-wrapper" {
        throw field.refusal(.unsupported("'aws-wrapper'", supported: "plain"))
      }
      driver = try field.choice()
    }
    if let field = section["endpoint"] {
      endpoint = try Endpoint(reading: field, instances: instances)
    }
    if let field = section["az"], try field.text("an AZ, or none") != "none" {
      zone = try field.choice()
    }
    if let field = section["count"] { count = try field.value(in: 1...1000) }
    if let field = section["dns_ttl"] { dnsTTL = try field.value() }
    if let field = section["connect_timeout"] {
      connectTimeout = try field.value(in: .milliseconds(1)...(.minutes(60)))
    }
    if let field = section["socket_timeout"] {
      socketTimeout = try field.value(in: .milliseconds(1)...(.minutes(60)))
    }
    if let field = section["retry_backoff"] {
      retryBackoff = try field.value()
      if retryBackoff.lowerBound < .milliseconds(1) {
        throw field.refusal(expected: "pauses of at least 1ms")
      }
    }
    if let field = section["restart"] { restart = try Restart(reading: field) }
  }

  var plan: PlanNode {
    .line([
      ("id", .scalar(id)), ("driver", .choice(driver)), ("endpoint", .scalar(endpoint.name)),
      ("az", .scalar(zone?.rawValue ?? "none")), ("count", .value(count)),
      ("dns_ttl", .value(dnsTTL)), ("connect_timeout", .value(connectTimeout)),
      ("socket_timeout", .value(socketTimeout)), ("retry_backoff", .value(retryBackoff)),
      ("restart", restart.plan),
    ])
  }
}

extension Scenario.Client.Restart {
  fileprivate init(reading field: Field) throws(ScenarioError) {
    if case .text("never") = field.node.content {
      self = .never
    } else {
      guard case .text(let text) = field.node.content, let startUpTime = Interval(scalar: text)
      else {
        throw field.refusal(expected: "'never', or \(Interval.expectation)")
      }
      self = .after(startUpTime)
    }
  }

  fileprivate var plan: PlanNode {
    switch self {
    case .never: .scalar("never")
    case .after(let interval): .value(interval)
    }
  }
}

extension Scenario.Client.Endpoint {
  init(reading field: Field, instances: [String]) throws(ScenarioError) {
    let known = ["cluster", "reader"] + instances
    switch try field.reference(to: "endpoint", among: known) {
    case "cluster": self = .cluster
    case "reader": self = .reader
    case let id: self = .instance(id)
    }
  }

  var name: String {
    switch self {
    case .cluster: "cluster"
    case .reader: "reader"
    case .instance(let id): id
    }
  }
}
