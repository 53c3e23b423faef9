/// A storage node by its place, and the protection groups of which it holds copies.
struct StorageNodeName: Hashable {
  let zone: AvailabilityZoneLetter
  let index: Int

  var target: Target { .storageNode(zone, index: index) }

  static func all(in zone: AvailabilityZoneLetter, of scenario: Scenario) -> [StorageNodeName] {
    (0..<scenario.cluster.volume.storageNodesPerZone).map { StorageNodeName(zone: zone, index: $0) }
  }
}

extension Scenario.Volume {
  /// Where in each AZ the two copies of a protection group are: on neighbours that move on from group to group.
  func places(ofGroup group: Int) -> (Int, Int) {
    (2 * group % storageNodesPerZone, (2 * group + 1) % storageNodesPerZone)
  }

  /// The most copies of one protection group that are on these nodes.
  func copies(on nodes: [StorageNodeName]) -> Int {
    (0..<protectionGroups).map { group in
      let (first, second) = places(ofGroup: group)
      return AvailabilityZoneLetter.allCases.reduce(0) { sum, zone in
        sum + [first, second].count { nodes.contains(StorageNodeName(zone: zone, index: $0)) }
      }
    }.max() ?? 0
  }
}
