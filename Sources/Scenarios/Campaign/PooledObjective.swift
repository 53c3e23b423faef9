import Statistics

/// What an objective came to over all runs of a campaign, and how sure that is.
///
/// A run has few values of some metrics: two hosts see one failover, and the p95 of two outages is the longer
/// one. What a scenario says of a quantile is meant of all the outages that there might be, of which each seed
/// shows a few. So:
///
/// - *Few values in a run* are pooled: the estimate is the quantile of all of them. Those of one run have
///   their cause in common, and only runs are independent of each other. So the limits are order statistics
///   of the runs, by the worst value of each for the upper limit and by the best for the lower one: right
///   whatever the values of one run have to do with each other, and rather too wide.
/// - *Many values in a run*, such as latencies, and means: the run's own statistic is one value. The estimate
///   is the mean of these, the limits are those of Student's t.
///
/// A value that is only known to be at least so much counts as that for the lower limit, and as without limit
/// for the upper one.
public struct PooledObjective: Equatable, Sendable {
  /// Metric, statistic and window, such as `failover.client_seen p95`.
  public let name: String
  /// The whole objective, as the scenario words it.
  public let text: String
  public let comparison: ObjectiveResult.Comparison
  public let bound: Quantity
  /// Runs that had something to measure.
  public let runs: Int
  /// Values over all runs.
  public let values: Int
  /// In the base unit; `nil` if there was nothing to measure, or if it is without limit.
  public let estimate: Double?
  /// Above this the true statistic lies, with the given confidence; `nil` with too few runs to tell.
  public let lower: Double?
  /// Below this it lies, with the given confidence; `nil` with too few runs, or without limit.
  public let upper: Double?
  /// From 0 to 1: what the scenario asks for, or else 0.95.
  public let confidence: Double
  /// Whether the scenario asks for it, so that the campaign's verdict depends on it.
  public let isAsked: Bool
  /// Runs that it takes at least for limits to exist.
  public let runsNeeded: Int
  /// Whether the bound holds, with the confidence: `false` if it is broken with that confidence, `nil` if
  /// these runs do not show the one or the other.
  public let holds: Bool?

  /// What is made of it if the scenario asks for no confidence.
  public static let usualConfidence = 0.95

  /// - Parameter runs: what each run came to.
  /// - Returns: `nil` for what has no limits: an extreme, a count, the one value of a run, an equality.
  init?(_ objective: Scenario.Objective, runs: [Campaign.Objective]) {
    switch objective.bound {
    case .below(let quantity): (comparison, bound) = (.below, quantity.result)
    case .above(let quantity): (comparison, bound) = (.above, quantity.result)
    case .exactly: return nil
    }
    let quantile = objective.statistic.quantile
    guard quantile != nil || objective.statistic == .mean else { return nil }
    (name, text) = (objective.subject, objective.description)
    isAsked = objective.confidence != nil
    confidence = objective.confidence?.fraction ?? Self.usualConfidence
    let measured = runs.filter { $0.observed != nil }
    self.runs = measured.count
    let limits: Limits
    if let quantile, measured.contains(where: { !$0.values.isEmpty }) {
      values = measured.reduce(0) { $0 + $1.values.count }
      runsNeeded = ConfidenceInterval.fewestSamples(
        forQuantile: comparison == .below ? quantile : 1 - quantile, confidence: confidence)
      limits = Limits(quantile, of: measured.map(\.values), confidence: confidence)
    } else {
      values = measured.count
      runsNeeded = 2
      limits = Limits(ofMeanOf: measured, confidence: confidence)
    }
    (estimate, self.lower, self.upper) = (limits.estimate, limits.lower, limits.upper)
    let (limit, lower, upper) = (bound.magnitude, limits.lower, limits.upper)
    switch comparison {
    case .below:
      if let upper, upper < limit {
        holds = true
      } else {
        holds = if let lower, lower >= limit { false } else { nil }
      }
    case .above, .exactly:
      if let lower, lower > limit {
        holds = true
      } else {
        holds = if let upper, upper <= limit { false } else { nil }
      }
    }
  }

  private struct Limits {
    var estimate: Double?
    var lower: Double?
    var upper: Double?

    /// - Parameter runs: the values of each run; none is empty.
    init(_ quantile: Double, of runs: [[ObjectiveResult.Value]], confidence: Double) {
      let runs = runs.filter { !$0.isEmpty }
      func most(_ value: ObjectiveResult.Value) -> Double {
        value.isAtLeast ? .infinity : value.magnitude
      }
      // The smallest value that this share does not exceed, as in one run.
      let all = runs.flatMap { $0.map(most) }.sorted()
      let rank = Int((Double(all.count) * quantile).rounded(.up))
      estimate = all.isEmpty ? nil : all[max(rank, 1) - 1]
      lower = ConfidenceInterval.lowerBound(
        ofQuantile: quantile, of: runs.compactMap { $0.map(\.magnitude).min() },
        confidence: confidence)
      upper = ConfidenceInterval.upperBound(
        ofQuantile: quantile, of: runs.compactMap { $0.map(most).max() }, confidence: confidence)
      if estimate == .infinity { estimate = nil }
      if upper == .infinity { upper = nil }
    }

    init(ofMeanOf runs: [Campaign.Objective], confidence: Double) {
      let values = runs.compactMap(\.observed)
      let bounds = ConfidenceInterval.bounds(ofMeanOf: values, confidence: confidence)
      lower = bounds?.lower
      if runs.contains(where: \.isAtLeast) { return }
      estimate = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
      upper = bounds?.upper
    }
  }

  /// A value of this objective, such as ``upper``, with its unit.
  public func quantity(_ magnitude: Double) -> Quantity { bound.with(magnitude: magnitude) }

  /// Why the campaign does not show that the bound holds; `nil` if it does.
  public var reason: String? {
    if holds == true { return nil }
    let percent = FixedPoint.string(confidence * 100, decimals: 0)
    if runs == 0 { return "objective \(text): no run had anything to measure" }
    if lower == nil, upper == nil, runs < runsNeeded {
      return "objective \(text): \(runs) \(runs == 1 ? "run has" : "runs have") a value, and to be"
        + " \(percent) % sure takes at least \(runsNeeded)"
    }
    return holds == false
      ? "objective \(text): it does not hold, with a confidence of \(percent) %"
      : "objective \(text): these runs show with a confidence of \(percent) % neither that it holds"
        + " nor that it does not; more seeds may"
  }
}
