import CGSL

/// How long something takes: a distribution, tabulated in whole nanoseconds, or in the least power of two of
/// them with which its longest fits into 32 bits. (Half the size keeps twice as many tables in the
/// processor's cache, and each packet and each flush looks into one.)
///
/// The inverse of the distribution function is computed once, at 4,096 equally likely points; a draw is
/// one look-up. Hot paths stay out of the mathematical library, whose last bit differs between C
/// libraries, and no double is ever compared for ordering.
///
/// The last of the points stands for all that is longer: a draw that falls there is made of the distribution
/// itself, by the bits that the look-up has left over. So the tail has no end but that of 64 random bits, and is the
/// one that the shape says: nothing is fitted to it.
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
  private let quantiles: [UInt32]
  /// A quantile is so many times doubled.
  private let shift: Int

  static let resolution = 4096

  public init(_ shape: Shape) {
    self.shape = shape
    var exact: [Int64] = []
    if case .constant(let interval) = shape {
      exact = [max(0, interval.nanoseconds)]
    } else {
      exact = (0..<Self.resolution).map { index in
        let p = (Double(index) + 0.5) / Double(Self.resolution)
        return max(0, Int64(Self.quantile(p, of: shape).rounded()))
      }
    }
    let longest = exact.max() ?? 0
    let shift = max(0, Int64.bitWidth - longest.leadingZeroBitCount - UInt32.bitWidth)
    self.shift = shift
    quantiles = exact.map { UInt32($0 >> Int64(shift)) }
  }

  /// The least that a draw gives.
  public var shortest: Interval { .nanoseconds(Int64(quantiles[0]) << Int64(shift)) }

  public static func constant(_ interval: Interval) -> LatencyDistribution {
    LatencyDistribution(.constant(interval))
  }

  public static func lognormal(median: Interval, p99: Interval) -> LatencyDistribution {
    LatencyDistribution(.lognormal(median: median, p99: p99))
  }

  /// One draw. A constant draws nothing from the stream.
  @inline(__always)
  public func draw(from random: RandomStream) -> Interval {
    if quantiles.count == 1 { return .nanoseconds(Int64(quantiles[0]) << Int64(shift)) }
    let bits = random.next()
    let place = Int(bits >> 52)
    if place == Self.resolution - 1 { return drawTail(bits) }
    return .nanoseconds(Int64(quantiles[place]) << Int64(shift))
  }

  /// A draw beyond the last node but one of the table: one in 4,096.
  ///
  /// - Parameter bits: whose lower 52 say how far beyond.
  @inline(never)
  private func drawTail(_ bits: UInt64) -> Interval {
    let share = (Double(bits & (1 << 52 - 1)) + 0.5) * 0x1.0p-52
    let longer = share / Double(Self.resolution)
    return .nanoseconds(max(0, Int64(Self.quantile(above: longer, of: shape).rounded())))
  }

  /// What is exceeded with a small probability, in nanoseconds.
  private static func quantile(above q: Double, of shape: Shape) -> Double {
    switch shape {
    case .constant(let interval):
      return Double(interval.nanoseconds)
    case .uniform(let low, let high):
      return gsl_cdf_flat_Qinv(q, Double(low.nanoseconds), Double(high.nanoseconds))
    case .exponential(let mean):
      return gsl_cdf_exponential_Qinv(q, Double(mean.nanoseconds))
    case .normal(let mean, let deviation):
      return Double(mean.nanoseconds) + gsl_cdf_gaussian_Qinv(q, Double(deviation.nanoseconds))
    case .lognormal(let median, let p99):
      let (zeta, sigma) = lognormalParameters(median, p99)
      return gsl_cdf_lognormal_Qinv(q, zeta, sigma)
    }
  }

  private static func lognormalParameters(
    _ median: Interval, _ p99: Interval
  ) -> (zeta: Double, sigma: Double) {
    let zeta = gsl_log1p(Double(median.nanoseconds) - 1)
    let upper = gsl_log1p(Double(p99.nanoseconds) - 1)
    return (zeta, (upper - zeta) / gsl_cdf_ugaussian_Pinv(0.99))
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
      let (zeta, sigma) = lognormalParameters(median, p99)
      return gsl_cdf_lognormal_Pinv(p, zeta, sigma)
    }
  }
}
