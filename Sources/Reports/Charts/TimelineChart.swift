import Scenarios
import Simulation
import Statistics

/// The whole run on one time axis, from the faults down to the load.
///
///     faults            ├ az_down: outage az: a ┤
///     w    a  ▇▇▇ writer ▇▇▇│   down    │  reader
///     r1   b  ░░░ reader ░░░│▇▇▇ writer ▇▇▇▇▇▇▇▇▇
///     app             no commit ├──┤ 21.4 s
///     panels: commits, p99, p50, errors, lag, ACU, CPU, each with the faults shaded
///
/// Every row and panel has the same left and right edge, so that the eye can go straight down from
/// a fault to what it did.
struct TimelineChart {
  private let result: RunResult
  private let axis: TimeAxis
  private let series: BucketedSeries

  static let width = 1040.0
  private static let leastLeft = 104.0
  private static let mostLeft = 240.0
  private static let leastMargin = 136.0
  private static let mostMargin = 260.0
  private static let faultRow = 22.0
  private static let roleRow = 22.0

  /// - Parameter window: the part of the run that is shown; `nil` for all of it.
  init(_ result: RunResult, window: ClosedRange<Instant>? = nil) {
    self.result = result
    axis = TimeAxis(
      start: window?.lowerBound ?? .start,
      end: window?.upperBound ?? .start + max(result.simulatedTime, result.warmUp),
      left: Self.left(for: result), right: Self.width - Self.margin(for: result))
    series = BucketedSeries(result.series, from: axis.start, end: axis.end)
  }

  /// From shortly before the fault that cost most until shortly after what it cost; `nil` if that is most of
  /// the run, or if there was no fault.
  static func zoom(on result: RunResult) -> ClosedRange<Instant>? {
    let margin = Interval.seconds(5)
    let end = Instant.start + result.simulatedTime
    let stretch: (start: Instant, end: Instant)
    if let (failover, outage) = result.worstOutage {
      stretch = (failover.cause, outage.firstCommit ?? end)
    } else if let fault = result.faults.first(where: { $0.start != nil }), let start = fault.start {
      stretch = (start, min(fault.end ?? start, start + .seconds(20)))
    } else {
      return nil
    }
    let first = max(.start, stretch.start - margin)
    let last = min(end, stretch.end + margin)
    return first < last && (last - first) / max(result.simulatedTime, .nanoseconds(1)) < 0.6
      ? first...last : nil
  }

  var markup: String {
    let faults = FaultLanes(result.faults, axis: axis)
    let rolesTop = 8 + Double(faults.rowCount) * Self.faultRow + (faults.rowCount > 0 ? 10 : 0)
    let outages = result.failovers.isEmpty ? [] : outageClients
    let rolesHeight = Double(result.instances.count + outages.count) * Self.roleRow
    let panelsTop = rolesTop + rolesHeight + (rolesHeight > 0 ? 26 : 18)
    let panels = self.panels
    let height =
      panelsTop
      + panels.reduce(0) { $0 + $1.height + PanelDrawing.titleHeight + 8 } + 34
    let plotBottom = height - 34

    var canvas = SVGCanvas(
      width: Self.width, height: height,
      title:
        "Timeline: faults, roles, throughput, latency, errors, lag and load over virtual time, from "
        + "\(Self.time(axis.start)) to \(Self.time(axis.end))")
    canvas.define(Self.startingPattern)
    drawWarmUp(from: rolesTop, to: plotBottom, on: &canvas)
    faults.drawShades(from: 8, to: plotBottom, on: &canvas)
    drawTicks(at: panelsTop - 8, down: plotBottom, on: &canvas)
    faults.drawLanes(top: 8, rowHeight: Self.faultRow, on: &canvas)

    var top = rolesTop
    for instance in result.instances {
      drawRoles(of: instance, top: top, on: &canvas)
      top += Self.roleRow
    }
    for client in outages {
      drawOutages(of: client, top: top, on: &canvas)
      top += Self.roleRow
    }
    top = panelsTop
    for panel in panels {
      top += PanelDrawing.titleHeight
      PanelDrawing(panel: panel, axis: axis, borders: series.borders, top: top).draw(on: &canvas)
      top += panel.height + 8
    }
    drawLabels(at: plotBottom + 18, on: &canvas)
    canvas.text(
      "virtual time, min:s", x: axis.right, y: plotBottom + 32, anchor: .end, style: "muted")
    let buckets = series.borders.map { SVGCanvas.number(axis.x($0)) }.joined(separator: ",")
    canvas.group("class=\"pointer\" data-borders=\"\(buckets)\"") { canvas in
      canvas.line(from: (-10, rolesTop), to: (-10, plotBottom), style: "pointer-line")
    }
    return canvas.markup
  }

