import Simulation
public import Statistics

/// What an objective came to over all runs of a campaign, and how sure that is: the one account of it, which the
/// page, the tables, JUnit, the terminal and the campaign's verdict all show.
///
/// What can be said of all seeds that there might be depends on what the objective is of:
///
/// - *A quantile of few values in a run*, such as the p95 of outages, of which one failover has two: ``Measure/values``.
///   The p95 of two outages is the longer one and says little of all outages, so the values of all runs are pooled.
/// - *A quantile of many values in a run*, such as latencies, and *a mean*: ``Measure/means``. A run has thousands of
///   latencies and knows its own p99 well; what differs from seed to seed is the run. So the run's own statistic is
///   one value, and what is estimated is the mean of these over all seeds: the p99 that a run has on average. It is
///   not the p99 of all transactions of all runs together. That one would be made by the few runs with the worst
///   moments, and its limits would need every value of every run, since those of one run depend on each other.
/// - *An extreme, a count, the one value of a run, an equality*: ``Measure/runs``. Samples tell nothing of the
///   greatest of all values, so what is judged is every run by itself, and what can be said is how many of all
///   seeds may miss it after all (Clopper and Pearson).
///
/// A value that is only known to be at least so much counts as that for the lower limit, and as without limit
/// for the upper one. A run in which nothing could have gone beyond the bound, such as one in which nobody was served,
/// has nothing to measure and supports nothing.
public struct PooledObjective: Equatable, Sendable {
  /// What is made of the runs.
  public enum Measure: Equatable, Sendable {
    /// The quantile of all values of all runs.
    case values
    /// The mean of the runs' own statistics.
    case means
    /// Each run is judged by itself.
    case runs
  }

  /// What one run came to.
  public struct Run: Equatable, Sendable {
    public let seed: UInt64
    /// In the base unit.
    public let value: Double
    public let isAtLeast: Bool
    /// Whether the run met it by itself; `nil` if that cannot be told.
    public let passed: Bool?
  }

  public let objective: Scenario.Objective
  /// Metric, statistic and window, such as `failover.client_seen p95`.
  public let name: String
  public let measure: Measure
  public let comparison: ObjectiveResult.Comparison
  public let bound: Quantity
  /// Those that had something to measure, in order of their seeds.
  public let runs: [Run]
  /// How many runs met it by themselves, did not, or could not be judged; the latter with those that left no result.
  public let met: Int
  public let missed: Int
  public let unjudged: Int
  /// How many values the statistic is made from.
  public let valueCount: Int
  /// What it comes to; knows nothing where each run is judged by itself.
  public let statistic: PooledStatistic
  /// The largest share of all seeds that may miss it by themselves after all, with the confidence.
  public let largestMissingShare: Double
  /// Whether the scenario asks for a confidence, so that the campaign's verdict depends on it.
  public let isAsked: Bool
  /// Runs that it takes at least for a limit on the bound's side to exist; 0 where each run is judged by itself.
  public let runsNeeded: Int
  /// Whether the bound holds, with the confidence: `false` if it is broken with that confidence, `nil` if
  /// these runs do not show the one or the other. Where each run is judged by itself: whether all met it.
  public let holds: Bool?
  /// By how much a run's value changes with each second of its longest outage, with the same confidence; `nil` if too
  /// few runs had one, or if all were equally long, or for outages themselves.
  public let slope: ConfidenceInterval?

  /// What is made of it if the scenario asks for no confidence.
  public static let usualConfidence = 0.95

