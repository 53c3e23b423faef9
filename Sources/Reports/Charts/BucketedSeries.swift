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

  /// The buckets of the series that are shown.
  private let shown: Range<Int>
  /// How many buckets of the series make one of the chart.
  private let factor: Int

  private static let mostBuckets = 420

  /// - Parameter start: where the chart begins; the bucket in which it lies is the first.
  init(_ series: TimeSeries, from start: Instant = .start, end: Instant) {
    let width = series.bucket.nanoseconds
    let last = min(series.count, Int((end.nanoseconds + width - 1) / width))
    shown = min(Int(start.nanoseconds / width), last)..<last
    factor = max(1, (shown.count + Self.mostBuckets - 1) / Self.mostBuckets)
    var borders: [Instant] = []
    for index in stride(from: shown.lowerBound, to: shown.upperBound, by: factor) {
      borders.append(series.start(of: index))
    }
    if !shown.isEmpty { borders.append(min(series.start(of: shown.upperBound), end)) }
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
    let values = values[shown.clamped(to: values.indices)]
    return stride(from: values.startIndex, to: values.endIndex, by: factor).map {
      values[$0..<min($0 + factor, values.endIndex)]
    }
  }
}
