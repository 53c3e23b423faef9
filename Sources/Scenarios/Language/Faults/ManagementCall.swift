public import ControlPlane
public import Simulation

extension Scenario.Fault {
  /// A call of the management API, as an operator makes it in the middle of everything.
  public struct Call: Equatable, Codable, Sendable {
    public enum Operation: Equatable, Codable, Sendable {
      /// `FailoverDBCluster`: another instance becomes the writer, this one if one is named.
      case failover(to: Target?)
      /// `RebootDBInstance`.
      case reboot(Target)
      /// `ModifyDBCluster` with another capacity range, for one serverless instance.
      case capacity(Target, ClosedRange<ServerlessCapacity>)
    }

    /// What the operator is to be told; anything else, and the fault has not acted.
    public enum Expectation: String, CaseIterable, Codable, Sendable {
      case accepted
      case invalidClusterState = "InvalidDBClusterStateFault"
      case invalidInstanceState = "InvalidDBInstanceState"
      case invalidParameterCombination = "InvalidParameterCombination"
      /// Nothing is heard of the control plane in time.
      case noAnswer = "no_answer"
    }

    public var operation: Operation
    public var expectation: Expectation
    /// How long the operator waits for a connection, and then for the answer.
    public var timeout: Interval
    /// The client on whose first host the operator sits; `nil` for a host of the operator's own.
    public var client: String?

    public init(
      _ operation: Operation, expecting expectation: Expectation = .accepted,
      timeout: Interval = ManagementClient.defaultTimeout, from client: String? = nil
    ) {
      (self.operation, self.expectation) = (operation, expectation)
      (self.timeout, self.client) = (timeout, client)
    }
  }
}

extension Scenario.Fault.Call: FaultFamily {
  enum Form: String, CaseIterable {
    case failover = "api FailoverDBCluster"
    case reboot = "api RebootDBInstance"
    case capacity = "api ModifyDBCluster"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let section = try field.section(["call", "on", "acu", "from", "timeout", "expect"])
    self.init(try Operation(reading: section, names: names))
    if let expected = try section["expect"]?.choice(Expectation.self) { expectation = expected }
    if let limit: Interval = try section["timeout"]?.value(in: .nanoseconds(1)...(.minutes(60))) {
      timeout = limit
    }
    client = try section["from"]?.reference(to: "client", among: names.clients)
  }

  var form: Form {
    switch operation {
    case .failover: .failover
    case .reboot: .reboot
    case .capacity: .capacity
    }
  }

  var parameters: PlanFields {
    var fields = operation.parameters
    if let client { fields.append(("from", .scalar(client))) }
    if timeout != ManagementClient.defaultTimeout { fields.append(("timeout", .value(timeout))) }
    if expectation != .accepted { fields.append(("expect", .choice(expectation))) }
    return fields
  }

  var targets: String { operation.target?.description ?? "the cluster" }

  var description: String {
    let place = client.map { " from a host of \($0)" } ?? ""
    return switch expectation {
    case .accepted: operation.description + place
    case .noAnswer: operation.description + place + ", and no answer comes"
    default: operation.description + place + ", and is refused: \(expectation.rawValue)"
    }
  }

  var duration: FaultDuration { .none }
}

extension Scenario.Fault.Call.Operation {
  private enum Name: String, CaseIterable {
    case failover = "FailoverDBCluster"
    case reboot = "RebootDBInstance"
    case modify = "ModifyDBCluster"
  }

  fileprivate init(reading section: Section, names: TargetNames) throws(ScenarioError) {
    let name = try section.required("call").choice(Name.self)
    if name != .modify, let field = section["acu"] {
      throw field.refusal(.contradiction("it belongs to \(Name.modify.rawValue)"))
    }
    if name == .failover, section["on"] == nil {
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

  private var kind: Name {
    switch self {
    case .failover: .failover
    case .reboot: .reboot
    case .capacity: .modify
    }
  }

  /// As the API calls it.
  public var name: String { kind.rawValue }

  /// The instances that it is about, if it names any.
  var target: Target? {
    switch self {
    case .failover(let target): target
    case .reboot(let target), .capacity(let target, _): target
    }
  }

  fileprivate var parameters: PlanFields {
    var fields: PlanFields = [("call", .choice(kind))]
    if let target { fields.append(("on", .scalar(target.description))) }
    if case .capacity(_, let range) = self { fields.append(("acu", .value(range))) }
    return fields
  }

  fileprivate var description: String {
    switch self {
    case .failover(nil): "\(name) is called"
    case .failover(let target?): "\(name) is called with \(target) as its target"
    case .reboot(let target): "\(name) is called for \(target)"
    case .capacity(let target, let range):
      "\(name) is called, with a range of \(range.scalar) ACU for \(target)"
    }
  }
}
