/// A way in which a run fails: two runs fail in the same way if they have one in common.
public enum RunFailure: Hashable, Codable, Sendable {
  /// A claim did not hold.
  case claim(ClaimResult.Kind, name: String)
  /// A checker saw a violation.
  case violation(Invariant)
  /// An objective was not met: what it measures, without its bound.
  case objective(String)
  /// The program itself came to an end that no scenario may bring about.
  case crash
}

extension RunFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .claim(let kind, let name): "\(kind.rawValue) \(name)"
    case .violation(let invariant): "\(invariant.label), \(invariant.statement)"
    case .objective(let objective): objective
    case .crash: "the program crashes"
    }
  }
}

extension ObjectiveResult {
  /// What it measures: metric, statistic and window.
  public var subject: String {
    [metric, statistic, window].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension Scenario.Objective {
  /// What it measures, in the words of its result.
  var subject: String {
    [
      metric.name + (client.map { " of \($0)" } ?? ""), statistic.rawValue,
      window == .all ? "" : window.rawValue.split(separator: "_").joined(separator: " "),
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension RunResult {
  /// How it failed, the plainest way first; empty for a run that did not.
  public var waysOfFailing: [RunFailure] {
    var kinds = claims.filter { $0.passed == false }.map {
      RunFailure.claim($0.kind, name: $0.name)
    }
    for violation in violations {
      let kind = RunFailure.violation(violation.invariant)
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
      + objectives.filter { $0.passed == false && $0.confidence == nil }
      .map { RunFailure.objective($0.subject) }
  }
}
