import Simulation
import Statistics

/// What a smaller scenario has to show in order to fail as the first one did: the same way of failing, by
/// about as much.
///
/// Without the second, an outage of 45 s under a bound of 30 s shrinks to one of 30.001 s, which is another
/// story: the bound is just missed by what is left.
public struct FailureTarget: Equatable, Sendable {
  public let failure: RunFailure
  /// How far the first run was beyond the bound; `nil` for a failure that has no measure.
  public let margin: FailureMargin?

  /// - Parameter result: what the first run came to; `nil` if it crashed and left nothing.
  public init(_ failure: RunFailure, in result: RunResult?) {
    self.failure = failure
    margin = result.flatMap { FailureMargin(of: failure, in: $0) }
  }

  /// Whether a run fails in this way, and by at least half as much.
  public func isMet(by result: RunResult) -> Bool {
    guard result.waysOfFailing.contains(failure) else { return false }
    guard let margin, let other = FailureMargin(of: failure, in: result) else { return true }
    return other.keeps(margin)
  }
}

/// What an objective that was not met observed, beside its bound.
public struct FailureMargin: Equatable, Sendable {
  public let comparison: ObjectiveResult.Comparison
  public let bound: Quantity
  public let observed: Quantity
  /// Whether the value was still growing when the run ended.
  public let isOpenEnded: Bool

  /// - Returns: `nil` unless the failure is an objective that was measured.
  public init?(of failure: RunFailure, in result: RunResult) {
    guard case .objective(let subject, let isOpenEnded) = failure,
      let objective = result.objectives.first(where: {
        $0.passed == false && $0.subject == subject && $0.isAtLeast == isOpenEnded
      }), let observed = objective.observed
    else { return nil }
    (comparison, bound) = (objective.comparison, objective.bound)
    (self.observed, self.isOpenEnded) = (observed, isOpenEnded)
  }

  /// From the bound to what was observed, in the base unit.
  private var excess: Double { (observed.magnitude - bound.magnitude).magnitude }

  /// Whether at least half of another margin is left. Of numbers of things, one is as wrong as many; and what
  /// had not ended is as long as the run.
  func keeps(_ other: FailureMargin) -> Bool {
    switch other.bound {
    case .count, .bytes: true
    case .duration, .rate, .ratio, .capacity: other.isOpenEnded || excess >= other.excess / 2
    }
  }
}

extension FailureMargin: CustomStringConvertible {
  /// Such as `31.0 s where below 20.0 s was asked for`.
  public var description: String {
    "\(isOpenEnded ? "at least " : "")\(observed) where \(comparison.rawValue) \(bound) was asked for"
  }
}
