import CGSL

/// How long something takes: a distribution, tabulated in whole nanoseconds.
///
/// The inverse of the distribution function is computed once, at 4,096 equally likely points; a draw is
/// one look-up. Hot paths stay out of the mathematical library, whose last bit differs between C
/// libraries, and no double is ever compared for ordering. The tail ends at the 1 - 1/8192 quantile.
public struct LatencyDistribution: Sendable {
  public enum Shape: Hashable, Codable, Sendable {
    case constant(Interval)
    case uniform(Interval, Interval)
    case exponential(mean: Interval)
    /// Cut off at zero.
    case normal(mean: Interval, deviation: Interval)
    /// Given by two quantiles that people know: the median and the 99th percentile.
    case lognormal(median: Interval, p99: Interval)
  }

  public let shape: Shape
  private let quantiles: [Int64]

  static let resolution = 4096

  public init(_ shape: Shape) {
    self.shape = shape
    if case .constant(let interval) = shape {
      quantiles = [max(0, interval.nanoseconds)]
      return
    }
    quantiles = (0..<Self.resolution).map { index in
      let p = (Double(index) + 0.5) / Double(Self.resolution)
      return max(0, Int64(Self.quantile(p, of: shape).rounded()))
    }
  }

  public static func constant(_ interval: Interval) -> LatencyDistribution {
    LatencyDistribution(.constant(interval))
  }

  public static func lognormal(median: Interval, p99: Interval) -> LatencyDistribution {
    LatencyDistribution(.lognormal(median: median, p99: p99))
  }

  /// One draw. A constant draws nothing from the stream.
  @inline(__always)
  public func draw(from random: RandomStream) -> Interval {
    if quantiles.count == 1 { return .nanoseconds(quantiles[0]) }
    return .nanoseconds(quantiles[Int(random.next() >> 52)])
  }

  /// The quantile in nanoseconds.
  private static func quantile(_ p: Double, of shape: Shape) -> Double {
    switch shape {
    case .constant(let interval):
      return Double(interval.nanoseconds)
    case .uniform(let low, let high):
      return gsl_cdf_flat_Pinv(p, Double(low.nanoseconds), Double(high.nanoseconds))
    case .exponential(let mean):
      return gsl_cdf_exponential_Pinv(p, Double(mean.nanoseconds))
    case .normal(let mean, let deviation):
      return Double(mean.nanoseconds) + gsl_cdf_gaussian_Pinv(p, Double(deviation.nanoseconds))
    case .lognormal(let median, let p99):
      let zeta = gsl_log1p(Double(median.nanoseconds) - 1)
      let upper = gsl_log1p(Double(p99.nanoseconds) - 1)
      return gsl_cdf_lognormal_Pinv(p, zeta, (upper - zeta) / gsl_cdf_ugaussian_Pinv(0.99))
    }
  }
}
