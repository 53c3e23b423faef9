internal import Simulation

/// What chaos may cost at one time, and what it costs already.
struct ChaosBudget {
  let volume: Scenario.Volume
  let copiesLost: Int
  let zonesDown: Int
  private var spent: [(fault: DrawnFault, start: Interval, end: Interval)] = []

  /// After the end of a fault its nodes still lack what they missed.
  private static let convalescence = Interval.seconds(3)

  init(_ chaos: Scenario.Chaos, _ volume: Scenario.Volume) {
    (self.volume, copiesLost, zonesDown) = (volume, chaos.copiesLost, chaos.zonesDown)
  }

  /// Books a fault for a time, if there is budget for it all along.
  mutating func spend(_ fault: DrawnFault, from start: Interval, to end: Interval) -> Bool {
    let end = fault.damages ? .forever : end + Self.convalescence
    let meanwhile = spent.filter { $0.start < end && start < $0.end }
    // Whatever overlaps with it is counted as if it overlapped with all the others as well.
    var nodes = fault.nodes
    for node in meanwhile.flatMap(\.fault.nodes) where !nodes.contains(node) { nodes.append(node) }
    var zones = fault.zone.map { [$0] } ?? []
    for zone in meanwhile.compactMap(\.fault.zone) where !zones.contains(zone) {
      zones.append(zone)
    }
    guard volume.copies(on: nodes) <= copiesLost, zones.count <= zonesDown else { return false }
    spent.append((fault, start, end))
    return true
  }
}
