public import Simulation

extension Scenario {
  /// Something that breaks: what, where, from when, and for how long.
  public struct Fault: Equatable, Codable, Sendable {
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
  /// - Parameters:
  ///   - names: the hosts that a target may name.
  ///   - faults: the ids of all faults of the scenario.
  init(reading field: Field, names: TargetNames, faults: [String]) throws(ScenarioError) {
    let section = try field.section(
      ["id", "at", "after", "for"] + Action.keywords, later: ["when", "within"])
    id = try section.required("id").identifier()
    anchor = try Anchor(reading: section, faults: faults)
    let (keyword, what) = try section.exactlyOne(of: Action.keywords)
    action = try Action(reading: what, under: keyword, names: names)
    duration = try section["for"]?.value(in: .nanoseconds(1)...(.forever))
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

  var plan: PlanNode {
    .line(
      [("id", .scalar(id))] + anchor.plan + [
        ("for", duration.map { .value($0) }), (action.keyword, action.plan),
      ])
  }
}
