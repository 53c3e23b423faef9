import Scenarios
import Simulation
import Statistics

/// The values of an objective over the runs as dots on a line, with its bound and, below, the limits of what it comes
/// to over all seeds.
///
///                         │ below 30 s
///     · ·::·:··   ·  ·    │    ·
///        ├─┤ p95 of all values
struct DistributionChart {
  private let objective: PooledObjective

  private static let left = 20.0
  private static let right = 900.0

  init(_ objective: PooledObjective) { self.objective = objective }

  /// The figure with its caption; empty without values.
  var figure: String {
    guard !objective.runs.isEmpty else { return "" }
    let own =
      objective.measure == .runs ? "" : " at its own \(objective.objective.statistic.rawValue)"
    var caption = "\(objective.objective): a dot a run\(own)"
    if ends.count == 2 {
      caption +=
        "; the bar is where the \(objective.measureText) lies for all seeds, each end with a confidence of "
        + objective.percentage
    } else if !ends.isEmpty {
      caption +=
        "; the mark is the only limit of the \(objective.measureText) that so many runs have, with a confidence "
        + "of \(objective.percentage)"
    }
    return
      "<figure>\(markup)<figcaption>\(SVGCanvas.escaped(caption)).</figcaption></figure>\n"
  }

  /// The limits that there are.
  private var ends: [Double] {
    [objective.statistic.lower, objective.statistic.upper].compactMap(\.self)
  }

  private var markup: String {
    let unit = objective.objective.unit
    let bound = objective.bound.magnitude
    let values = objective.runs.map(\.value)
    let scale = ValueScale(
      fitting: values + ends + [bound], unit: unit == .time ? .duration : .rate)
    func x(_ value: Double) -> Double {
      Self.left + scale.position(of: value) * (Self.right - Self.left)
    }
    // Dots of one place are put on top of each other.
    var stacks: [(x: Double, count: Int)] = []
    var dots: [(x: Double, row: Int, isMissed: Bool)] = []
    for entry in objective.runs.sorted(by: { ($0.value, $0.seed) < ($1.value, $1.seed) }) {
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
      title: "\(objective.objective) over \(values.count) runs")
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
    let y = bottom + 12
    if let first = ends.first, let last = ends.last {
      canvas.line(from: (x(first), y), to: (x(last), y), style: "interval")
    }
    for end in ends {
      canvas.line(from: (x(end), y - 4), to: (x(end), y + 4), style: "interval")
    }
    return canvas.markup
  }
}
