import CGSL

/// Samples of one quantity, sorted once, and what is asked of them.
public struct Summary: Equatable, Sendable {
  /// In ascending order; never empty.
  public let sorted: [Double]

  /// - Returns: `nil` without samples, of which nothing can be said.
  public init?(of samples: [Double]) {
    if samples.isEmpty { return nil }
    precondition(samples.allSatisfy { !$0.isNaN }, "a sample is not a number")
    sorted = samples.sorted()
  }

  public var count: Int { sorted.count }
  public var min: Double { sorted[0] }
  public var max: Double { sorted[count - 1] }
  public var median: Double { quantile(0.5) }

  public var mean: Double { gsl_stats_mean(sorted, 1, count) }

  /// The standard deviation with n - 1 degrees of freedom; `nil` for fewer than two samples.
  public var standardDeviation: Double? { count < 2 ? nil : gsl_stats_sd(sorted, 1, count) }

  /// The quantile by linear interpolation between neighbours, at `quantile * (count - 1)`.
  ///
  /// - Parameter quantile: from 0 to 1, both included.
  public func quantile(_ quantile: Double) -> Double {
    precondition((0...1).contains(quantile), "a quantile of \(quantile)")
    return gsl_stats_quantile_from_sorted_data(sorted, 1, count, quantile)
  }
}
