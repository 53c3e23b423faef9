import Simulation
import Statistics

/// Draws one panel: title, grid, curves, and a label for each curve where it ends.
struct PanelDrawing {
  let panel: Panel
  let axis: TimeAxis
  /// Where each bucket begins and the last one ends: one more than there are buckets.
  let borders: [Instant]
  /// The top of the plot.
  let top: Double

  private var bottom: Double { top + panel.height }

  /// The room that a title takes above its plot.
  static let titleHeight = 30.0
  private static let labelSpacing = Panel.labelSpacing

  func draw(on canvas: inout SVGCanvas) {
    let scale = panel.scale
    canvas.text(
      [(panel.title, "panel-title"), (panel.note, "muted")], x: axis.left, y: top - 10)
    canvas.line(from: (axis.left, bottom), to: (axis.right, bottom), style: "base")
    for tick in scale.ticks {
      let height = y(tick, scale)
      if tick != scale.lowest {
        canvas.line(from: (axis.left, height), to: (axis.right, height), style: "grid")
      }
      canvas.text(
        scale.label(of: tick), x: axis.left - 8, y: height + 4, anchor: .end, style: "tick")
    }
    canvas.group("class=\"curves\"") { canvas in
      switch panel.style {
      case .lines, .steps:
        for curve in panel.curves {
          let dash = curve.stroke.isDashed ? " stroke-dasharray=\"5 3\"" : ""
          canvas.path(
            path(of: curve, scale),
            style: "curve", paint: "style=\"stroke:\(curve.stroke.color)\"\(dash)")
        }
      case .columns: drawColumns(scale, on: &canvas)
      }
    }
    for bound in panel.bounds {
      let height = y(bound.value, scale)
      canvas.line(from: (axis.left, height), to: (axis.right, height), style: "bound")
      canvas.text(
        bound.label, x: axis.left + 6, y: height < top + 14 ? height + 14 : height - 4,
        style: "bound-label")
    }
    drawLabels(scale, on: &canvas)
  }

  private func y(_ value: Double, _ scale: ValueScale) -> Double {
    bottom - scale.position(of: value) * panel.height
  }

  private func path(of curve: Panel.Curve, _ scale: ValueScale) -> String {
    var data = ""
    var isDrawing = false
    for (bucket, value) in curve.values.enumerated() where bucket + 1 < borders.count {
      guard let value else {
        isDrawing = false
        continue
      }
      let (left, right) = (axis.x(borders[bucket]), axis.x(borders[bucket + 1]))
      let height = SVGCanvas.number(y(value, scale))
      let command = isDrawing ? "L" : "M"
      if panel.style == .steps {
        data += "\(command)\(SVGCanvas.number(left)) \(height)H\(SVGCanvas.number(right))"
      } else {
        let middle = SVGCanvas.number((left + right) / 2)
        let isAlone =
          !isDrawing
          && (bucket + 1 == curve.values.count || curve.values[bucket + 1] == nil)
        // A value between two gaps is a dot: a line of no length with round ends.
        data += "\(command)\(middle) \(height)" + (isAlone ? "h0" : "")
      }
      isDrawing = true
    }
    return data
  }

  private func drawColumns(_ scale: ValueScale, on canvas: inout SVGCanvas) {
    var floors = [Double](repeating: 0, count: max(0, borders.count - 1))
    for curve in panel.curves {
      var data = ""
      for (bucket, value) in curve.values.enumerated() where bucket < floors.count {
        guard let value, value > 0 else { continue }
        let (left, right) = (axis.x(borders[bucket]), axis.x(borders[bucket + 1]))
        let (low, high) = (y(floors[bucket], scale), y(floors[bucket] + value, scale))
        let gap = right - left > 3 ? 0.5 : 0
        data += "M\(SVGCanvas.number(left + gap)) \(SVGCanvas.number(low))"
        data += "V\(SVGCanvas.number(high))H\(SVGCanvas.number(right - gap))"
        data += "V\(SVGCanvas.number(low))Z"
        floors[bucket] += value
      }
      canvas.path(data, paint: "style=\"fill:\(curve.stroke.color)\"")
    }
  }

  /// The name of each curve at the height at which it ends; for columns, a key from the top down.
  private func drawLabels(_ scale: ValueScale, on canvas: inout SVGCanvas) {
    let named = panel.curves.filter(\.hasValues)
    let wished = named.enumerated().map { place, curve in
      if panel.style == .columns { return top + 7 + Double(place) * Self.labelSpacing }
      return y(curve.values.compactMap { $0 }.last ?? 0, scale)
    }
    let places = LabelPlacement.spread(
      wished, spacing: Self.labelSpacing, within: (top + 3)...max(top + 3, bottom - 1))
    for (curve, (wish, place)) in zip(named, zip(wished, places)) {
      let x = axis.right + 18
      if panel.style == .columns {
        canvas.rectangle(
          x: axis.right + 6, y: place - 4, width: 8, height: 8,
          paint: "style=\"fill:\(curve.stroke.color)\"")
      } else if (curve.values.last ?? nil) != nil {
        // A curve that ended earlier has no end here for a leader to begin at.
        canvas.path(
          "M\(SVGCanvas.number(axis.right + 3)) \(SVGCanvas.number(wish))"
            + "L\(SVGCanvas.number(x - 4)) \(SVGCanvas.number(place))",
          style: "leader", paint: "style=\"stroke:\(curve.stroke.color)\"")
      }
      canvas.text(
        curve.label, x: x, y: place + 4, style: "curve-label",
        paint: "style=\"fill:\(curve.stroke.color)\" data-values=\"\(hover(curve, scale))\"")
    }
  }

  /// The values of a curve as text, by bucket, for the page's script to show under the pointer.
  private func hover(_ curve: Panel.Curve, _ scale: ValueScale) -> String {
    let values = curve.values.map { value -> String in
      guard let value else { return "–" }
      return switch scale.unit {
      case .duration: FixedPoint.duration(nanoseconds: Int64((value * 1e9).rounded()))
      case .share: "\(FixedPoint.string(value * 100, decimals: 0)) %"
      case .rate, .capacity: FixedPoint.string(value, decimals: 1)
      case .count: FixedPoint.string(value, decimals: 0)
      }
    }
    return values.joined(separator: ",")
  }
}
