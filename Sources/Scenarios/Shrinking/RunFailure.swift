/// A way in which a run fails: two runs fail in the same way if they have one in common.
///
/// A way is narrow enough that a smaller scenario does not slip from one cause to another: an outage that was
/// too long is another failure than one that never ended, and a condition that came true too late another
/// than one that never did.
public enum RunFailure: Hashable, Codable, Sendable {
  /// A claim did not hold.
  case claim(ClaimResult.Kind, name: String, detail: String = "")
  /// A checker saw a violation.
  case violation(Invariant)
  /// An objective was not met: what it measures, without its bound, and whether what was measured had an end
  /// when the run did.
  case objective(String, isOpenEnded: Bool = false)
  /// The program itself came to an end that no scenario may bring about.
  case crash(Crash)

  /// How a program ended that should not have.
  public struct Crash: Hashable, Codable, Sendable {
    /// The signal's number.
    public var signal: Int32
    /// The line of the sources where it trapped, such as `Volume/Segment.swift:120`; empty if it did not
    /// say.
    public var site: String

    public init(signal: Int32, site: String = "") { (self.signal, self.site) = (signal, site) }

    /// - Parameter lastWords: what the program printed; the Swift runtime names the line that trapped.
    public init(signal: Int32, lastWords: String) {
      let marks = [": Fatal error", ": Precondition failed", ": Assertion failed"]
      let sites = lastWords.split(separator: "\n").lazy.compactMap { line in
        marks.lazy.compactMap { line.firstRange(of: $0) }.first.map { line[..<$0.lowerBound] }
      }
      self.init(signal: signal, site: sites.first.map { String($0) } ?? "")
    }
  }
}

extension RunFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .claim(let kind, let name, let detail):
      "\(kind.rawValue) \(name)" + (detail.isEmpty ? "" : ": \(detail)")
    case .violation(let invariant): "\(invariant.label), \(invariant.statement)"
    case .objective(let objective, let isOpenEnded):
      objective + (isOpenEnded ? ", not over when the run ended" : "")
    case .crash(let crash):
      "the program crashes with signal \(crash.signal)"
        + (crash.site.isEmpty ? "" : " at \(crash.site)")
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
  public var subject: String {
    [
      metric.name + (client.map { " of \($0)" } ?? ""), statistic.rawValue,
      window == .all ? "" : window.rawValue.split(separator: "_").joined(separator: " "),
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension RunResult {
  /// How it failed, the plainest way first; empty for a run that did not.
  public var waysOfFailing: [RunFailure] {
    var ways = claims.filter { $0.passed == false }.flatMap { claim in
      (claim.manners.isEmpty ? [""] : claim.manners).map {
        RunFailure.claim(claim.kind, name: claim.name, detail: $0)
      }
    }
    for violation in violations {
      let way = RunFailure.violation(violation.invariant)
      if !ways.contains(way) { ways.append(way) }
    }
    return ways
      + objectives.filter { $0.passed == false && $0.confidence == nil }.map {
        RunFailure.objective($0.subject, isOpenEnded: $0.isAtLeast)
      }
  }

  /// The way in which it failed that a condition on a metric looks for; `nil` if it did not.
  public func way(like failure: RunFailure) -> RunFailure? {
    waysOfFailing.first { way in
      guard case .objective(let wanted, _) = failure, case .objective(let found, _) = way else {
        return way == failure
      }
      return wanted == found
    }
  }
}
