public import Simulation

extension Scenario {
  /// Something that breaks: what, where, from when, and for how long.
  public struct Fault: Equatable, Codable, Sendable {
    public enum Action: Equatable, Codable, Sendable {
      /// The process dies at once and loses its memory; its host restarts it.
      ///
      /// With a duration, the host may restart it only from the end of the fault on.
      case crash(Target)
      /// The host loses power: processes, memory and unflushed writes are gone.
      ///
      /// It is up again at the end of the fault; without a duration, after a draw of
      /// ``Scenario/Parameters/hostRestart``.
      case hostCrash(Target)
      /// A whole AZ is without power and network; its hosts are up again when the fault ends.
      case outage(AvailabilityZoneLetter)
      /// Nothing passes between the two, in either direction; nobody is told.
      case partition(between: Target, and: Target)
      /// Nothing passes from the one to the other; the way back works.
      case oneWayPartition(from: Target, to: Target)
      /// Nothing passes between the target and anything else.
      case isolation(Target)
      /// The disks of storage nodes misbehave.
      case disk(Target, DiskFault)
      /// A statement is sent to an instance on a connection of its own.
      case sql(Target, text: String)
    }

    public enum DiskFault: Equatable, Codable, Sendable {
      /// Everything takes so many times as long.
      case slow(Factor)
      /// At the start of the fault and then once every period, nothing is answered for `stall`.
      case stall(Interval, every: Interval)
      /// This share of reads and writes ends in an error.
      case failure(Percentage)
    }

    public var id: String
    public var anchor: Anchor
    /// Until it is undone; `nil` for what happens in an instant and is not undone.
    public var duration: Interval?
    public var action: Action

    public init(id: String, anchor: Anchor, duration: Interval? = nil, action: Action) {
      (self.id, self.anchor, self.duration, self.action) = (id, anchor, duration, action)
    }
  }
}

extension Scenario.Fault {
  static let kinds = [
    "crash", "host_crash", "outage", "partition", "isolate", "disk", "sql",
  ]

  /// - Parameters:
  ///   - names: the hosts that a target may name.
  ///   - faults: the ids of all faults of the scenario.
  init(reading field: Field, names: TargetNames, faults: [String]) throws(ScenarioError) {
    let section = try field.section(
      ["id", "at", "after", "for"] + Self.kinds, later: ["when", "within"])
    id = try section.required("id").identifier()
    anchor = try Anchor(reading: section, faults: faults)
    let (kind, what) = try section.exactlyOne(of: Self.kinds)
    action = try Action(reading: what, kind: kind, names: names)
    duration = try section["for"]?.value(in: .nanoseconds(1)...(.forever))
    switch action {
    case .crash, .hostCrash: break
    case .sql:
      if let field = section["for"] {
        throw field.refusal(.contradiction("a statement has no duration"))
      }
    case .outage, .partition, .oneWayPartition, .isolation, .disk:
      _ = try section.required("for")
    }
  }

  var plan: PlanNode {
    .line(
      [("id", .scalar(id))] + anchor.plan + [
        ("for", duration.map { .value($0) }), (action.kind, action.plan),
      ])
  }
}

extension Scenario.Fault.Action {
  init(reading field: Field, kind: String, names: TargetNames) throws(ScenarioError) {
    switch kind {
    case "crash", "host_crash":
      let on = try field.section(["on"]).required("on")
      let target = try on.target(among: names)
      guard target.isInstance || target.isStorage else {
        throw on.refusal(expected: "database instances or storage nodes")
      }
      self = kind == "crash" ? .crash(target) : .hostCrash(target)
    case "outage":
      self = .outage(try field.section(["az"]).required("az").choice())
    case "partition":
      self = try Self.partition(reading: field, names: names)
    case "isolate":
      self = .isolation(try field.section(["on"]).required("on").target(among: names))
    case "disk":
      let section = try field.section(["on", "slow", "stall", "every", "fail"])
      let on = try section.required("on")
      let target = try on.target(among: names)
      guard target.isStorage else { throw on.refusal(expected: "storage nodes") }
      self = .disk(target, try Scenario.Fault.DiskFault(reading: section))
    default:
      let section = try field.section(["on", "text"])
      let on = try section.required("on")
      let target = try on.target(among: names)
      guard target.isInstance else { throw on.refusal(expected: "database instances") }
      self = .sql(target, text: try section.required("text").text("an SQL statement"))
    }
  }

  private static func partition(
    reading field: Field, names: TargetNames
  ) throws(ScenarioError) -> Self {
    let section = try field.section(["between", "from", "to"])
    let (kind, first) = try section.exactlyOne(of: ["between", "from"])
    if kind == "from" {
      let from = try first.target(among: names)
      return .oneWayPartition(from: from, to: try section.required("to").target(among: names))
    }
    if let to = section["to"] {
      throw to.refusal(.contradiction("it belongs to 'from', and this partition has 'between'"))
    }
    let sides = try first.items()
    guard sides.count == 2 else {
      throw first.refusal(
        .unexpected(found: "\(sides.count)", expected: "a list of two targets"))
    }
    return .partition(
      between: try sides[0].target(among: names), and: try sides[1].target(among: names))
  }

  /// The key under which a scenario writes it.
  public var kind: String {
    switch self {
    case .crash: "crash"
    case .hostCrash: "host_crash"
    case .outage: "outage"
    case .partition, .oneWayPartition: "partition"
    case .isolation: "isolate"
    case .disk: "disk"
    case .sql: "sql"
    }
  }

  var plan: PlanNode {
    switch self {
    case .crash(let target), .hostCrash(let target), .isolation(let target):
      .line([("on", .scalar(target.description))])
    case .outage(let zone):
      .line([("az", .choice(zone))])
    case .partition(let one, let other):
      .line([("between", .words([.scalar(one.description), .scalar(other.description)]))])
    case .oneWayPartition(let from, let to):
      .line([("from", .scalar(from.description)), ("to", .scalar(to.description))])
    case .disk(let target, let fault):
      .line([("on", .scalar(target.description))] + fault.plan)
    case .sql(let target, let text):
      .line([("on", .scalar(target.description)), ("text", .scalar(text))])
    }
  }
}

extension Scenario.Fault.DiskFault {
  init(reading section: Section) throws(ScenarioError) {
    let (kind, field) = try section.exactlyOne(of: ["slow", "stall", "fail"])
    if kind != "stall", let every = section["every"] {
      throw every.refusal(.contradiction("it belongs to 'stall', and this fault has '\(kind)'"))
    }
    switch kind {
    case "slow":
      self = .slow(try field.value())
    case "stall":
      let stall: Interval = try field.value(in: .nanoseconds(1)...(.forever))
      let everyField = try section.required("every")
      let every: Interval = try everyField.value()
      guard every > stall else {
        throw everyField.refusal(expected: "more than the stall, \(stall)")
      }
      self = .stall(stall, every: every)
    default:
      self = .failure(try field.value())
    }
  }

  var plan: [(key: String, value: PlanNode?)] {
    switch self {
    case .slow(let factor): [("slow", .value(factor))]
    case .stall(let stall, let every): [("stall", .value(stall)), ("every", .value(every))]
    case .failure(let share): [("fail", .value(share))]
    }
  }
}
