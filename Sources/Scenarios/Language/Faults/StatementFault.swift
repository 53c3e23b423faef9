extension Scenario.Fault {
  /// A statement is sent to an instance on a connection of its own: Aurora's own fault injection, or any.
  public struct Statement: Equatable, Codable, Sendable {
    public var target: Target
    public var text: String

    public init(_ target: Target, _ text: String) { (self.target, self.text) = (target, text) }
  }
}

extension Scenario.Fault.Statement: FaultFamily {
  static let keywords = ["sql"]

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let section = try field.section(["on", "text"])
    target = try Field.target(
      on: section, names: names, expected: "database instances", where: \.isInstance)
    text = try section.required("text").text("an SQL statement")
  }

  var keyword: String { "sql" }

  var parameters: PlanFields {
    [("on", .scalar(target.description)), ("text", .scalar(text))]
  }

  var targets: String { target.description }
  var description: String { "\(target) is sent: \(text)" }
  var duration: FaultDuration { .none }
}
