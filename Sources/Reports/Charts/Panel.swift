/// One chart of the timeline: curves over the shared time axis.
struct Panel {
  enum Style {
    /// Straight lines between the middles of the buckets.
    case lines
    /// Level over each bucket, for what holds until it changes.
    case steps
    /// Columns on top of each other, for counts that are mostly zero.
    case columns
  }

  struct Curve {
    let label: String
    let stroke: Palette.Stroke
    /// One per bucket of the axis, in the base unit; `nil` leaves a gap.
    let values: [Double?]

    var hasValues: Bool { values.contains { $0 != nil } }
  }

  struct Bound {
    let label: String
    let value: Double
  }

  let title: String
  /// Said after the title, such as `per second`.
  let note: String
  let unit: AxisUnit
  let style: Style
  let curves: [Curve]
  /// What objectives ask for, in the base unit.
  let bounds: [Bound]
  /// Height of the plot without the title; enough for a label for each curve.
  let height: Double

  /// The height that a curve's label takes.
  static let labelSpacing = 15.0

  init(
    title: String, note: String, unit: AxisUnit, style: Style, curves: [Curve],
    bounds: [Bound] = [],
    height: Double
  ) {
    self.bounds = bounds
    self.title = title
    self.note = note
    self.unit = unit
    self.style = style
    self.curves = curves
    let labels = curves.count(where: \.hasValues)
    self.height = max(height, Double(labels) * Self.labelSpacing)
  }

  /// The scale that fits every curve; stacked columns need the height of the stack.
  var scale: ValueScale {
    guard style == .columns, let count = curves.map(\.values.count).max() else {
      let values = curves.lazy.flatMap(\.values).compactMap { $0 }
      return ValueScale(fitting: Array(values) + bounds.map(\.value), unit: unit)
    }
    let stacks = (0..<count).map { bucket in
      curves.reduce(0) { $0 + (bucket < $1.values.count ? $1.values[bucket] ?? 0 : 0) }
    }
    return ValueScale(fitting: stacks, unit: unit)
  }
}
