public import Scenarios
import Simulation
import Statistics

/// The metrics of two runs beside one another: what `borealis diff` prints.
public struct MetricComparison {
  private struct Row {
    let metric: String
    let statistic: String
    let first: Quantity?
    let second: Quantity?
  }

  private let rows: [Row]

  /// Metrics in the order of the first run, then those that only the second has.
  public init(_ first: RunResult, _ second: RunResult) {
    func value(_ wanted: MetricResult, in result: RunResult) -> Quantity? {
      result.metrics.first { $0.metric == wanted.metric && $0.statistic == wanted.statistic }?.value
    }
    let more = second.metrics.filter { value($0, in: first) == nil }
    rows = (first.metrics + more).map { metric in
      Row(
        metric: metric.metric, statistic: metric.statistic, first: value(metric, in: first),
        second: value(metric, in: second))
    }
  }

  /// A table of the metrics that differ, with the difference as an amount and as a share of the first, and
  /// how many are equal; columns are aligned.
  public var text: String {
    let differing = rows.filter { $0.first != $0.second }
    let equal = rows.count - differing.count
    let count = "\(Words.count(equal, "metric")) \(equal == 1 ? "is" : "are") equal\n"
    if differing.isEmpty { return rows.isEmpty ? "" : count }
    var cells = [["metric", "", "A", "B", "B - A", ""]]
    for row in differing {
      cells.append([
        row.metric, row.statistic, row.first?.description ?? "none",
        row.second?.description ?? "none", Self.difference(of: row), Self.share(of: row),
      ])
    }
    let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for row in cells {
      var line = ""
      for (column, (cell, width)) in zip(row, widths).enumerated() {
        let gap = String(repeating: " ", count: width - cell.count)
        // Names on the left, amounts on the right of their columns.
        line += (column < 2 ? cell + gap : gap + cell) + "  "
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text + count
  }

  private static func difference(of row: Row) -> String {
    guard let first = row.first, let second = row.second else { return "" }
    let text: String
    switch (first, second) {
    case (.duration(let one), .duration(let other)):
      text = Quantity.duration(other - one).description
    case (.rate(let one), .rate(let other)): text = Quantity.rate(other - one).description
    case (.ratio(let one), .ratio(let other)): text = Quantity.ratio(other - one).description
    case (.count(let one), .count(let other)): text = Quantity.count(other - one).description
    case (.capacity(let one), .capacity(let other)):
      text = Quantity.capacity(other - one).description
    case (.bytes(let one), .bytes(let other)): text = Quantity.bytes(other - one).description
    default: return ""
    }
    return text.hasPrefix("-") ? text : "+" + text
  }

  private static func share(of row: Row) -> String {
    guard let first = row.first?.magnitude, let second = row.second?.magnitude, first != 0 else {
      return ""
    }
    let share = (second - first) / first.magnitude * 100
    return (share < 0 ? "" : "+") + "\(FixedPoint.string(share, decimals: 1)) %"
  }
}
