/// Puts labels beside the things they name without letting them overlap.
enum LabelPlacement {
  /// Moves labels apart as little as their number allows.
  ///
  /// - Parameter wished: where each label would be if it were alone.
  /// - Parameter spacing: the least distance between two.
  /// - Parameter range: where they have to stay, if there is room for all.
  /// - Returns: the places, in the order of `wished`.
  static func spread(
    _ wished: [Double], spacing: Double, within range: ClosedRange<Double>
  ) -> [Double] {
    let order = wished.indices.sorted { (wished[$0], $0) < (wished[$1], $1) }
    var places = wished
    // Down from the top, then up from the bottom: what overlaps is shared out by turns.
    var limit = range.lowerBound
    for index in order {
      places[index] = max(wished[index], limit)
      limit = places[index] + spacing
    }
    limit = range.upperBound
    for index in order.reversed() {
      places[index] = min(places[index], limit)
      limit = places[index] - spacing
    }
    return places
  }

  /// Assigns rows to stretches of a line so that none overlaps another in its row.
  ///
  /// - Parameter stretches: by their start; each takes the first row that is free there.
  static func rows(for stretches: [(start: Double, end: Double)]) -> [Int] {
    var ends: [Double] = []
    return stretches.map { stretch in
      if let row = ends.firstIndex(where: { $0 <= stretch.start }) {
        ends[row] = stretch.end
        return row
      }
      ends.append(stretch.end)
      return ends.count - 1
    }
  }
}
