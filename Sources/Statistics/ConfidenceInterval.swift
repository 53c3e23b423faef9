import CGSL

/// An estimate with the range in which the true value lies, and how often such a range is right.
public struct ConfidenceInterval: Equatable, Sendable {
  public let estimate: Double
  public let lower: Double
  public let upper: Double
  /// The share of repetitions in which the range holds the true value; for a quantile at least.
  public let confidence: Double

  public init(estimate: Double, lower: Double, upper: Double, confidence: Double) {
    self.estimate = estimate
    self.lower = lower
    self.upper = upper
    self.confidence = confidence
  }

  /// The mean of independent samples, by Student's t with n - 1 degrees of freedom.
  ///
  /// - Parameter confidence: between 0 and 1, such as 0.95.
  /// - Returns: `nil` for fewer than two samples.
  public static func mean(of samples: [Double], confidence: Double) -> ConfidenceInterval? {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    guard let summary = Summary(of: samples), let deviation = summary.standardDeviation else {
      return nil
    }
    let count = Double(summary.count)
    let halfWidth =
      gsl_cdf_tdist_Pinv(1 - (1 - confidence) / 2, count - 1) * deviation / count.squareRoot()
    let mean = summary.mean
    return ConfidenceInterval(
      estimate: mean, lower: mean - halfWidth, upper: mean + halfWidth, confidence: confidence)
  }

  /// A quantile of independent samples, between two of the samples themselves.
  ///
  /// The number of samples below the true quantile is binomial whatever the distribution is, so
  /// the range between two order statistics holds it with a probability that needs no assumption.
  /// The range is the one that leaves at most half of the rest on either side.
  ///
  /// - Returns: `nil` if there are too few samples for any range: for p95 at 95 % it takes 72.
  ///
  /// Source: David and Nagaraja, "Order Statistics", 3rd edition, §7.1.
  public static func quantile(
    _ quantile: Double, of samples: [Double], confidence: Double
  ) -> ConfidenceInterval? {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    precondition(quantile > 0 && quantile < 1, "a quantile of \(quantile)")
    guard let summary = Summary(of: samples) else { return nil }
    let tail = (1 - confidence) / 2
    guard
      let lower = lowerRank(quantile, count: summary.count, tail: tail),
      let upper = upperRank(quantile, count: summary.count, tail: tail)
    else { return nil }
    return ConfidenceInterval(
      estimate: summary.quantile(quantile), lower: summary.sorted[lower - 1],
      upper: summary.sorted[upper - 1], confidence: confidence)
  }

  /// The sample below which the true quantile lies with the given confidence: what an objective of
  /// the form "p95 below 35 s" has to compare with its bound.
  ///
  /// - Returns: `nil` if there are too few samples: for p95 at 95 % it takes 59.
  public static func upperBound(
    ofQuantile quantile: Double, of samples: [Double], confidence: Double
  ) -> Double? {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    precondition(quantile > 0 && quantile < 1, "a quantile of \(quantile)")
    guard let summary = Summary(of: samples),
      let rank = upperRank(quantile, count: summary.count, tail: 1 - confidence)
    else { return nil }
    return summary.sorted[rank - 1]
  }

  /// The sample above which the true quantile lies with the given confidence.
  ///
  /// - Returns: `nil` if there are too few samples.
  public static func lowerBound(
    ofQuantile quantile: Double, of samples: [Double], confidence: Double
  ) -> Double? {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    precondition(quantile > 0 && quantile < 1, "a quantile of \(quantile)")
    guard let summary = Summary(of: samples),
      let rank = lowerRank(quantile, count: summary.count, tail: 1 - confidence)
    else { return nil }
    return summary.sorted[rank - 1]
  }

  /// Below and above which the true mean lies, each with the given confidence, by Student's t.
  ///
  /// - Returns: `nil` for fewer than two samples.
  public static func bounds(
    ofMeanOf samples: [Double], confidence: Double
  ) -> (lower: Double, upper: Double)? {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    guard let summary = Summary(of: samples), let deviation = summary.standardDeviation else {
      return nil
    }
    let count = Double(summary.count)
    let width = gsl_cdf_tdist_Pinv(confidence, count - 1) * deviation / count.squareRoot()
    return (summary.mean - width, summary.mean + width)
  }

  /// What share of all trials there may be would succeed at most, with the given confidence, if `successes`
  /// of `count` did.
  ///
  /// Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
  /// binomial", Biometrika 26, 1934.
  public static func upperBound(
    ofShareWith successes: Int, of count: Int, confidence: Double
  ) -> Double {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    precondition(0 <= successes && successes <= count, "\(successes) of \(count)")
    if successes == count { return 1 }
    return gsl_cdf_beta_Pinv(confidence, Double(successes + 1), Double(count - successes))
  }

  /// How many samples it takes at least for ``upperBound(ofQuantile:of:confidence:)`` to have a value: as
  /// many as all stay below the quantile with a probability of at most `1 - confidence`.
  public static func fewestSamples(forQuantile quantile: Double, confidence: Double) -> Int {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    precondition(quantile > 0 && quantile < 1, "a quantile of \(quantile)")
    var (count, stay) = (1, quantile)
    while stay > 1 - confidence { (count, stay) = (count + 1, stay * quantile) }
    return count
  }

  /// The largest rank, from 1, whose order statistic exceeds the quantile with at most `tail`.
  private static func lowerRank(_ quantile: Double, count: Int, tail: Double) -> Int? {
    // The r-th smallest exceeds the quantile if fewer than r samples are below it.
    (1...count).last { gsl_cdf_binomial_P(UInt32($0 - 1), quantile, UInt32(count)) <= tail }
  }

  /// The smallest rank, from 1, whose order statistic falls short of the quantile with at most
  /// `tail`.
  private static func upperRank(_ quantile: Double, count: Int, tail: Double) -> Int? {
    (1...count).first { gsl_cdf_binomial_Q(UInt32($0 - 1), quantile, UInt32(count)) <= tail }
  }
}
