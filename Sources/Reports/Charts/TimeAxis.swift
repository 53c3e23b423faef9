import Simulation
import Statistics

/// The horizontal axis that every chart of the timeline shares.
struct TimeAxis {
  let end: Instant
  /// The pixels of the start and of the end.
  let left: Double
  let right: Double

  init(end: Instant, left: Double, right: Double) {
    self.end = max(end, .start + .nanoseconds(1))
    self.left = left
    self.right = right
  }

  /// The pixel of an instant; instants outside the run are moved to its border.
  func x(_ instant: Instant) -> Double {
    let share = min(max(instant.sinceStart / end.sinceStart, 0), 1)
    return left + share * (right - left)
  }

  /// Round instants, ten intervals at most.
  var ticks: [Instant] {
    let steps: [Int64] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400,
    ]
    let seconds = end.nanoseconds / 1_000_000_000
    let step = steps.first { seconds / $0 <= 10 } ?? seconds / 8
    return (0...(seconds / step)).map { .start + .seconds($0 * step) }
  }

  /// Minutes and seconds since the start, hours if there are any: `1:05`.
  static func label(of instant: Instant) -> String {
    let seconds = Int(instant.nanoseconds / 1_000_000_000)
    let (minutes, rest) = seconds.quotientAndRemainder(dividingBy: 60)
    if minutes < 60 { return "\(minutes):\(FixedPoint.padded(rest, width: 2))" }
    let minute = FixedPoint.padded(minutes % 60, width: 2)
    return "\(minutes / 60):\(minute):\(FixedPoint.padded(rest, width: 2))"
  }
}
