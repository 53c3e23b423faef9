import Statistics

/// A statistic over the runs of a campaign, with the limits between which its true value lies.
///
/// Each limit is one-sided and holds with the confidence for itself: a bound is compared with one of them. Between
/// the two of them the true value lies with `2 * confidence - 1` at least.
public struct PooledStatistic: Equatable, Sendable {
  /// In the base unit; `nil` if there was nothing to measure, or if it is without limit.
  public let estimate: Double?
  /// Above this the true statistic lies, with the given confidence; `nil` with too few runs to tell.
  public let lower: Double?
  /// Below this it lies, with the given confidence; `nil` with too few runs, or without limit.
  public let upper: Double?
  /// From 0 to 1.
  public let confidence: Double

  /// A quantile of all values of all runs. The estimate is the smallest value that this share does not exceed, as in
  /// one run.
  ///
  /// The values of one run have their cause in common, and only runs are independent of each other. So the limits
  /// are order statistics of the runs, by the worst value of each for the upper limit and by the best for the lower
  /// one: right whatever the values of one run have to do with each other, and rather too wide.
  ///
  /// - Parameter runs: the values of each run; a run without any says nothing.
  init(_ quantile: Double, of runs: [[ObjectiveResult.Value]], confidence: Double) {
    self.confidence = confidence
    let runs = runs.filter { !$0.isEmpty }
    func most(_ value: ObjectiveResult.Value) -> Double {
      value.isAtLeast ? .infinity : value.magnitude
    }
    let all = runs.flatMap { $0.map(most) }.sorted()
    let rank = Int((Double(all.count) * quantile).rounded(.up))
    estimate = all.isEmpty ? nil : Self.finite(all[max(rank, 1) - 1])
    lower = ConfidenceInterval.lowerBound(
      ofQuantile: quantile, of: runs.compactMap { $0.map(\.magnitude).min() },
      confidence: confidence)
    upper = ConfidenceInterval.upperBound(
      ofQuantile: quantile, of: runs.compactMap { $0.map(most).max() }, confidence: confidence
    ).flatMap(Self.finite)
  }

  /// The mean of one value of each run, with the limits of Student's t.
  ///
  /// - Parameter values: one of each run; with one that is only known to be at least so much, neither the mean nor its
  ///   upper limit is known.
  init(meanOf values: [ObjectiveResult.Value], confidence: Double) {
    self.confidence = confidence
    let magnitudes = values.map(\.magnitude)
    let bounds = ConfidenceInterval.bounds(ofMeanOf: magnitudes, confidence: confidence)
    // Nothing that is measured can be negative, and so the mean cannot.
    lower = bounds.map { max(0, $0.lower) }
    let isKnown = !values.isEmpty && !values.contains(where: \.isAtLeast)
    estimate = isKnown ? magnitudes.reduce(0, +) / Double(magnitudes.count) : nil
    upper = isKnown ? bounds?.upper : nil
  }

  /// Of which nothing is known.
  init(unknownWith confidence: Double) {
    (estimate, lower, upper, self.confidence) = (nil, nil, nil, confidence)
  }

  private static func finite(_ value: Double) -> Double? { value == .infinity ? nil : value }

  /// Whether it is on the right side of the bound, with the confidence; `nil` if the runs do not show it.
  func satisfies(_ comparison: ObjectiveResult.Comparison, _ bound: Double) -> Bool? {
    switch comparison {
    case .below:
      if let upper, upper < bound { return true }
      return lower.map { $0 >= bound } == true ? false : nil
    case .above:
      if let lower, lower > bound { return true }
      return upper.map { $0 <= bound } == true ? false : nil
    case .exactly: return nil
    }
  }
}
