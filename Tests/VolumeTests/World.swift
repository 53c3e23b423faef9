import Simulation

@testable import Volume

/// A volume of two groups on twelve nodes in three zones, and one host per zone for writers.
final class World {
  let simulation: Simulation
  let zones: [AvailabilityZone]
  let nodes: [StorageNode]
  let geometry: VolumeGeometry
  let writerHosts: [Host]

  init(
    seed: UInt64, groups: Int = 2, quorum: Quorum = .aurora, loss: Double = 0,
    tuning: StorageTuning = StorageTuning(), defects: [VolumeDefect] = []
  ) {
    var profile = NetworkProfile()
    profile.sameZone.loss = loss
    profile.crossZone.loss = loss
    let simulation = Simulation(seed: seed, network: profile)
    self.simulation = simulation
    for defect in defects { simulation.plantedDefects.plant(defect) }
    let zones = simulation.addRegion("us-east-1", zones: ["a", "b", "c"]).zones
    self.zones = zones
    let hosts = (0..<12).map {
      simulation.addHost("storage-\($0)", in: zones[$0 % 3], capacity: 8)
    }
    writerHosts = (0..<3).map { simulation.addHost("db-\($0)", in: zones[$0], capacity: 4) }
    let geometry = VolumeGeometry(
      quorum: quorum,
      members: (0..<groups).map { group in
        (0..<6).map { StorageNode.address(on: hosts[(group * 6 + $0) % 12]) }
      })
    self.geometry = geometry
    nodes = hosts.map { host in
      StorageNode.install(
        on: host, disk: Disk(name: "nvme", host: host, profile: DiskProfile()),
        geometry: geometry, tuning: tuning)
    }
  }

  /// Of one meter, over all storage nodes.
  func sum(_ meter: (StorageMeters) -> Meter) -> Int {
    nodes.reduce(0) { $0 + meter($1.meters).total }
  }

  func run(for interval: Interval) { simulation.loop.run(until: simulation.now + interval) }
}
