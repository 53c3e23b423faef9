public import Simulation

extension Scenario.Fault {
  /// A program ends, or stands still; its host lives on.
  public struct Process: Equatable, Codable, Sendable {
    public enum Kind: Equatable, Codable, Sendable {
      /// It dies at once and loses its memory; its host restarts it.
      ///
      /// With a duration, the host may restart it only from the end of the fault on.
      case crash
      /// It stands still, as in a long collection of garbage: nothing is lost, and nothing is answered.
      case pause
      /// It is killed once every period, if it is back.
      case killLoop(every: Interval)
    }

    public var target: Target
    public var kind: Kind

    public init(_ target: Target, _ kind: Kind) { (self.target, self.kind) = (target, kind) }
  }
}

extension Scenario.Fault.Process: FaultFamily {
  enum Form: String, CaseIterable {
    case crash, pause
    case killLoop = "kill_loop"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let section = try field.section(keyword == "kill_loop" ? ["on", "every"] : ["on"])
    target = try Field.target(
      on: section, names: names, expected: Target.programExpectation, where: \.hasProgram)
    switch keyword {
    case "crash": kind = .crash
    case "pause": kind = .pause
    default:
      kind = .killLoop(
        every: try section.required("every").value(in: .nanoseconds(1)...(.longestInScenario)))
    }
  }

  var form: Form {
    switch kind {
    case .crash: .crash
    case .pause: .pause
    case .killLoop: .killLoop
    }
  }

  var parameters: PlanFields {
    var fields: PlanFields = [("on", .scalar(target.description))]
    if case .killLoop(let period) = kind { fields.append(("every", .value(period))) }
    return fields
  }

  var targets: String { target.description }

  var description: String {
    switch kind {
    case .crash: "the process of \(target) crashes"
    case .pause: "the process of \(target) stands still"
    case .killLoop(let period): "the process of \(target) is killed every \(period)"
    }
  }

  var duration: FaultDuration { kind == .crash ? .optional : .required }
}
