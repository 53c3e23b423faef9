extension Scenario.Fault {
  /// There is less of something than there should be.
  public struct Resource: Equatable, Codable, Sendable {
    public enum Kind: Equatable, Codable, Sendable {
      /// Neighbours take the CPU's time: everything computed takes so many times as long.
      case cpu(Factor)
      /// This share of the memory is taken away; what no longer fits is ended.
      case memory(Percentage)
      /// The network interface sends no more than this.
      case bandwidth(ByteRate)
      /// So many connections are opened at once, and held.
      case connections(Int)
    }

    public var target: Target
    public var kind: Kind

    public init(_ target: Target, _ kind: Kind) { (self.target, self.kind) = (target, kind) }
  }
}

extension Scenario.Fault.Resource: FaultFamily {
  enum Form: String, CaseIterable {
    case cpu, memory, bandwidth
    case connections = "connection_storm"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let parameter =
      switch keyword {
      case "cpu": "slow"
      case "memory": "take"
      case "bandwidth": "limit"
      default: "connections"
      }
    let section = try field.section(["on", parameter])
    let needsInstance = keyword == "memory" || keyword == "connection_storm"
    target = try Field.target(
      on: section, names: names,
      expected: needsInstance
        ? "database instances" : Target.clusterExpectation,
      where: needsInstance ? \.isInstance : \.isOfCluster)
    let value = try section.required(parameter)
    switch keyword {
    case "cpu": kind = .cpu(try value.value())
    case "memory": kind = .memory(try value.value())
    case "bandwidth": kind = .bandwidth(try value.value())
    default: kind = .connections(try value.value(in: 1...20_000))
    }
  }

  var form: Form {
    switch kind {
    case .cpu: .cpu
    case .memory: .memory
    case .bandwidth: .bandwidth
    case .connections: .connections
    }
  }

  var parameters: PlanFields {
    let parameter: (key: String, value: PlanNode?) =
      switch kind {
      case .cpu(let factor): ("slow", .value(factor))
      case .memory(let share): ("take", .value(share))
      case .bandwidth(let limit): ("limit", .value(limit))
      case .connections(let count): ("connections", .value(count))
      }
    return [("on", .scalar(target.description)), parameter]
  }

  var targets: String { target.description }

  var description: String {
    switch kind {
    case .cpu(let factor): "the CPUs of \(target) take \(factor.times) times as long"
    case .memory(let share): "\(share.scalar) of the memory of \(target) is taken away"
    case .bandwidth(let limit): "\(target) sends no more than \(limit.scalar)"
    case .connections(let count): "\(count) connections are opened to \(target)"
    }
  }

  var duration: FaultDuration { .required }
}
