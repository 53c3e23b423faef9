import Statistics

/// What the numbers of an axis are.
enum AxisUnit {
  /// In seconds, labelled in the unit that suits.
  case duration
  /// Per second.
  case rate
  case count
  /// In ACU.
  case capacity
  /// From 0 to 1, labelled in per cent.
  case share
}

/// A vertical axis: from values to heights and to ticks.
struct ValueScale {
  /// In the axis's base unit.
  let lowest: Double
  let highest: Double
  let isLogarithmic: Bool
  let unit: AxisUnit
  /// In ascending order.
  let ticks: [Double]

  /// Chooses a scale that fits the values.
  ///
  /// Linear scales begin at zero, so that heights compare as the values do. If the largest value
  /// is more than fifty times the smallest, a scale of durations is logarithmic, since a linear one would press everything but the worst onto the floor.
  init(fitting values: some Sequence<Double>, unit: AxisUnit) {
    self.unit = unit
    var (smallest, largest) = (Double.infinity, 0.0)
    for value in values where value > 0 {
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    if unit == .duration, largest > smallest * 50 {
      // Some air below the smallest, so that a curve does not run along the floor.
      let bottom = Decimals.niceFloor(of: smallest / 1.3)
      let top = Decimals.niceCeiling(of: largest)
      let first = Int(Decimals.logarithm(bottom).rounded(.up))
      let last = Int(Decimals.logarithm(top).rounded(.down))
      isLogarithmic = true
      (lowest, highest) = (bottom, top)
      ticks = (first...max(first, last)).map(Decimals.power)
      return
    }
    isLogarithmic = false
    lowest = 0
    let step = Self.step(for: largest, unit: unit)
    let count = max(1, Int((largest / step - 1e-9).rounded(.up)))
    highest = step * Double(count)
    ticks = (0...count).map { Double($0) * step }
  }

  /// A step of 1, 2 or 5 times a power of ten that gives three ticks or four above zero.
  private static func step(for largest: Double, unit: AxisUnit) -> Double {
    if unit == .share { return [0.01, 0.02, 0.05, 0.1, 0.25].first { $0 * 3 >= largest } ?? 0.5 }
    let smallest = unit == .duration ? 1e-6 : unit == .count ? 1 : 0.5
    guard largest > 0 else { return smallest }
    let raw = largest / 4
    let power = Decimals.power(Int(Decimals.logarithm(raw).rounded(.down)))
    let step = [1.0, 2, 5, 10].first { $0 * power >= raw * 0.999 } ?? 10
    return max(step * power, smallest)
  }

  /// From 0 at the bottom to 1 at the top; values outside are cut off.
  func position(of value: Double) -> Double {
    let position =
      isLogarithmic
      ? (Decimals.logarithm(max(value, lowest)) - Decimals.logarithm(lowest))
        / (Decimals.logarithm(highest) - Decimals.logarithm(lowest))
      : value / highest
    return min(1, max(0, position))
  }

  /// The label of a tick, with its unit where the title does not say it.
  func label(of tick: Double) -> String {
    switch unit {
    case .duration:
      if tick == 0 { return "0" }
      // All labels of a linear axis are in the unit of its largest.
      let (size, name) = Self.timeUnit(for: isLogarithmic ? tick : highest)
      return "\(Decimals.trimmed(tick / size)) \(name)"
    case .share: return "\(Decimals.trimmed(tick * 100)) %"
    case .rate, .count, .capacity: return Decimals.trimmed(tick)
    }
  }

  private static func timeUnit(for seconds: Double) -> (size: Double, name: String) {
    if seconds >= 0.999 { return (1, "s") }
    return seconds >= 0.000_999 ? (1e-3, "ms") : (1e-6, "µs")
  }
}
