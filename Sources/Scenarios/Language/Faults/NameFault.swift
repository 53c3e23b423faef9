extension Scenario.Fault {
  /// Names lead nowhere, or to where things used to be.
  public enum Names: String, CaseIterable, Equatable, Codable, Sendable {
    /// The name server answers nothing.
    case outage
    /// The name server goes on with what it knew: changes do not reach it.
    case stale
  }
}

extension Scenario.Fault.Names: FaultFamily {
  enum Form: String, CaseIterable {
    case outage = "dns none"
    case stale = "dns stale"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    self = try field.section(["answers"]).required("answers").choice(Answers.self).fault
  }

  /// What the name server answers with.
  private enum Answers: String, CaseIterable {
    case none, stale

    var fault: Scenario.Fault.Names { self == .none ? .outage : .stale }
  }

  var form: Form { self == .outage ? .outage : .stale }

  var parameters: PlanFields {
    [("answers", .choice(self == .outage ? Answers.none : .stale))]
  }

  var targets: String { "the name server" }

  var description: String {
    self == .outage ? "the name server answers nothing" : "the name server learns of no change"
  }

  var duration: FaultDuration { .required }
}
