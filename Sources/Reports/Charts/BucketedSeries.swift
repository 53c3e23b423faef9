import Scenarios
import Simulation

/// The series of a run in buckets wide enough to be drawn, as curves.
///
/// A chart has some eight hundred pixels, so neighbouring buckets of a long run are put together:
/// counts are added, lags and p99 keep the worst, p50 is weighted by commits, loads are averaged. The
/// CSV files always have every bucket.
struct BucketedSeries {
  /// Where each bucket begins and the last one ends.
  let borders: [Instant]

  private let series: TimeSeries
  /// How many buckets of the series make one of the chart.
  private let factor: Int

  private static let mostBuckets = 420

  init(_ series: TimeSeries, end: Instant) {
    self.series = series
    factor = max(1, (series.count + Self.mostBuckets - 1) / Self.mostBuckets)
    var borders: [Instant] = []
    for index in stride(from: 0, to: series.count, by: factor) {
      borders.append(series.start(of: index))
    }
    if series.count > 0 { borders.append(min(series.start(of: series.count), end)) }
    self.borders = borders
  }

  func rates(_ counts: [Int]) -> [Double?] {
    groups(of: counts).enumerated().map { place, group in
      guard place + 1 < borders.count else { return nil }
      let width = borders[place].duration(to: borders[place + 1]).seconds
      return width > 0 ? Double(group.reduce(0, +)) / width : nil
    }
  }

  func worst(_ values: [Interval?]) -> [Double?] {
    groups(of: values).map { $0.compactMap { $0 }.max()?.seconds }
  }

  func mean(_ values: [Interval?], weights: [Int]) -> [Double?] {
    zip(groups(of: values), groups(of: weights)).map { values, weights in
      var (sum, total) = (Int64(0), Int64(0))
      for (value, weight) in zip(values, weights) {
        guard let value else { continue }
        sum += value.nanoseconds * Int64(weight)
        total += Int64(weight)
      }
      return total > 0 ? Interval(nanoseconds: sum / total).seconds : nil
    }
  }

  func mean(_ values: [Double?]) -> [Double?] {
    groups(of: values).map { group in
      let known = group.compactMap { $0 }
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
  }

  private func groups<Value>(of values: [Value]) -> [ArraySlice<Value>] {
    stride(from: 0, to: values.count, by: factor).map {
      values[$0..<min($0 + factor, values.count)]
    }
  }
}
