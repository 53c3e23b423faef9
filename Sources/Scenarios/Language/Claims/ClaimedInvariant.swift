extension Scenario {
  /// An invariant as a claim names it: perhaps at one of its levels.
  public struct ClaimedInvariant: Hashable, Sendable {
    public let invariant: Invariant
    /// The level that is meant, for an invariant that is promised at several.
    public let level: IsolationLevel?

    init(_ invariant: Invariant, at level: IsolationLevel? = nil) {
      precondition(invariant.hasLevels == (level != nil), "\(invariant.name) at a level")
      (self.invariant, self.level) = (invariant, level)
    }

    /// As a scenario writes it.
    public var name: String {
      level.map { "\(invariant.name): \($0.rawValue)" } ?? invariant.name
    }

    /// Whatever can be claimed.
    static let all: [Self] = Invariant.all.flatMap { invariant in
      invariant.hasLevels
        ? IsolationLevel.allCases.map { Self(invariant, at: $0) } : [Self(invariant)]
    }

    /// Whether a violation is one of this; of a level, if that or a weaker one forbids it.
    func isBroken(by violation: Violation) -> Bool {
      guard violation.invariant == invariant else { return false }
      if let level, let broken = violation.level { return broken <= level }
      return true
    }
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
}

extension Field {
  /// An invariant, by its name; `isolation: serializable` may be a mapping too, which is what YAML makes of
  /// it without quotes.
  func claimedInvariant() throws(ScenarioError) -> Scenario.ClaimedInvariant {
    let name: String
    if case .mapping(let entries) = node.content, entries.count == 1 {
      let families = Invariant.all.filter(\.hasLevels).map(\.name)
      let (family, level) = try section(families).exactlyOne(of: families)
      let choice: Scenario.IsolationLevel = try level.choice()
      name = "\(family): \(choice.rawValue)"
    } else {
      name = try text("the name of an invariant")
    }
    return try item(
      called: name, kind: "invariant", among: Scenario.ClaimedInvariant.all, by: \.name)
  }
}
