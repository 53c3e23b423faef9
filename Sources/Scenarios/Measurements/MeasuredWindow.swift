import Simulation

/// A part of the run, as an objective names it, and what belongs to it.
///
/// What takes time, such as a transaction, belongs to a window as a whole: to `outside_faults` if no
/// fault was on at any time between its beginning and its end, and else to `during_faults`; so a
/// transaction that arrived while a fault was on does not count against the calm after it. Together the
/// two are `all`, to which belongs what ends in the measured part of the run. To `after_faults` belongs
/// what begins after the last fault has ended. What had not ended when the run did, ``ResponseTimes`` tells.
struct MeasuredWindow {
  let kind: Scenario.Objective.Window
  let measured: Range<Instant>
  /// In order of time, not touching.
  private let faults: [ClosedRange<Instant>]

  /// - Parameter faults: when faults were on, in any order.
  init(
    _ kind: Scenario.Objective.Window, measured: Range<Instant>, faults: [ClosedRange<Instant>]
  ) {
    (self.kind, self.measured) = (kind, measured)
    var merged: [ClosedRange<Instant>] = []
    for fault in faults.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, fault.lowerBound <= last.upperBound {
        merged[merged.count - 1] =
          last.lowerBound...max(last.upperBound, fault.upperBound)
      } else {
        merged.append(fault)
      }
    }
    self.faults = merged
    stretches = Self.stretches(kind, measured, merged)
  }

  func contains(_ instant: Instant) -> Bool { contains(instant...instant) }

  /// Whether something that took this long belongs to the window.
  func contains(_ span: ClosedRange<Instant>) -> Bool {
    guard measured.contains(span.upperBound) else { return false }
    switch kind {
    case .all: return true
    case .outsideFaults: return !meetsFault(span)
    case .duringFaults: return meetsFault(span)
    case .afterFaults: return faults.last.map { span.lowerBound > $0.upperBound } ?? true
    }
  }

  /// Whether something that has not ended goes on in any part of the window.
  func meets(_ span: Range<Instant>) -> Bool {
    if kind == .all { return span.overlaps(measured) }
    return stretches.contains { $0.overlaps(span) }
  }

  /// The window as stretches of time, in order, for what is weighted by time.
  let stretches: [Range<Instant>]

  private static func stretches(
    _ kind: Scenario.Objective.Window, _ measured: Range<Instant>, _ faults: [ClosedRange<Instant>]
  ) -> [Range<Instant>] {
    let on = faults.map { $0.lowerBound..<($0.upperBound + .nanoseconds(1)) }
      .map { $0.clamped(to: measured) }
    switch kind {
    case .all: return [measured].filter { !$0.isEmpty }
    case .duringFaults: return on.filter { !$0.isEmpty }
    case .outsideFaults:
      var reached = measured.lowerBound
      var stretches: [Range<Instant>] = []
      for fault in on where !fault.isEmpty {
        stretches.append(reached..<fault.lowerBound)
        reached = fault.upperBound
      }
      return (stretches + [reached..<measured.upperBound]).filter { !$0.isEmpty }
    case .afterFaults:
      let start = faults.last.map { $0.upperBound + .nanoseconds(1) } ?? measured.lowerBound
      return [(start..<max(start, measured.upperBound)).clamped(to: measured)]
        .filter { !$0.isEmpty }
    }
  }

  /// Binary search for the first fault that ends at or after the beginning.
  private func meetsFault(_ span: ClosedRange<Instant>) -> Bool {
    var (low, high) = (0, faults.count)
    while low < high {
      let middle = (low + high) / 2
      if faults[middle].upperBound < span.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < faults.count && faults[low].lowerBound <= span.upperBound
  }
}
