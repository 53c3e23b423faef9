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

  /// Nodes that have lost what they held, or may have.
  var damaged: [StorageNodeName] { spent.filter(\.fault.damages).flatMap(\.fault.nodes) }

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
    let lots = (meanwhile.map(\.fault) + [fault]).compactMap(\.lot)
    let mostLost = (0..<volume.protectionGroups).map { group in
      volume.copies(ofGroup: group, on: nodes)
        + lots.reduce(0) { $0 + ($1.group == group ? $1.copies : 0) }
    }.max()
    guard mostLost ?? 0 <= copiesLost, zones.count <= zonesDown else { return false }
    spent.append((fault, start, end))
    return true
  }
}
