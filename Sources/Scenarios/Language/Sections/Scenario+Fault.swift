public import Simulation

extension Scenario {
  /// Something that breaks: what, where, from when, and for how long.
  public struct Fault: Equatable, Codable, Sendable {
    public var id: String
    public var anchor: Anchor
    /// Until it is undone; `nil` for what happens in an instant and is not undone.
    public var duration: Interval?
    /// Whether the run is worth something even if the fault finds nothing to strike.
    public var mayMiss: Bool
    public var action: Action

    public init(
      id: String, anchor: Anchor, duration: Interval? = nil, mayMiss: Bool = false, action: Action
    ) {
      (self.id, self.anchor, self.duration) = (id, anchor, duration)
      (self.mayMiss, self.action) = (mayMiss, action)
    }
  }
}

extension Scenario.Fault {
  /// - Parameters:
  ///   - names: the hosts that a target may name.
  ///   - faults: the ids of all faults of the scenario.
  init(reading field: Field, names: TargetNames, faults: [String]) throws(ScenarioError) {
    let section = try field.section(
      ["id", "at", "after", "for", "may_miss"] + FaultSeries.keys + Action.keywords,
      later: ["when", "within"])
    id = try section.required("id").identifier()
    anchor = try Anchor(reading: section, faults: faults)
    let (keyword, what) = try section.exactlyOne(of: Action.keywords)
    action = try Action(reading: what, under: keyword, names: names)
    mayMiss = try section["may_miss"]?.choice(Answer.self) == .yes
    duration = try section["for"]?.value(in: .nanoseconds(1)...(.longestInScenario))
    switch action.duration {
    case .optional: break
    case .required: _ = try section.required("for")
    case .none:
      if let field = section["for"] {
        throw field.refusal(
          .contradiction("'\(keyword)' happens in an instant and has no duration"))
      }
    }
  }

  private enum Answer: String, CaseIterable {
    case yes, no
  }

  var plan: PlanNode {
    .line(
      [("id", .scalar(id))] + anchor.plan + [
        ("for", duration.map { .value($0) }), ("may_miss", mayMiss ? .choice(Answer.yes) : nil),
        (action.keyword, action.plan),
      ])
  }
}
