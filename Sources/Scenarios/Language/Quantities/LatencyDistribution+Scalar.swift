internal import Simulation

extension LatencyDistribution.Shape: ScalarValue {
  init?(scalar: String) {
    if let constant = Interval(scalar: scalar) {
      self = .constant(constant)
      return
    }
    guard let call = CallText(scalar) else { return nil }
    switch call.name {
    case "constant":
      guard let values: [Interval] = call.values(labelled: [nil]) else { return nil }
      self = .constant(values[0])
    case "uniform":
      guard let values: [Interval] = call.values(labelled: [nil, nil]), values[0] <= values[1]
      else { return nil }
      self = .uniform(values[0], values[1])
    case "exponential":
      guard let values: [Interval] = call.values(labelled: [nil]), values[0] > .zero else {
        return nil
      }
      self = .exponential(mean: values[0])
    case "normal":
      guard let values: [Interval] = call.values(labelled: [nil, nil]) else { return nil }
      self = .normal(mean: values[0], deviation: values[1])
    case "lognormal":
      guard let values: [Interval] = call.values(labelled: [nil, "p99"]), values[0] > .zero,
        values[0] < values[1]
      else { return nil }
      self = .lognormal(median: values[0], p99: values[1])
    default:
      return nil
    }
  }

  var scalar: String {
    switch self {
    case .constant(let interval): "constant(\(interval))"
    case .uniform(let low, let high): "uniform(\(low), \(high))"
    case .exponential(let mean): "exponential(\(mean))"
    case .normal(let mean, let deviation): "normal(\(mean), \(deviation))"
    case .lognormal(let median, let p99): "lognormal(\(median), p99=\(p99))"
    }
  }

  static var expectation: String {
    "a duration, constant(x), uniform(low, high), exponential(mean), normal(mean, deviation) or"
      + " lognormal(median, p99=x), each with units"
  }
}

extension LatencyDistribution.Shape {
  /// What to expect of a draw: the mean, or the median of a lognormal distribution. Truncation is left out.
  var usual: Interval {
    switch self {
    case .constant(let value), .exponential(let value), .normal(let value, _),
      .lognormal(let value, _):
      value
    case .uniform(let low, let high): low + (high - low) / 2
    }
  }
}