  // MARK: What is drawn

  /// One panel for each measurement of which there is a sample.
  private var panels: [Panel] {
    let workloads = result.series.workloads.enumerated()
    func curves(_ values: (TimeSeries.Workload) -> [Double?]) -> [Panel.Curve] {
      workloads.map { Panel.Curve(label: $1.id, stroke: Palette.workload($0), values: values($1)) }
    }
    let lag = result.series.lag.map { lag in
      Panel.Curve(
        label: lag.reader, stroke: stroke(ofInstance: lag.reader), values: series.worst(lag.highest)
      )
    }
    let instances = result.series.instances
    let capacity = instances.filter { !$0.capacity.isEmpty }.map { instance in
      Panel.Curve(
        label: instance.id, stroke: stroke(ofInstance: instance.id),
        values: series.mean(instance.capacity))
    }
    let load = instances.map { instance in
      Panel.Curve(
        label: instance.id, stroke: stroke(ofInstance: instance.id),
        values: series.mean(instance.processorUse))
    }
    let panels = [
      Panel(
        title: "Commits", note: "per second", unit: .rate, style: .lines,
        curves: curves { series.rates($0.committed) },
        bounds: bounds(on: ["throughput"], ["min", "mean"]), height: 92),
      Panel(
        title: "Latency p99", note: "from the arrival to the acknowledged commit",
        unit: .duration, style: .lines, curves: curves { series.worst($0.p99) },
        bounds: bounds(on: ["latency"], ["p99", "p99.9", "max"]), height: 92),
      Panel(
        title: "Latency p50", note: "the median of the same commits", unit: .duration,
        style: .lines,
        curves: curves { series.mean($0.p50, weights: $0.committed) },
        bounds: bounds(on: ["latency"], ["p50"]), height: 70),
      Panel(
        title: "Errors", note: "failed transactions per second", unit: .rate, style: .columns,
        curves: curves { series.rates($0.errors) }, height: 60),
      Panel(
        title: "Replication lag",
        note: "from the commit to its visibility on the reader, worst in each bucket",
        unit: .duration,
        style: .lines, curves: lag, bounds: bounds(on: ["lag"], ["max", "p99", "p99.9"]), height: 80
      ),
      Panel(
        title: "Serverless capacity", note: "ACU", unit: .capacity, style: .steps,
        curves: capacity, height: 70),
      Panel(
        title: "CPU", note: "share of the instance's vCPUs", unit: .share, style: .lines,
        curves: load, height: 60),
    ]
    return panels.filter { $0.curves.contains(where: \.hasValues) }
  }

  /// The bounds of objectives on a kind of metric, each once.
  private func bounds(on kinds: [String], _ statistics: [String]) -> [Panel.Bound] {
    var bounds: [Panel.Bound] = []
    for objective in result.objectives where statistics.contains(objective.statistic) {
      let words = objective.metric.split(whereSeparator: { $0 == "." || $0 == " " }).map(
        String.init)
      guard kinds.contains(where: words.contains) else { continue }
      let label = "\(objective.metric) \(objective.statistic) \(Words.bound(objective))"
      if bounds.contains(where: { $0.label == label }) { continue }
      bounds.append(Panel.Bound(label: label, value: objective.bound.magnitude))
    }
    return bounds
  }

  private var outageClients: [String] {
    var clients: [String] = []
    for outage in result.failovers.flatMap(\.outages) where !clients.contains(outage.client) {
      clients.append(outage.client)
    }
    return clients
  }

  /// Room for the labels of the rows.
  private static func left(for result: RunResult) -> Double {
    let rows =
      result.instances.map { "\($0.id) \($0.availabilityZone)" }
      + result.failovers.flatMap(\.outages).map { "\($0.client) outage" }
    let widest = rows.map { TextMetrics.width(of: $0, size: 13, isBold: true) }.max() ?? 0
    return min(max(leastLeft, widest + 20), mostLeft)
  }

  /// Room for the names of the curves, and for their values under the pointer.
  private static func margin(for result: RunResult) -> Double {
    let names = result.series.workloads.map(\.id) + result.series.instances.map(\.id)
    let widest = names.map { TextMetrics.width(of: $0, size: 12, isBold: true) }.max() ?? 0
    return min(max(leastMargin, widest + 85), mostMargin)
  }

