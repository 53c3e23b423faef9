public import Simulation

extension Scenario.Fault {
  /// Something is wrong between hosts.
  public struct Link: Equatable, Codable, Sendable {
    /// Which packets it concerns.
    public enum Route: Equatable, Codable, Sendable {
      /// Those to and from the target.
      case around(Target)
      case between(Target, Target)
      /// Those from the first to the second; the way back works.
      case oneWay(from: Target, to: Target)
    }

    public enum Kind: Equatable, Codable, Sendable {
      /// Nothing passes; nobody is told.
      case cut
      /// Connections are reset at once, and new ones are refused.
      case reset
      /// Nothing passes for `down` in every period.
      case flap(down: Interval, every: Interval)
      /// Everything takes so much longer.
      case delay(LatencyDistribution.Shape)
      /// This share of the packets is lost.
      case loss(Percentage)
      /// This share of the datagrams comes twice.
      case duplicate(Percentage)
      /// This share of the packets is held back for up to `by`.
      case reorder(Percentage, by: Interval)
      /// Bits flip in this share of the packets; of those, some escape the transport's checksum.
      case corrupt(Percentage, escaping: Percentage)
      /// Packets wait until the fault ends.
      case clog
      /// Some of the hosts are clogged one by one, and freed in another order.
      case swizzle
    }

    public var route: Route
    public var kind: Kind

    public init(_ route: Route, _ kind: Kind) { (self.route, self.kind) = (route, kind) }
  }
}

extension Scenario.Fault.Link: FaultFamily {
  enum Form: String, CaseIterable {
    case partition = "partition between"
    case oneWayPartition = "partition from"
    case isolate, reset, flap, delay, loss, duplicate, reorder, corrupt, clog, swizzle
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let places =
      switch keyword {
      case "partition": ["between", "from"]
      case "isolate", "swizzle": ["on"]
      default: ["on", "between", "from"]
      }
    let section = try field.section(
      places + (places.contains("from") ? ["to"] : []) + Self.parameters(of: keyword))
    route = try Route(reading: section, places: places, names: names)
    switch keyword {
    case "partition", "isolate": kind = .cut
    case "reset": kind = .reset
    case "flap":
      let down: Interval = try section.required("down").value(
        in: .nanoseconds(1)...(.longestInScenario))
      let field = try section.required("every")
      let every: Interval = try field.value()
      guard every > down else {
        throw field.refusal(expected: "more than the link is down, \(down)")
      }
      kind = .flap(down: down, every: every)
    case "delay": kind = .delay(try section.required("latency").value())
    case "loss": kind = .loss(try section.required("share").value())
    case "duplicate": kind = .duplicate(try section.required("share").value())
    case "reorder":
      kind = .reorder(
        try section.required("share").value(),
        by: try section.required("by").value(in: .nanoseconds(1)...(.longestInScenario)))
    case "corrupt":
      kind = .corrupt(
        try section.required("share").value(),
        escaping: try section["escaping"]?.value() ?? .zero)
    case "clog": kind = .clog
    default: kind = .swizzle
    }
  }

  private static func parameters(of keyword: String) -> [String] {
    switch keyword {
    case "flap": ["down", "every"]
    case "delay": ["latency"]
    case "loss", "duplicate": ["share"]
    case "reorder": ["share", "by"]
    case "corrupt": ["share", "escaping"]
    default: []
    }
  }

  var form: Form {
    switch kind {
    case .cut:
      switch route {
      case .around: .isolate
      case .between: .partition
      case .oneWay: .oneWayPartition
      }
    case .reset: .reset
    case .flap: .flap
    case .delay: .delay
    case .loss: .loss
    case .duplicate: .duplicate
    case .reorder: .reorder
    case .corrupt: .corrupt
    case .clog: .clog
    case .swizzle: .swizzle
    }
  }

  var parameters: PlanFields {
    let own: PlanFields =
      switch kind {
      case .cut, .reset, .clog, .swizzle: []
      case .flap(let down, let period): [("down", .value(down)), ("every", .value(period))]
      case .delay(let shape): [("latency", .value(shape))]
      case .loss(let share), .duplicate(let share): [("share", .value(share))]
      case .reorder(let share, let longest): [("share", .value(share)), ("by", .value(longest))]
      case .corrupt(let share, let escaping):
        [("share", .value(share)), ("escaping", .value(escaping))]
      }
    return route.fields + own
  }

  var targets: String {
    switch route {
    case .around(let target): target.description
    case .between(let one, let other): "\(one) and \(other)"
    case .oneWay(let source, let target): "\(source) to \(target)"
    }
  }

  var description: String {
    switch kind {
    case .cut: "nothing passes \(route)"
    case .reset: "connections \(route) are reset and refused"
    case .flap(let down, let period): "nothing passes \(route) for \(down) every \(period)"
    case .delay(let shape): "packets \(route) take \(shape.scalar) longer"
    case .loss(let share): "\(share.scalar) of the packets \(route) are lost"
    case .duplicate(let share): "\(share.scalar) of the datagrams \(route) come twice"
    case .reorder(let share, let longest):
      "\(share.scalar) of the packets \(route) are held back for up to \(longest)"
    case .corrupt(let share, let escaping):
      "\(share.scalar) of the packets \(route) are damaged, of which \(escaping.scalar) escape the"
        + " transport's checksum"
    case .clog: "packets \(route) wait until the end"
    case .swizzle: "hosts of \(targets) are clogged one by one and freed in another order"
    }
  }

  var duration: FaultDuration { .required }
}

extension Scenario.Fault.Link.Route: CustomStringConvertible {
  init(
    reading section: Section, places: [String], names: TargetNames
  ) throws(ScenarioError) {
    let (kind, first) = try section.exactlyOne(of: places)
    if kind == "from" {
      let from = try first.hosts(among: names)
      self = .oneWay(from: from, to: try section.required("to").hosts(among: names))
      return
    }
    if let to = section["to"] {
      throw to.refusal(.contradiction("it belongs to 'from', and this fault has '\(kind)'"))
    }
    if kind == "on" {
      self = .around(try first.hosts(among: names))
      return
    }
    let sides = try first.items()
    guard sides.count == 2 else {
      throw first.refusal(.unexpected(found: "\(sides.count)", expected: "a list of two targets"))
    }
    self = .between(try sides[0].hosts(among: names), try sides[1].hosts(among: names))
  }

  var fields: PlanFields {
    switch self {
    case .around(let target): [("on", .scalar(target.description))]
    case .between(let one, let other):
      [("between", .words([.scalar(one.description), .scalar(other.description)]))]
    case .oneWay(let source, let target):
      [("from", .scalar(source.description)), ("to", .scalar(target.description))]
    }
  }

  public var description: String {
    switch self {
    case .around(let target): "to or from \(target)"
    case .between(let one, let other): "between \(one) and \(other)"
    case .oneWay(let source, let target): "from \(source) to \(target)"
    }
  }
}
