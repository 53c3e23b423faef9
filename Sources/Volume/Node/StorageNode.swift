public import Simulation

/// A storage node as it is installed on a host: copies of several protection groups on one disk.
///
/// What runs is a ``StorageIncarnation``, which is lost with its process and rebuilt from the disk
/// when the host starts the program again. This object stays, so that faults and checkers can find
/// the node whatever happens to it.
public final class StorageNode {
  public static let port: UInt16 = 7000

  public let host: Host
  public let disk: Disk
  public let geometry: VolumeGeometry
  public let tuning: StorageTuning
  /// The groups of which this node holds a copy, in ascending order.
  let groups: [Int]
  /// The program as it runs now, if it runs and has been rebuilt.
  var incarnation: StorageIncarnation?
  public let meters: StorageMeters
  let random: RandomStream
  /// For the delays of injected faults, so that all else draws as without them.
  private(set) lazy var faultRandom = host.simulation.random("segment-faults/\(host.name)")
  /// Messages that injected faults have blocked or delayed here, by the fault; over all incarnations.
  private var struck = LookupTable<UInt64, Int>()

  /// The program's name among the processes of its host.
  public static let programName = "storage-node"

  /// Where a node of this host is reached.
  public static func address(on host: Host) -> Address { Address(host: host.id, port: port) }

  public var address: Address { Self.address(on: host) }

  /// Whether the node answers: its program runs and has been rebuilt.
  public var isServing: Bool { incarnation != nil }

  /// Installs a storage node on a host and starts it; the host restarts it when it has crashed.
  ///
  /// This is the creation of the node's copies: its disk is formatted, without taking time. Whenever
  /// the node finds a disk without a format afterwards, that disk has lost what it held.
  ///
  /// - Parameter geometry: tells of which groups this node holds a copy.
  public static func install(
    on host: Host, disk: Disk, geometry: VolumeGeometry, tuning: StorageTuning = StorageTuning()
  ) -> StorageNode {
    let node = StorageNode(host, disk, geometry, tuning)
    for offset in Superblock.offsets(of: 0) {
      disk.prepare(Superblock().encoded(at: offset), at: offset)
    }
    host.install(programName, restartDelay: tuning.restartDelay) { process in
      _ = StorageIncarnation(of: node, in: process)
    }
    return node
  }

  private init(
    _ host: Host, _ disk: Disk, _ geometry: VolumeGeometry, _ tuning: StorageTuning
  ) {
    (self.host, self.disk, self.geometry) = (host, disk, geometry)
    self.tuning = tuning
    let address = Self.address(on: host)
    groups = geometry.members.indices.filter { geometry.members[$0].contains(address) }
    meters = StorageMeters(of: host)
    random = host.simulation.random("storage-node/\(host.name)")
  }

  func noteStruck(by fault: UInt64) { struck[fault, default: 0] += 1 }

  /// How many messages an injected fault has blocked or delayed here.
  public func struckCount(by fault: UInt64) -> Int { struck[fault, default: 0] }

  /// Ends the faults that instances have injected, as if their time had come.
  public func endInjectedFaults() { incarnation?.faults.removeAll() }
}
