import ControlPlane
import Database
import Simulation
import Volume

/// Everything that a scenario names, built: the Region, its hosts, the cluster, and the clients' machines.
///
/// ```
///   us-east-1   a: storage-a0…  w          b: storage-b0…  r1          c: storage-c0…  r2
///   regional    control-plane   name-server   console
///   clients     client-app-0 …  (in a zone, if the scenario says so)
/// ```
final class World {
  let scenario: Scenario
  let simulation: Simulation
  let configuration: ClusterConfiguration
  let controlPlane: ControlPlane
  let instances: [DatabaseInstance]
  let storageNodes: [StorageNode]
  let geometry: VolumeGeometry
  let nameServer: Address
  let lagMeter: LagMeter
  /// The hosts of each client of the scenario, in its order.
  let clientHosts: [[ClientHost]]
  /// The run's own application host: it loads, sends statements and reads the end state.
  let console: ClientHost

  private static let region = "us-east-1"
  /// The cluster's identifier: the one that the console of RDS proposes. Not the scenario's name, as it is part of
  /// names and messages on the wire, and a scenario that is renamed stays the same run.
  private static let cluster = "database-1"

  init(scenario: Scenario, seed: UInt64, defects: PlantedDefects) {
    self.scenario = scenario
    var network = NetworkProfile()
    network.sameZone = scenario.network.sameZone.path
    network.crossZone = scenario.network.crossZone.path
    simulation = Simulation(seed: seed, network: network)
    simulation.plantedDefects = defects
    simulation.faultPoints.isArmed = scenario.run.armsFaultPoints
    let region = simulation.addRegion(
      Self.region, zones: AvailabilityZoneLetter.allCases.map(\.rawValue))
    let storage = Self.addStorage(scenario, to: region, simulation)
    (storageNodes, geometry) = storage
    let instances = Self.addInstanceHosts(scenario, to: region, simulation)
    var configuration = ClusterConfiguration(
      identifier: Self.cluster, region: Self.region, instances: instances,
      timing: scenario.cluster.parameters.timing)
    configuration.replicationPort = Ports.replication
    self.configuration = configuration
    let controlHost = simulation.addHost(HostName.controlPlane, in: nil, capacity: 4)
    let nameHost = simulation.addHost(HostName.nameServer, in: nil, capacity: 4)
    let controlAddress = Address(host: controlHost.id, port: Ports.controlPlane)
    nameServer = NameServer.install(
      on: nameHost, for: [(configuration.identifier, controlAddress)],
      refresh: configuration.timing.zoneRefresh)
    controlPlane = ControlPlane.install(
      on: controlHost, disk: Disk(name: "data", host: controlHost, profile: scenario.disk.profile),
      for: configuration, nameServers: [nameServer])
    self.instances = Self.install(
      instances, of: configuration, scenario.cluster.parameters, on: simulation,
      geometry: geometry, controlPlane: controlAddress)
    lagMeter = LagMeter(readers: self.instances.count, loop: simulation.loop)
    for instance in self.instances { instance.replicationObserver = lagMeter }
    (clientHosts, console) = Self.addClients(
      scenario, to: region, simulation, names: configuration.names, nameServer: nameServer)
  }

  /// The instance that writes now, as the engines themselves know: of those that believe it, the one
  /// with the newest epoch.
  var writer: DatabaseInstance? {
    instances.filter { $0.role == .writer && $0.state == .available }
      .max { $0.epoch < $1.epoch }
  }

  /// Where an operator sits: at a client's first host, or at the console.
  func operatorHost(_ client: String?) -> Host {
    let index = scenario.clients.firstIndex { $0.id == client }
    return (index.flatMap { clientHosts[$0].first } ?? console).host
  }

  func instance(_ id: String) -> DatabaseInstance? { instances.first { $0.identifier == id } }

  /// Whether every instance is open, one of them to write.
  var isWhole: Bool {
    writer != nil && instances.allSatisfy { $0.state == .available }
  }

  /// Whether the workloads may fill an instance with sessions, among them some that it has not yet found dead: four for
  /// each that is wanted is a guess.
  var connectionsAreScarce: Bool {
    let wanted = scenario.workloads.reduce(0) { $0 + $1.sessionCount }
    return instances.contains { $0.configuration.maximumConnections < wanted * 4 }
  }

  /// Whether all six copies of every group have all that is durable.
  var copiesAreComplete: Bool {
    guard let durable = writer?.durableLSN else { return false }
    return VolumeInspector(geometry: geometry, nodes: storageNodes).allServeComplete(at: durable)
  }

  // MARK: Building

