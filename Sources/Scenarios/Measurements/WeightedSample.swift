import Simulation
import Statistics

/// Whole numbers with weights, and the statistics of them that an objective may ask for.
///
/// A quantile is the smallest value that the asked-for share of the weight does not exceed: always a
/// value that occurred, as in ``LatencyHistogram``.
struct WeightedSample {
  struct Value {
    let number: Int64
    let weight: Int64

    init(_ number: Int64, weight: Int64 = 1) { (self.number, self.weight) = (number, weight) }
  }

  /// In ascending order.
  private let values: [Value]

  init(_ values: [Value]) { self.values = values.sorted { $0.number < $1.number } }

  init(_ numbers: some Sequence<Int64>) { self.init(numbers.map { Value($0) }) }

  var isEmpty: Bool { values.isEmpty }
  var count: Int { values.count }
  var total: Int64 { values.reduce(0) { $0 + $1.weight } }

  /// `nil` without values, except for their count.
  func statistic(_ statistic: Scenario.Objective.Statistic) -> Double? {
    if statistic == .count { return Double(count) }
    guard let first = values.first, let last = values.last else { return nil }
    switch statistic {
    case .min: return Double(first.number)
    case .max: return Double(last.number)
    case .mean, .value:
      let sum = values.reduce(0.0) { $0 + Double($1.number) * Double($1.weight) }
      return sum / Double(total)
    default: return Double(quantile(thousandths: statistic.thousandths))
    }
  }

  /// - Precondition: it is not empty.
  func quantile(thousandths: Int64) -> Int64 {
    let total = total
    var reached: Int64 = 0
    for value in values {
      reached += value.weight
      if reached * 1000 >= thousandths * total { return value.number }
    }
    return values[values.count - 1].number
  }
}

/// Times without their order, and the statistics of them that an objective may ask for.
struct TimeSample {
  private(set) var histogram = LatencyHistogram()
  private var lowest = Interval.forever

  mutating func record(_ time: Interval) {
    histogram.record(time)
    lowest = min(lowest, time)
  }

  /// In nanoseconds; `nil` without values, except for their count.
  func statistic(_ statistic: Scenario.Objective.Statistic) -> Double? {
    if statistic == .count { return Double(histogram.count) }
    if histogram.isEmpty { return nil }
    let time =
      switch statistic {
      case .min: Optional(lowest)
      case .max: histogram.max
      case .mean, .value: histogram.mean
      default: histogram.quantile(Double(statistic.thousandths) / 1000)
      }
    return time.map { Double($0.nanoseconds) }
  }

  var summary: LatencySummary {
    guard let mean = histogram.mean, let p50 = histogram.quantile(0.5),
      let p95 = histogram.quantile(0.95), let p99 = histogram.quantile(0.99),
      let max = histogram.max
    else { return .none }
    return LatencySummary(
      count: histogram.count, mean: mean, p50: p50, p95: p95, p99: p99, max: max)
  }
}

extension Scenario.Objective.Statistic {
  fileprivate var thousandths: Int64 {
    guard let quantile else { preconditionFailure("\(rawValue) is no quantile") }
    return Int64((quantile * 1000).rounded())
  }
}
