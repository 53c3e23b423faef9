import Simulation
public import Statistics

/// What the runs of a campaign observed of one objective: a value a seed, and what can be said of all seeds.
public struct ObjectiveDistribution: Equatable, Sendable {
  /// As the scenario words it, with its bound.
  public let objective: Scenario.Objective
  /// A seed's value in the base unit: seconds, per second, a count, ACU, bytes.
  public let values: [(seed: UInt64, value: Double, passed: Bool?)]
  /// How many runs met it, did not, or had nothing to be judged by.
  public let met: Int
  public let missed: Int
  public let unjudged: Int
  /// Of the values of seeds, with ranges in which those of all seeds lie with a confidence of 95 %; `nil` if
  /// there are too few seeds for one.
  public let median: ConfidenceInterval?
  public let high: ConfidenceInterval?
  public let mean: ConfidenceInterval?
  /// By how much the value changes with each second of the run's longest outage; `nil` if too few runs had
  /// one, or if all were equally long.
  public let slope: ConfidenceInterval?

  public static let confidence = 0.95
  /// The quantile that ``high`` is of: the upper one of a bound from above, the lower one of one from below.
  public let highQuantile: Double

  init(_ objective: Scenario.Objective, of outcomes: [Campaign.Outcome]) {
    self.objective = objective
    let observed = outcomes.compactMap { outcome in
      outcome.objectives.first { $0.name == objective.subject }.map { (outcome, $0) }
    }
    values = observed.compactMap { outcome, result in
      result.observed.map { (outcome.seed, $0, result.passed) }
    }
    met = observed.count { $0.1.passed == true }
    missed = observed.count { $0.1.passed == false }
    unjudged = observed.count { $0.1.passed == nil }
    let samples = values.map(\.value)
    highQuantile = if case .above = objective.bound { 0.05 } else { 0.95 }
    median = ConfidenceInterval.quantile(0.5, of: samples, confidence: Self.confidence)
    high = ConfidenceInterval.quantile(highQuantile, of: samples, confidence: Self.confidence)
    mean = ConfidenceInterval.mean(of: samples, confidence: Self.confidence)
    let points = observed.compactMap { outcome, result -> (x: Double, y: Double)? in
      guard let outage = outcome.longestOutage, let value = result.observed else { return nil }
      return (outage.seconds, value)
    }
    // An outage against itself says nothing.
    let isOutage = objective.metric.name.hasPrefix("failover.")
    slope = isOutage ? nil : LinearRegression(points)?.slope(confidence: Self.confidence)
  }

  public static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.objective == rhs.objective && lhs.values.elementsEqual(rhs.values, by: ==)
  }
}

extension Campaign {
  /// One for each objective of the scenario, in its order.
  public var distributions: [ObjectiveDistribution] {
    objectives.map { ObjectiveDistribution($0, of: outcomes) }
  }
}
