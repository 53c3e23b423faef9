public import Simulation

extension Scenario {
  /// What must be true of every run.
  public struct Claims: Equatable, Sendable {
    /// Never broken, at any instant.
    public var always: [ClaimedInvariant]
    /// Happens at least once in a run.
    public var sometimes: [Situation]
    /// Never happens.
    public var never: [Situation]
    /// Comes true in time, and stays true for an instant at least.
    public var eventually: [Eventuality]

    public init(
      always: [ClaimedInvariant] = [], sometimes: [Situation] = [], never: [Situation] = [],
      eventually: [Eventuality] = []
    ) {
      (self.always, self.sometimes) = (always, sometimes)
      (self.never, self.eventually) = (never, eventually)
    }
  }

  /// States that are all reached within a time after something.
  public struct Eventuality: Equatable, Sendable {
    public enum Beginning: Equatable, Sendable {
      /// `faults.start`: the start of the first fault.
      case firstFaultStart
      /// `faults.end`: when the last fault has ended.
      case lastFaultEnd
      /// `az_down.end`
      case edge(FaultEdge)
    }

    public var after: Beginning
    public var within: Interval
    /// All at one instant; at least one.
    public var conditions: [Condition]

    public init(after: Beginning, within: Interval, conditions: [Condition]) {
      (self.after, self.within, self.conditions) = (after, within, conditions)
    }
  }
}

extension Scenario.Claims {
  init(reading field: Field, faults: [String]) throws(ScenarioError) {
    let section = try field.section(["always", "sometimes", "never", "eventually"])
    self.init()
    for item in try section["always"]?.items() ?? [] {
      always.append(try item.claimedInvariant())
    }
    for item in try section["sometimes"]?.items() ?? [] { sometimes.append(try item.situation()) }
    for item in try section["never"]?.items() ?? [] {
      let situation = try item.situation()
      if sometimes.contains(situation) {
        throw item.refusal(.contradiction("'\(situation.name)' is among 'sometimes' as well"))
      }
      never.append(situation)
    }
    for item in try section["eventually"]?.items() ?? [] {
      eventually.append(try Scenario.Eventuality(reading: item, faults: faults))
    }
  }

  var plan: PlanNode {
    .block([
      ("always", .list(always.map { .scalar($0.name) })),
      ("sometimes", .words(sometimes.map { .scalar($0.name) })),
      ("never", .words(never.map { .scalar($0.name) })),
      ("eventually", .list(eventually.map(\.plan))),
    ])
  }
}

extension Scenario.Eventuality {
  init(reading field: Field, faults: [String]) throws(ScenarioError) {
    let section = try field.section(["after", "within", "that"])
    let afterField = try section.required("after")
    switch try afterField.text("faults.end, or a fault's id with .start or .end") {
    case "faults.start": after = .firstFaultStart
    case "faults.end": after = .lastFaultEnd
    case let text: after = .edge(try afterField.faultEdge(text, among: faults))
    }
    within = try section.required("within").value(in: .nanoseconds(1)...(.longestInScenario))
    let that = try section.required("that")
    conditions = []
    for word in try that.text("conditions").split(separator: " and ") {
      conditions.append(
        try that.item(
          called: String(word), kind: "condition", among: Scenario.Condition.all, by: \.name))
    }
    if conditions.isEmpty { throw that.refusal(expected: "conditions joined by 'and'") }
  }

  var plan: PlanNode {
    .line([
      ("after", .scalar(after.name)),
      ("within", .value(within)),
      ("that", .scalar(conditions.map(\.name).joined(separator: " and "))),
    ])
  }
}

extension Scenario.Eventuality.Beginning {
  var name: String {
    switch self {
    case .firstFaultStart: "faults.start"
    case .lastFaultEnd: "faults.end"
    case .edge(let edge): edge.description
    }
  }
}
