public import Simulation

extension Scenario.Fault {
  /// Machines lose power, or are lost.
  public struct Host: Equatable, Codable, Sendable {
    public enum Kind: Equatable, Codable, Sendable {
      /// Processes, memory and unflushed writes are gone; it is up again at the end of the fault, or without
      /// a duration after a draw of ``Scenario/Parameters/hostRestart``.
      case crash
      /// As a crash, and what comes up again has blank disks.
      case loss
      /// As a crash in the middle of a write, of which the first sectors land.
      case tornWrite
      /// One host after another is down for a while.
      case rollingRestart(down: Interval, every: Interval)
    }

    public var target: Target
    public var kind: Kind

    public init(_ target: Target, _ kind: Kind) { (self.target, self.kind) = (target, kind) }
  }
}

extension Scenario.Fault.Host: FaultFamily {
  enum Form: String, CaseIterable {
    case crash = "host_crash"
    case loss = "host_loss"
    case tornWrite = "torn_write"
    case rollingRestart = "rolling_restart"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let section = try field.section(
      keyword == "rolling_restart" ? ["on", "down", "every"] : ["on"])
    let needsDisk = keyword == "torn_write"
    target = try Field.target(
      on: section, names: names,
      expected: needsDisk
        ? Target.diskExpectation : Target.clusterExpectation,
      where: needsDisk ? \.hasDisk : \.isOfCluster)
    switch keyword {
    case "host_crash": kind = .crash
    case "host_loss": kind = .loss
    case "torn_write": kind = .tornWrite
    default:
      let down: Interval = try section.required("down").value(
        in: .nanoseconds(1)...(.longestInScenario))
      let every: Interval = try section.required("every").value(
        in: .nanoseconds(1)...(.longestInScenario))
      kind = .rollingRestart(down: down, every: every)
    }
  }

  var form: Form {
    switch kind {
    case .crash: .crash
    case .loss: .loss
    case .tornWrite: .tornWrite
    case .rollingRestart: .rollingRestart
    }
  }

  var parameters: PlanFields {
    var fields: PlanFields = [("on", .scalar(target.description))]
    if case .rollingRestart(let down, let period) = kind {
      fields += [("down", .value(down)), ("every", .value(period))]
    }
    return fields
  }

  var targets: String { target.description }

  var description: String {
    switch kind {
    case .crash: "the host of \(target) loses power"
    case .loss: "the host of \(target) is lost with its disks"
    case .tornWrite: "the host of \(target) loses power in the middle of a write"
    case .rollingRestart(let down, let period):
      "the hosts of \(target) are restarted one after another, each down for \(down), every \(period)"
    }
  }

  var duration: FaultDuration {
    if case .rollingRestart = kind { .required } else { .optional }
  }
}
