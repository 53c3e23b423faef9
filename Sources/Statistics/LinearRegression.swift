import CGSL

/// The straight line of least squares through points, with what is known of its error.
public struct LinearRegression: Equatable, Sendable {
  public let intercept: Double
  public let slope: Double
  /// How many points it was made from.
  public let count: Int
  /// The share of the variance of y that the line explains, from 0 to 1.
  public let determination: Double
  private let covariance: (intercept: Double, both: Double, slope: Double)

  /// Fits a line.
  ///
  /// - Returns: `nil` for fewer than three points, which leave no degree of freedom to tell the
  ///   error by, or if all x are equal.
  public init?(_ points: [(x: Double, y: Double)]) {
    let x = points.map(\.x)
    let y = points.map(\.y)
    guard points.count >= 3, let first = x.first, x.contains(where: { $0 != first }) else {
      return nil
    }
    var intercept = 0.0
    var slope = 0.0
    var (c00, c01, c11, residual) = (0.0, 0.0, 0.0, 0.0)
    gsl_fit_linear(
      x, 1, y, 1, points.count, &intercept, &slope, &c00, &c01, &c11, &residual)
    let total = gsl_stats_tss(y, 1, y.count)
    self.intercept = intercept
    self.slope = slope
    count = points.count
    determination = total == 0 ? 1 : max(0, 1 - residual / total)
    covariance = (c00, c01, c11)
  }

  /// The slope with its range, by Student's t with n - 2 degrees of freedom.
  public func slope(confidence: Double) -> ConfidenceInterval {
    interval(around: slope, error: covariance.slope.squareRoot(), confidence: confidence)
  }

  /// The height of the line at `x` with its range: of the mean there, not of one more sample.
  public func height(at x: Double, confidence: Double) -> ConfidenceInterval {
    var (y, error) = (0.0, 0.0)
    gsl_fit_linear_est(
      x, intercept, slope, covariance.intercept, covariance.both, covariance.slope, &y, &error)
    return interval(around: y, error: error, confidence: confidence)
  }

  private func interval(
    around estimate: Double, error: Double, confidence: Double
  ) -> ConfidenceInterval {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    let halfWidth = gsl_cdf_tdist_Pinv(1 - (1 - confidence) / 2, Double(count - 2)) * error
    return ConfidenceInterval(
      estimate: estimate, lower: estimate - halfWidth, upper: estimate + halfWidth,
      confidence: confidence)
  }

  public static func == (lhs: LinearRegression, rhs: LinearRegression) -> Bool {
    lhs.intercept == rhs.intercept && lhs.slope == rhs.slope && lhs.count == rhs.count
      && lhs.determination == rhs.determination && lhs.covariance == rhs.covariance
  }
}