  /// - Parameters:
  ///   - place: of the objective among those of the scenario.
  ///   - outcomes: what each run came to.
  init(_ objective: Scenario.Objective, at place: Int, of outcomes: [Campaign.Outcome]) {
    self.objective = objective
    name = objective.subject
    (comparison, bound) = objective.comparisonAndBound
    isAsked = objective.confidence != nil
    let confidence = objective.confidence?.fraction ?? Self.usualConfidence
    let results = outcomes.map { place < $0.objectives.count ? $0.objectives[place] : nil }
    met = results.count { $0?.passed == true }
    missed = results.count { $0?.passed == false }
    unjudged = results.count - met - missed
    largestMissingShare = ConfidenceInterval.upperBound(
      ofShareWith: missed + unjudged, of: results.count, confidence: confidence)

    // A value that cannot be judged, although it is known, is one within the bound where nothing was at stake.
    let measured = zip(outcomes, results).compactMap { outcome, result in
      result.flatMap {
        $0.observed == nil || $0.passed == nil && !$0.isAtLeast ? nil : (outcome, $0)
      }
    }
    runs = measured.compactMap { outcome, result in
      result.observed.map {
        Run(seed: outcome.seed, value: $0, isAtLeast: result.isAtLeast, passed: result.passed)
      }
    }
    let quantile = objective.statistic.quantile
    if comparison == .exactly || quantile == nil && objective.statistic != .mean {
      measure = .runs
      (statistic, valueCount, runsNeeded) = (.init(unknownWith: confidence), runs.count, 0)
      holds = missed > 0 ? false : met > 0 && unjudged == 0 ? true : nil
    } else if let quantile, measured.contains(where: { !$0.1.values.isEmpty }) {
      measure = .values
      valueCount = measured.reduce(0) { $0 + $1.1.values.count }
      runsNeeded = ConfidenceInterval.fewestSamples(
        forQuantile: comparison == .below ? quantile : 1 - quantile, confidence: confidence)
      statistic = PooledStatistic(quantile, of: measured.map(\.1.values), confidence: confidence)
      holds = statistic.satisfies(comparison, bound.magnitude)
    } else {
      measure = .means
      (valueCount, runsNeeded) = (runs.count, 2)
      statistic = PooledStatistic(
        meanOf: runs.map { .init($0.value, isAtLeast: $0.isAtLeast) }, confidence: confidence)
      holds = statistic.satisfies(comparison, bound.magnitude)
    }
    let points = measured.compactMap { outcome, result -> (x: Double, y: Double)? in
      guard let outage = outcome.longestOutage, !outcome.outageGoesOn, let value = result.observed
      else { return nil }
      return (outage.seconds, value)
    }
    // An outage against itself says nothing.
    let isOutage = objective.metric.name.hasPrefix("failover.")
    slope = isOutage ? nil : LinearRegression(points)?.slope(confidence: confidence)
  }

  public var confidence: Double { statistic.confidence }

  /// The run that is closest to breaking the bound, or farthest beyond it.
  public var worst: Run? {
    switch comparison {
    case .below: runs.max { ($0.value, $0.isAtLeast ? 1 : 0) < ($1.value, $1.isAtLeast ? 1 : 0) }
    case .above: runs.min { $0.value < $1.value }
    case .exactly:
      runs.max { ($0.value - bound.magnitude).magnitude < ($1.value - bound.magnitude).magnitude }
    }
  }

  /// A value of this objective, such as the upper limit, with its unit.
  public func quantity(_ magnitude: Double) -> Quantity { bound.with(magnitude: magnitude) }

  /// `95 %`
  public var percentage: String { "\(FixedPoint.string(confidence * 100, decimals: 0)) %" }

  /// Why the campaign does not show that the bound holds; `nil` if it does.
  public var reason: String? {
    if holds == true { return nil }
    let subject = "objective \(objective)"
    if runs.isEmpty { return "\(subject): no run had anything to measure" }
    switch measure {
    case .runs:
      return "\(subject): \(missed) of \(met + missed + unjudged) runs did not meet it"
        + (unjudged > 0 ? ", and \(unjudged) could not be judged" : "")
    case .values, .means:
      if holds == false {
        return "\(subject): it does not hold, with a confidence of \(percentage)"
      }
      return runs.count < runsNeeded
        ? "\(subject): \(runs.count) \(runs.count == 1 ? "run has" : "runs have") a value, and to be"
          + " \(percentage) sure takes at least \(runsNeeded)"
        : "\(subject): these runs show with a confidence of \(percentage) neither that it holds"
          + " nor that it does not; more seeds may"
    }
  }
}

extension Scenario.Objective {
  fileprivate var comparisonAndBound: (ObjectiveResult.Comparison, Quantity) {
    switch bound {
    case .below(let quantity): (.below, quantity.result)
    case .above(let quantity): (.above, quantity.result)
    case .exactly(let quantity): (.exactly, quantity.result)
    }
  }
}
