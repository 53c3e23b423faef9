import Scenarios
import Simulation

/// The faults: a labelled bar for each above the charts, and a shade through all of them.
struct FaultLanes {
  private struct Lane {
    let fault: FaultResult
    let left: Double
    let right: Double
    let row: Int
    /// Whether the label stands left of the bar, for want of room on its right.
    let isLabelBefore: Bool
  }

  private let lanes: [Lane]
  let rowCount: Int

  private static let gap = 6.0

  init(_ faults: [FaultResult], axis: TimeAxis) {
    var measured: [(fault: FaultResult, left: Double, right: Double, isLabelBefore: Bool)] = []
    for fault in faults {
      guard let start = fault.start,
        axis.shows(from: start, to: fault.end ?? fault.plannedEnd ?? axis.end)
      else { continue }
      let (left, right) = (axis.x(start), axis.x(fault.end ?? fault.plannedEnd ?? axis.end))
      let width = TextMetrics.width(of: Self.label(fault), size: 12, isBold: true) + 2 * Self.gap
      measured.append((fault, left, right, right + width > TimelineChart.width))
    }
    let rows = LabelPlacement.rows(
      for: measured.map { entry in
        let width =
          TextMetrics.width(of: Self.label(entry.fault), size: 12, isBold: true) + 2 * Self.gap
        return entry.isLabelBefore
          ? (entry.left - width, entry.right) : (entry.left, entry.right + width)
      })
    lanes = zip(measured, rows).map { entry, row in
      Lane(
        fault: entry.fault, left: entry.left, right: entry.right, row: row,
        isLabelBefore: entry.isLabelBefore)
    }
    rowCount = (rows.max() ?? -1) + 1
  }

  func drawShades(from top: Double, to bottom: Double, on canvas: inout SVGCanvas) {
    for (tookEffect, style) in [(false, "shade void"), (true, "shade")] {
      for (left, right) in stretches(tookEffect: tookEffect) {
        canvas.rectangle(
          x: left, y: top, width: right - left, height: bottom - top, style: style)
      }
    }
    for lane in lanes where lane.fault.tookEffect {
      for x in [lane.left, lane.right] {
        canvas.line(from: (x, top), to: (x, bottom), style: "fault-edge")
      }
    }
  }

  /// Where at least one fault is on, in pixels: shades of many faults on top of each other would
  /// hide the curves.
  private func stretches(tookEffect: Bool) -> [(left: Double, right: Double)] {
    var stretches: [(left: Double, right: Double)] = []
    let chosen = lanes.filter { $0.fault.tookEffect == tookEffect }
    for lane in chosen.sorted(by: { $0.left < $1.left }) {
      let right = max(lane.right, lane.left + 1)
      if let last = stretches.last, lane.left <= last.right {
        stretches[stretches.count - 1].right = max(last.right, right)
      } else {
        stretches.append((lane.left, right))
      }
    }
    return stretches
  }

  func drawLanes(top: Double, rowHeight: Double, on canvas: inout SVGCanvas) {
    for lane in lanes {
      let y = top + Double(lane.row) * rowHeight
      let style = lane.fault.tookEffect ? "fault" : "fault void"
      canvas.rectangle(
        x: lane.left, y: y + 3, width: max(lane.right - lane.left, 3), height: rowHeight - 9,
        style: style,
        tip: "\(Self.label(lane.fault)): \(lane.fault.victims.joined(separator: ", "))")
      canvas.text(
        Self.label(lane.fault),
        x: lane.isLabelBefore ? lane.left - Self.gap : max(lane.right, lane.left + 3) + Self.gap,
        y: y + 13.5, anchor: lane.isLabelBefore ? .end : .start, style: "fault-label")
    }
  }

  private static func label(_ fault: FaultResult) -> String {
    let effect = fault.tookEffect ? "" : " (had no effect)"
    let what = "\(fault.id): \(fault.kind) \(fault.targets)"
    // The table of faults has it all.
    return (what.count > 60 ? "\(what.prefix(58))…" : what) + effect
  }
}
