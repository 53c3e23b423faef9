public import Simulation

extension Scenario {
  /// What must be true of every run.
  public struct Claims: Equatable, Codable, Sendable {
    /// Never broken, at any instant.
    public var always: [Invariant]
    /// Happens at least once in a run.
    public var sometimes: [Situation]
    /// Never happens.
    public var never: [Situation]
    /// Comes true in time, and stays true for an instant at least.
    public var eventually: [Eventuality]

    public init(
      always: [Invariant] = [], sometimes: [Situation] = [], never: [Situation] = [],
      eventually: [Eventuality] = []
    ) {
      (self.always, self.sometimes) = (always, sometimes)
      (self.never, self.eventually) = (never, eventually)
    }
  }

  /// A property that a checker watches.
  public enum Invariant: Hashable, Codable, Sendable {
    /// What a client was told is committed is there at the end of the run.
    case noAcknowledgedCommitLost
    /// At no instant do two instances of one volume epoch both have writes accepted.
    case singleWriter
    /// Copies of a segment agree on every record below the VDL.
    case copiesAgree
    /// Every audit of a `bank` sees the total with which it began.
    case bankTotalConstant
    /// The histories of `list-append` have none of the anomalies that the level forbids.
    case isolation(IsolationLevel)
  }

  /// An isolation level of the SQL standard that a history can be judged against, the weakest first.
  public enum IsolationLevel: String, CaseIterable, Comparable, Codable, Sendable {
    case readCommitted = "read committed"
    /// Which in PostgreSQL is snapshot isolation: more than the standard asks for.
    case repeatableRead = "repeatable read"
    case serializable

    private var strength: Int {
      switch self {
      case .readCommitted: 0
      case .repeatableRead: 1
      case .serializable: 2
      }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.strength < rhs.strength }
  }

  /// Something that may happen in a run.
  public enum Situation: String, CaseIterable, Codable, Sendable {
    /// A reader is promoted to writer.
    case failover
    /// The writer's process ends and the same instance becomes the writer again.
    case writerRestart = "writer_restart"
    /// A reader's process ends and comes back as a reader.
    case readerRestart = "reader_restart"
    /// A client loses its connection between sending COMMIT and the answer.
    case commitInDoubt = "commit_in_doubt"
    /// A Serverless instance grows.
    case scaleUp = "scale_up"
    /// A Serverless instance shrinks.
    case scaleDown = "scale_down"
  }

  /// A state that the cluster reaches.
  public enum Condition: String, CaseIterable, Codable, Sendable {
    /// A client at the cluster endpoint has had a commit acknowledged.
    case writesOK = "writes_ok"
    /// Every instance of the scenario is up, one as the writer and the others following it.
    case instancesOK = "instances_ok"
    /// All six copies of every protection group are complete up to the VDL.
    case allCopiesComplete = "all_copies_complete"
  }

  /// States that are all reached within a time after something.
  public struct Eventuality: Equatable, Codable, Sendable {
    public enum Beginning: Equatable, Codable, Sendable {
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
      always.append(try Scenario.Invariant(reading: item))
    }
    for item in try section["sometimes"]?.items() ?? [] { sometimes.append(try item.choice()) }
    for item in try section["never"]?.items() ?? [] {
      let situation: Scenario.Situation = try item.choice()
      if sometimes.contains(situation) {
        throw item.refusal(.contradiction("'\(situation.rawValue)' is among 'sometimes' as well"))
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
      ("sometimes", .words(sometimes.map(PlanNode.choice))),
      ("never", .words(never.map(PlanNode.choice))),
      ("eventually", .list(eventually.map(\.plan))),
    ])
  }
}

extension Scenario.Invariant {
  static let known: [Self] =
    [.noAcknowledgedCommitLost, .singleWriter, .copiesAgree, .bankTotalConstant]
    + Scenario.IsolationLevel.allCases.map(Self.isolation)

  /// As a scenario writes it.
  public var name: String {
    switch self {
    case .noAcknowledgedCommitLost: "no_acknowledged_commit_lost"
    case .singleWriter: "single_writer"
    case .copiesAgree: "copies_agree"
    case .bankTotalConstant: "bank_total_constant"
    case .isolation(let level): "isolation: \(level.rawValue)"
    }
  }

  /// Reads a name; `isolation: serializable` may be a mapping too, which is what YAML makes of it
  /// without quotes.
  init(reading field: Field) throws(ScenarioError) {
    let name: String
    if case .mapping = field.node.content {
      let level: Scenario.IsolationLevel =
        try field.section(["isolation"]).required("isolation").choice()
      name = Self.isolation(level).name
    } else {
      name = try field.text("the name of an invariant")
    }
    guard let invariant = Self.known.first(where: { $0.name == name }) else {
      throw field.refusal(
        .unknownName(name, kind: "invariant", known: Self.known.map(\.name)))
    }
    self = invariant
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
    within = try section.required("within").value(in: .nanoseconds(1)...(.forever))
    let that = try section.required("that")
    conditions = []
    for word in try that.text("conditions").split(separator: " and ") {
      guard let condition = Scenario.Condition(rawValue: String(word)) else {
        let known = Scenario.Condition.allCases.map(\.rawValue)
        throw that.refusal(.unknownName(String(word), kind: "condition", known: known))
      }
      conditions.append(condition)
    }
    if conditions.isEmpty { throw that.refusal(expected: "conditions joined by 'and'") }
  }

  var plan: PlanNode {
    .line([
      ("after", .scalar(after.name)),
      ("within", .value(within)),
      ("that", .scalar(conditions.map(\.rawValue).joined(separator: " and "))),
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
