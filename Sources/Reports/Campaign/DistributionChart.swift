import Scenarios
import Simulation
import Statistics

/// The values of an objective over the seeds as dots on a line, with its bound and the range of the median.
///
///                         │ below 30 s
///     · ·::·:··   ·  ·    │    ·
///        ├─┤ median
struct DistributionChart {
  private let distribution: ObjectiveDistribution

  private static let left = 20.0
  private static let right = 900.0

  init(_ distribution: ObjectiveDistribution) { self.distribution = distribution }

  /// The figure with its caption; empty without values.
  var figure: String {
    guard !distribution.values.isEmpty else { return "" }
    let name = SVGCanvas.escaped(distribution.objective.description)
    return
      "<figure>\(markup)<figcaption>\(name): a dot a seed; the bar is where the median of all seeds "
      + "lies with a confidence of 95 %.</figcaption></figure>\n"
  }

  private var markup: String {
    let unit = distribution.objective.unit
    let bound = distribution.objective.boundMagnitude
    let values = distribution.values.map(\.value)
    let scale = ValueScale(fitting: values + [bound], unit: unit == .time ? .duration : .rate)
    func x(_ value: Double) -> Double {
      Self.left + scale.position(of: value) * (Self.right - Self.left)
    }
    // Dots of one place are put on top of each other.
    var stacks: [(x: Double, count: Int)] = []
    var dots: [(x: Double, row: Int, isMissed: Bool)] = []
    for entry in distribution.values.sorted(by: { ($0.value, $0.seed) < ($1.value, $1.seed) }) {
      let place = x(entry.value)
      if let last = stacks.last, place - last.x < 6 {
        stacks[stacks.count - 1].count += 1
      } else {
        stacks.append((place, 1))
      }
      let top = stacks[stacks.count - 1]
      dots.append((top.x, top.count - 1, entry.passed == false))
    }
    let rows = Double(max(3, min(24, stacks.map(\.count).max() ?? 1)))
    let bottom = rows * 6 + 20
    var canvas = SVGCanvas(
      width: TimelineChart.width, height: bottom + 40,
      title: "\(distribution.objective.description) over \(values.count) seeds")
    canvas.line(from: (Self.left, bottom), to: (Self.right, bottom), style: "base")
    for tick in scale.ticks {
      canvas.line(from: (x(tick), bottom), to: (x(tick), bottom + 5), style: "base")
      canvas.text(
        CampaignPage.text(tick, unit), x: x(tick), y: bottom + 36, anchor: .middle, style: "tick")
    }
    for dot in dots {
      let y = bottom - 7 - min(Double(dot.row), rows) * 6
      canvas.rectangle(
        x: dot.x - 2.5, y: y, width: 5, height: 5, style: dot.isMissed ? "dot failed" : "dot")
    }
    canvas.line(from: (x(bound), 4), to: (x(bound), bottom), style: "bound")
    let isLeft = x(bound) > Self.right - 160
    canvas.text(
      "bound \(CampaignPage.text(bound, unit))", x: x(bound) + (isLeft ? -6 : 6), y: 14,
      anchor: isLeft ? .end : .start, style: "bound-label")
    if let median = distribution.median {
      let y = bottom + 12
      canvas.line(from: (x(median.lower), y), to: (x(median.upper), y), style: "interval")
      for end in [median.lower, median.upper] {
        canvas.line(from: (x(end), y - 4), to: (x(end), y + 4), style: "interval")
      }
    }
    return canvas.markup
  }
}
