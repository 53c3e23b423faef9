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
      guard let start = fault.start else { continue }
      let (left, right) = (axis.x(start), axis.x(fault.end ?? fault.plannedEnd ?? axis.end))
      let width = TextMetrics.width(of: Self.label(fault), size: 12) + 2 * Self.gap
      measured.append((fault, left, right, right + width > TimelineChart.width))
    }
    let rows = LabelPlacement.rows(
      for: measured.map { entry in
        let width = TextMetrics.width(of: Self.label(entry.fault), size: 12) + 2 * Self.gap
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
    for lane in lanes {
      canvas.rectangle(
        x: lane.left, y: top, width: max(lane.right - lane.left, 1), height: bottom - top,
        style: lane.fault.tookEffect ? "shade" : "shade void")
    }
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
    return "\(fault.id): \(fault.kind) \(fault.targets)\(effect)"
  }
}
