import Scenarios
import Simulation
import Statistics

/// One client's outage as a staircase of phases that ends where the outage does.
struct WaterfallChart {
  let outage: ClientOutage

  private static let left = 150.0
  private static let right = 900.0
  private static let row = 24.0

  var markup: String {
    let waterfall = outage.waterfall
    let total = waterfall.total
    let height = Double(waterfall.spans.count) * Self.row + 62
    let bottom = height - 56
    var canvas = SVGCanvas(
      width: TimelineChart.width, height: height,
      title: "Failover waterfall of \(outage.client): \(text(total))")

    let scale = ValueScale(fitting: [total.seconds], unit: .duration)
    for tick in scale.ticks {
      let x = Self.left + scale.position(of: tick) * (Self.right - Self.left)
      canvas.line(from: (x, 0), to: (x, bottom + 34), style: tick == 0 ? "base" : "grid")
      canvas.text(scale.label(of: tick), x: x, y: height - 4, anchor: .middle, style: "tick")
    }

    let shares = waterfall.roundedMilliseconds
    var reached = Interval.zero
    for (place, span) in waterfall.spans.enumerated() {
      let y = Double(place) * Self.row + 4
      let (left, right) = (x(reached, scale), x(reached + span.duration, scale))
      reached = reached + span.duration
      canvas.text(
        span.phase.rawValue, x: Self.left - 10, y: y + 12, anchor: .end, style: "row-label")
      canvas.rectangle(
        x: left, y: y, width: max(right - left, 1.5), height: Self.row - 8,
        style: span.duration == .zero ? "phase none" : "phase",
        tip: "\(span.phase.rawValue): \(text(span.duration))")
      label(
        span, milliseconds: shares[place], left: left, right: right, y: y + 12, on: &canvas)
      if place + 1 < waterfall.spans.count {
        canvas.line(from: (right, y + Self.row - 8), to: (right, y + Self.row), style: "step")
      }
    }

    let y = bottom + 10
    canvas.text(
      outage.firstCommit == nil ? "so far" : "outage", x: Self.left - 10, y: y + 14,
      anchor: .end, style: "row-label")
    canvas.rectangle(
      x: Self.left, y: y, width: x(total, scale) - Self.left, height: 18, style: "outage-total")
    canvas.text(
      "\(waterfall.roundedTotalMilliseconds) ms\(outage.firstCommit == nil ? ", no commit after" : "")",
      x: x(total, scale) + 8, y: y + 14,
      style: "outage-label")
    return canvas.markup
  }

  private func x(_ time: Interval, _ scale: ValueScale) -> Double {
    Self.left + scale.position(of: time.seconds) * (Self.right - Self.left)
  }

  /// The phase's time after its bar, or before it if the bar ends too far to the right.
  private func label(
    _ span: Waterfall.Span, milliseconds: String, left: Double, right: Double, y: Double,
    on canvas: inout SVGCanvas
  ) {
    let total = outage.waterfall.total
    var text = "\(milliseconds) ms"
    if total > .zero, span.duration > .zero {
      let share = FixedPoint.string(span.duration / total * 100, decimals: 1)
      text += share == "0.0" ? ", under 0.1 %" : ", \(share) %"
    }
    let fits = right + 10 + TextMetrics.width(of: text, size: 12) < TimelineChart.width
    canvas.text(
      text, x: fits ? right + 8 : left - 8, y: y, anchor: fits ? .start : .end,
      style: "phase-label")
  }

  private func text(_ interval: Interval) -> String { TimelineChart.duration(interval) }
}

extension Waterfall {
  /// The phases in milliseconds with one decimal, rounded so that they add up to the rounded total:
  /// each is the difference between the rounded instants of its end and of its beginning.
  var roundedMilliseconds: [String] {
    var (reached, rounded) = (Int64(0), Int64(0))
    return spans.map { span in
      reached += span.duration.nanoseconds
      let next = Self.tenths(reached)
      defer { rounded = next }
      return Self.text(ofTenths: next - rounded)
    }
  }

  var roundedTotalMilliseconds: String {
    Self.text(ofTenths: Self.tenths(total.nanoseconds))
  }

  private static func text(ofTenths tenths: Int64) -> String {
    "\(FixedPoint.grouped(Int(tenths / 10))).\(tenths % 10)"
  }

  /// Nanoseconds in tenths of a millisecond, to the nearest.
  private static func tenths(_ nanoseconds: Int64) -> Int64 { (nanoseconds + 50_000) / 100_000 }
}
