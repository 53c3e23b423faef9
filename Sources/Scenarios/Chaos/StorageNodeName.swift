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

  /// Where the six copies of a protection group are, in the order of the copies.
  func members(ofGroup group: Int) -> [StorageNodeName] {
    let (first, second) = places(ofGroup: group)
    return AvailabilityZoneLetter.allCases.flatMap { zone in
      [first, second].map { StorageNodeName(zone: zone, index: $0) }
    }
  }

  /// The nodes that hold a copy of anything, in the order in which Aurora's functions count them.
  var countedNodes: [StorageNodeName] {
    (0..<protectionGroups).flatMap(members).reduce(into: []) { nodes, node in
      if !nodes.contains(node) { nodes.append(node) }
    }
  }

  /// How many copies of a protection group are on these nodes.
  func copies(ofGroup group: Int, on nodes: [StorageNodeName]) -> Int {
    members(ofGroup: group).count { nodes.contains($0) }
  }
}
