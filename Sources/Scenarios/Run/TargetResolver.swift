import ControlPlane
import Database
import Simulation
import Volume

/// Turns a scenario's targets into hosts, at the instant when a fault fires.
struct TargetResolver {
  let scenario: Scenario
  let simulation: Simulation
  /// Draws one of several readers.
  let random: RandomStream
  /// The instance that is the writer now, as the instances themselves see it.
  let currentWriter: () -> String?

  /// The hosts' names, in a fixed order; empty if nothing fits just now.
  func hosts(of target: Target) -> [String] {
    let instances = scenario.cluster.instances
    switch target {
    case .writer: return currentWriter().map { [$0] } ?? []
    case .readers: return readers
    case .anyReader: return readers.isEmpty ? [] : [readers[random.index(below: readers.count)]]
    case .instance(let id): return [id]
    case .instances(let zone):
      return instances.filter { zone == nil || $0.zone == zone }.map(\.id)
    case .storage(let zone):
      let zones = zone.map { [$0] } ?? AvailabilityZoneLetter.allCases
      return zones.flatMap { zone in
        (0..<scenario.cluster.volume.storageNodesPerZone).map {
          HostName.storageNode(zone.rawValue, $0)
        }
      }
    case .storageNode(let zone, let index): return [HostName.storageNode(zone.rawValue, index)]
    case .zone(let zone):
      return simulation.hosts.filter { $0.zone?.letter == zone.rawValue }.map(\.name)
    case .agents(let instances): return hosts(of: instances)
    case .controlPlane: return [HostName.controlPlane, HostName.nameServer]
    case .nameServer: return [HostName.nameServer]
    case .clients: return scenario.clients.flatMap { Self.hosts(of: $0) }
    case .client(let id):
      return scenario.clients.filter { $0.id == id }.flatMap { Self.hosts(of: $0) }
    case .lot(let count, let target):
      let all = hosts(of: target)
      var places = Array(all.indices)
      random.shuffle(&places)
      return places.prefix(count).sorted().map { all[$0] }
    }
  }

  /// The program that a fault of processes strikes, and the hosts on which it does.
  ///
  /// - Precondition: the target has a program.
  func program(of target: Target) -> (name: String, hosts: [String]) {
    switch target {
    case .writer, .anyReader, .readers, .instance, .instances:
      return (DatabaseInstance.programName, hosts(of: target))
    case .storage, .storageNode: return (StorageNode.programName, hosts(of: target))
    case .agents: return (HostAgent.programName, hosts(of: target))
    case .controlPlane: return (ControlPlane.programName, [HostName.controlPlane])
    case .nameServer: return (NameServer.programName, [HostName.nameServer])
    case .lot(_, let several): return (program(of: several).name, hosts(of: target))
    case .zone, .clients, .client:
      preconditionFailure("\(target) is places and not a program; the reader refuses it")
    }
  }

  private var readers: [String] {
    let writer = currentWriter()
    return scenario.cluster.instances.map(\.id).filter { $0 != writer }
  }

  private static func hosts(of client: Scenario.Client) -> [String] {
    (0..<client.count).map { HostName.client(client.id, $0) }
  }
}

/// What hosts are called. An instance's host bears the instance's id.
enum HostName {
  static let controlPlane = "control-plane"
  static let nameServer = "name-server"
  /// The host from which a run loads data, sends statements as faults and reads the end state.
  static let console = "console"

  static func storageNode(_ zone: String, _ index: Int) -> String { "storage-\(zone)\(index)" }
  static func client(_ id: String, _ index: Int) -> String { "client-\(id)-\(index)" }
}
