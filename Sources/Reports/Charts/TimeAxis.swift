import Simulation
import Statistics

/// The horizontal axis that every chart of the timeline shares.
struct TimeAxis {
  let start: Instant
  let end: Instant
  /// The pixels of the start and of the end.
  let left: Double
  let right: Double

  init(start: Instant = .start, end: Instant, left: Double, right: Double) {
    self.start = start
    self.end = max(end, start + .nanoseconds(1))
    self.left = left
    self.right = right
  }

  /// The pixel of an instant; instants outside the axis are moved to its border.
  func x(_ instant: Instant) -> Double {
    let share = min(max((instant - start) / (end - start), 0), 1)
    return left + share * (right - left)
  }

  /// Round instants, ten intervals at most.
  var ticks: [Instant] {
    let steps: [Int64] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400,
    ]
    let seconds = (end - start).nanoseconds / 1_000_000_000
    let step = steps.first { seconds / $0 <= 10 } ?? seconds / 8
    let first = (start.nanoseconds + step * 1_000_000_000 - 1) / (step * 1_000_000_000)
    let last = max(first, end.nanoseconds / (step * 1_000_000_000))
    return (first...last).map { .start + .seconds($0 * step) }
  }

  /// Whether any of a stretch of time lies on the axis.
  func shows(from first: Instant, to last: Instant) -> Bool { first <= end && last >= start }

  /// Minutes and seconds since the start, hours if there are any: `1:05`.
  static func label(of instant: Instant) -> String {
    let seconds = Int(instant.nanoseconds / 1_000_000_000)
    let (minutes, rest) = seconds.quotientAndRemainder(dividingBy: 60)
    if minutes < 60 { return "\(minutes):\(FixedPoint.padded(rest, width: 2))" }
    let minute = FixedPoint.padded(minutes % 60, width: 2)
    return "\(minutes / 60):\(minute):\(FixedPoint.padded(rest, width: 2))"
  }
}