  /// An instance has one colour in every panel.
  private func stroke(ofInstance id: String) -> Palette.Stroke {
    Palette.instance(result.instances.firstIndex { $0.id == id } ?? 0)
  }

  // MARK: Background

  private func drawWarmUp(from top: Double, to bottom: Double, on canvas: inout SVGCanvas) {
    guard result.warmUp > .zero, axis.start < .start + result.warmUp else { return }
    let end = axis.x(.start + result.warmUp)
    canvas.rectangle(
      x: axis.left, y: top, width: end - axis.left, height: bottom - top, style: "warm-up",
      tip: "Warm-up: left out of totals and objectives")
  }

  /// Vertical hairlines through everything, with their labels at the top.
  private func drawTicks(at labels: Double, down bottom: Double, on canvas: inout SVGCanvas) {
    for tick in axis.ticks {
      canvas.line(from: (axis.x(tick), labels + 6), to: (axis.x(tick), bottom), style: "grid")
    }
    drawLabels(at: labels, on: &canvas)
  }

  private func drawLabels(at y: Double, on canvas: inout SVGCanvas) {
    for tick in axis.ticks {
      canvas.text(
        TimeAxis.label(of: tick), x: axis.x(tick), y: y, anchor: .middle, style: "tick")
    }
  }

  // MARK: Rows

  private func drawRoles(of instance: InstanceResult, top: Double, on canvas: inout SVGCanvas) {
    drawRowLabel(instance.id, note: instance.availabilityZone, top: top, on: &canvas)
    for span in instance.roles where axis.shows(from: span.start, to: span.end) {
      let (start, end) = (axis.x(span.start), axis.x(span.end))
      canvas.rectangle(
        x: start, y: top + 2, width: max(end - start, 1), height: Self.roleRow - 5,
        paint: "style=\"fill:\(Palette.role(span.role))\"",
        tip: "\(instance.id): \(span.role.rawValue) from \(Self.time(span.start)) to "
          + Self.time(span.end))
      if end - start > TextMetrics.width(of: span.role.rawValue, size: 12) + 12 {
        canvas.text(
          span.role.rawValue, x: start + 6, y: top + 14,
          style: span.role == .writer ? "on-dark" : "on-light")
      }
    }
  }

  private func drawOutages(of client: String, top: Double, on canvas: inout SVGCanvas) {
    drawRowLabel(client, note: "outage", top: top, on: &canvas)
    typealias Bar = (left: Double, right: Double, text: String)
    let bars = result.failovers.compactMap { failover -> Bar? in
      guard let outage = failover.outages.first(where: { $0.client == client }) else { return nil }
      let end = outage.firstCommit ?? axis.end
      guard axis.shows(from: outage.waterfall.start, to: end) else { return nil }
      let text = outage.duration.map(Self.duration) ?? "no commit again"
      return (axis.x(outage.waterfall.start), axis.x(end), text)
    }
    // Up to where bars and labels stand already.
    var taken = 0.0
    for (place, bar) in bars.enumerated() {
      canvas.rectangle(
        x: bar.left, y: top + 5, width: max(bar.right - bar.left, 2), height: Self.roleRow - 11,
        style: "outage", tip: "\(client) could not commit for \(bar.text)")
      let width = TextMetrics.width(of: bar.text, size: 12, isBold: true)
      let limit = place + 1 < bars.count ? bars[place + 1].left : Self.width
      if bar.right + 6 + width < limit {
        canvas.text(bar.text, x: bar.right + 6, y: top + 14, style: "outage-label")
        taken = bar.right + 6 + width
      } else {
        // Before it if there is room; else its tip and the tables tell how long it was.
        if bar.left - 6 - width > taken {
          canvas.text(
            bar.text, x: bar.left - 6, y: top + 14, anchor: .end, style: "outage-label")
        }
        taken = bar.right
      }
    }
  }

  private func drawRowLabel(
    _ label: String, note: String, top: Double, on canvas: inout SVGCanvas
  ) {
    canvas.text(
      [(note, "muted"), (label, "row-label")], x: axis.left - 8, y: top + 14, anchor: .end)
  }

  static func duration(_ interval: Interval) -> String {
    FixedPoint.duration(nanoseconds: interval.nanoseconds)
  }

  static func time(_ instant: Instant) -> String {
    "\(FixedPoint.seconds(nanoseconds: instant.nanoseconds)) s"
  }

  private static let startingPattern = """
    <pattern id="starting" width="6" height="6" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(45)"><rect width="6" height="6" style="fill:var(--starting)"/>\
    <rect width="3" height="6" style="fill:var(--starting-stripe)"/></pattern>
    """
}
