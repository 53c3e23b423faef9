import Scenarios
import Simulation

/// A run in three parts: before the first fault, while something was broken or clients had not come back, and
/// after that.
struct RunPeriods {
  enum Period: String, CaseIterable {
    case before = "Before"
    case during = "During"
    case after = "After"
  }

  /// What a workload got in one of them.
  struct Figures {
    let commitsPerSecond: Double
    let errors: Int
    /// The mean of the buckets' medians, weighted with their commits; `nil` without a commit.
    let p50: Interval?
    /// The largest p99 of a bucket; `nil` without a commit.
    let worstP99: Interval?
    /// The longest stretch of buckets without any commit.
    let longestSilence: Interval
  }

  let faultStart: Instant
  let faultEnd: Instant
  private let series: TimeSeries
  private let warmUp: Instant
  private let end: Instant

  /// - Returns: `nil` if no fault began.
  init?(_ result: RunResult) {
    let faults = result.faults.filter { $0.start != nil }
    guard let first = faults.compactMap(\.start).min() else { return nil }
    let end = Instant.start + result.simulatedTime
    self.end = end
    let ends = faults.map { $0.end ?? end }
    let outages = result.failovers.flatMap(\.outages).map { $0.firstCommit ?? end }
    faultStart = first
    faultEnd = min((ends + outages).max() ?? end, end)
    series = result.series
    warmUp = .start + result.warmUp
  }

  /// - Parameter place: of the workload in the series.
  /// - Returns: `nil` if no whole bucket lies in the period.
  func figures(of place: Int, in period: Period) -> Figures? {
    let workload = series.workloads[place]
    let buckets = (0..<series.count).filter { belongs($0, to: period) }
    if buckets.isEmpty { return nil }
    let commits = buckets.reduce(0) { $0 + workload.committed[$1] }
    let seconds = series.bucket.seconds * Double(buckets.count)
    var weighted: Int64 = 0
    for bucket in buckets {
      weighted += (workload.p50[bucket] ?? .zero).nanoseconds * Int64(workload.committed[bucket])
    }
    var (silence, longest) = (0, 0)
    for bucket in buckets {
      silence = workload.committed[bucket] == 0 ? silence + 1 : 0
      longest = max(longest, silence)
    }
    return Figures(
      commitsPerSecond: Double(commits) / seconds,
      errors: buckets.reduce(0) { $0 + workload.errors[$1] },
      p50: commits > 0 ? .nanoseconds(weighted / Int64(commits)) : nil,
      worstP99: buckets.compactMap { workload.p99[$0] }.max(),
      longestSilence: .nanoseconds(series.bucket.nanoseconds * Int64(longest)))
  }

  /// A bucket in which a fault begins or ends is one of those in between.
  private func belongs(_ bucket: Int, to period: Period) -> Bool {
    let start = series.start(of: bucket)
    let end = start + series.bucket
    guard start >= warmUp, end <= self.end else { return false }
    switch period {
    case .before: return end <= faultStart
    case .after: return start >= faultEnd
    case .during: return end > faultStart && start < faultEnd
    }
  }
}
