import Simulation

/// What all meters of a run showed whenever they were read: from it, what was counted in a stretch of time.
struct MeterReadings {
  struct Place {
    let kind: Meter.Kind
    let resource: ResourceName
  }

  private struct Reading {
    let instant: Instant
    /// By the places of the meters; a meter that came later has none.
    let totals: [Int]
  }

  /// In the order in which the run first asked for them.
  private(set) var places: [Place] = []
  /// In order of time.
  private var readings: [Reading] = []

  /// - Precondition: no reading was later.
  mutating func read(_ meters: Meters, at instant: Instant) {
    precondition(readings.last.map { $0.instant <= instant } ?? true, "meters are read in order")
    for meter in meters.all[places.count...] {
      places.append(Place(kind: meter.kind, resource: meter.resource))
    }
    readings.append(Reading(instant: instant, totals: meters.all.map(\.total)))
  }

  /// What the meter at `place` counted from one instant to another.
  ///
  /// Exact if it was read at both; otherwise the readings before them stand for them. Nothing is known of what was
  /// before the first reading.
  func total(at place: Int, in window: Range<Instant>) -> Int {
    value(at: place, window.upperBound) - value(at: place, window.lowerBound)
  }

  /// The same, over all resources.
  func total(of kind: Meter.Kind, in window: Range<Instant>) -> Int {
    places.indices.reduce(0) {
      places[$1].kind == kind ? $0 + total(at: $1, in: window) : $0
    }
  }

  private func value(at place: Int, _ instant: Instant) -> Int {
    let next = readings.partitioningIndex { $0.instant > instant }
    guard next > 0 || !readings.isEmpty else { return 0 }
    let totals = readings[max(0, next - 1)].totals
    return place < totals.count ? totals[place] : 0
  }
}