  private static func addStorage(
    _ scenario: Scenario, to region: Region, _ simulation: Simulation
  ) -> ([StorageNode], VolumeGeometry) {
    let volume = scenario.cluster.volume
    var hosts: [[Host]] = []
    for zone in region.zones {
      hosts.append(
        (0..<volume.storageNodesPerZone).map {
          simulation.addHost(HostName.storageNode(zone.letter, $0), in: zone, capacity: 2)
        })
    }
    var members: [[Address]] = []
    for group in 0..<volume.protectionGroups {
      var copies: [Address] = []
      for zone in hosts {
        let (first, second) = volume.places(ofGroup: group)
        copies += [StorageNode.address(on: zone[first]), StorageNode.address(on: zone[second])]
      }
      members.append(copies)
    }
    let geometry = VolumeGeometry(
      quorum: Quorum(
        copies: Scenario.Volume.copies, write: volume.writeQuorum, read: volume.readQuorum),
      members: members)
    let restart = LatencyDistribution(scenario.cluster.parameters.storageRestart)
    let random = simulation.random("storage-restart")
    let profile = scenario.disk.profile
    let nodes = hosts.flatMap { $0 }.map { host in
      let address = StorageNode.address(on: host)
      let copies = members.count { $0.contains(address) }
      var tuning = StorageTuning(copies: copies, journalSize: Int(volume.hotLog.bytes))
        .drawn(in: simulation)
      tuning.restartDelay = restart.draw(from: random)
      return StorageNode.install(
        on: host, disk: Disk(name: "ssd", host: host, profile: profile),
        geometry: geometry, tuning: tuning)
    }
    return (nodes, geometry)
  }

  private static func addInstanceHosts(
    _ scenario: Scenario, to region: Region, _ simulation: Simulation
  ) -> [InstanceConfiguration] {
    scenario.cluster.instances.map { instance in
      guard let instanceClass = InstanceClass(named: instance.instanceClass) else {
        preconditionFailure("there is no class \(instance.instanceClass); the reader refuses it")
      }
      let host = simulation.addHost(
        instance.id, in: region.zone(instance.zone.rawValue),
        capacity: instance.capacity?.lowerBound.vCPU ?? instanceClass.vCPU,
        memory: instance.capacity?.lowerBound.memory ?? instanceClass.memory,
        bandwidth: instanceClass.bandwidth)
      return InstanceConfiguration(
        id: instance.id, zone: instance.zone.rawValue, instanceClass: instanceClass,
        tier: instance.tier, capacity: instance.capacity, host: host.id)
    }
  }

  private static func install(
    _ instances: [InstanceConfiguration], of cluster: ClusterConfiguration,
    _ parameters: Scenario.Parameters, on simulation: Simulation, geometry: VolumeGeometry,
    controlPlane: Address
  ) -> [DatabaseInstance] {
    instances.enumerated().map { number, instance in
      let host = simulation.hosts[instance.host.index]
      let points = simulation.faultPoints
      var configuration = DatabaseInstance.Configuration(
        identifier: instance.id, number: number, geometry: geometry, databasePort: Ports.database,
        replicationPort: cluster.replicationPort, startUpTime: cluster.timing.engineStart,
        poolCapacity: points.tunable(
          "database.pool_pages", Int(parameters.sharedBuffers.bytes) / Page.size,
          extremes: [64, 512]))
      configuration.maximumConnections = points.tunable(
        "database.max_connections", configuration.maximumConnections, extremes: [30])
      configuration.standbyDelay = parameters.standbyDelay
      let engine = DatabaseInstance(configuration, on: host)
      HostAgent.install(
        on: host, instance: instance.id, of: cluster, engine: engine, controlPlane: controlPlane)
      return engine
    }
  }

  private static func addClients(
    _ scenario: Scenario, to region: Region, _ simulation: Simulation, names: EndpointNames,
    nameServer: Address
  ) -> ([[ClientHost]], ClientHost) {
    var number = 0
    func add(_ client: Scenario.Client, as name: String) -> ClientHost {
      let zone = client.zone.flatMap { region.zone($0.rawValue) }
      let host = simulation.addHost(name, in: zone, capacity: 8)
      defer { number += 1 }
      return ClientHost(
        client: client, number: number, host: host, names: names, nameServer: nameServer)
    }
    let clients = scenario.clients.map { client in
      (0..<client.count).map { add(client, as: HostName.client(client.id, $0)) }
    }
    let console = add(Scenario.Client(id: HostName.console), as: HostName.console)
    return (clients, console)
  }
}

extension Scenario.Network.Link {
  fileprivate var path: NetworkProfile.Path {
    NetworkProfile.Path(latency: LatencyDistribution(latency), loss: loss.fraction)
  }
}

extension Scenario.Disk {
  fileprivate var profile: DiskProfile {
    DiskProfile(
      read: LatencyDistribution(read), write: LatencyDistribution(write),
      flush: LatencyDistribution(flush))
  }
}
