public import ControlPlane

extension Scenario.Fault {
  /// A call of the management API, as an operator makes it in the middle of everything.
  public enum Call: Equatable, Codable, Sendable {
    /// `FailoverDBCluster`: another instance becomes the writer, this one if one is named.
    case failover(to: Target?)
    /// `RebootDBInstance`.
    case reboot(Target)
    /// `ModifyDBCluster` with another capacity range, for one serverless instance.
    case capacity(Target, ClosedRange<ServerlessCapacity>)
  }
}

extension Scenario.Fault.Call: FaultFamily {
  static let keywords = ["api"]

  private enum Name: String, CaseIterable {
    case failover = "FailoverDBCluster"
    case reboot = "RebootDBInstance"
    case modify = "ModifyDBCluster"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let section = try field.section(["call", "on", "acu"])
    let name = try section.required("call").choice(Name.self)
    if name != .modify, let field = section["acu"] {
      throw field.refusal(.contradiction("it belongs to \(Name.modify.rawValue)"))
    }
    let isNamed = section["on"] != nil
    if name == .failover, !isNamed {
      self = .failover(to: nil)
      return
    }
    let target = try Field.target(
      on: section, names: names, expected: "a database instance", where: \.isInstance)
    switch name {
    case .failover: self = .failover(to: target)
    case .reboot: self = .reboot(target)
    case .modify: self = .capacity(target, try section.required("acu").value())
    }
  }

  var keyword: String { "api" }

  private var name: Name {
    switch self {
    case .failover: .failover
    case .reboot: .reboot
    case .capacity: .modify
    }
  }

  /// The instance that it is about, if it names one.
  var target: Target? {
    switch self {
    case .failover(let target): target
    case .reboot(let target), .capacity(let target, _): target
    }
  }

  var parameters: PlanFields {
    var fields: PlanFields = [("call", .choice(name))]
    if let target { fields.append(("on", .scalar(target.description))) }
    if case .capacity(_, let range) = self { fields.append(("acu", .value(range))) }
    return fields
  }

  var targets: String { target?.description ?? "the cluster" }

  var description: String {
    switch self {
    case .failover(nil): "\(name.rawValue) is called"
    case .failover(let target?): "\(name.rawValue) is called with \(target) as its target"
    case .reboot(let target): "\(name.rawValue) is called for \(target)"
    case .capacity(let target, let range):
      "\(name.rawValue) sets the range of \(target) to \(range.scalar) ACU"
    }
  }

  var duration: FaultDuration { .none }
}
