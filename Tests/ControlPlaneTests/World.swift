import ControlPlane
import Simulation

/// A whole cluster but for its database: real agents, control plane, name server and kernel over scripted
/// engines, and a client that keeps asking where the writer is.
final class World {
  struct Instance {
    var id: String
    var zone: String
    var tier = 1
    var instanceClass = "db.r6g.large"
    var capacity: ClosedRange<ServerlessCapacity>?
  }

  let simulation: Simulation
  let configuration: ClusterConfiguration
  let controlPlane: ControlPlane
  let volume: ScriptedVolume
  let nameServer: Address
  private(set) var engines: [ScriptedEngine] = []
  private(set) var hosts: [Host] = []
  let serviceHost: Host
  /// Where the control plane keeps its term.
  let disk: Disk
  let nameHost: Host
  let client: Host
  /// Each change of what the cluster endpoint resolved to for a client that asks every 100 ms.
  private(set) var answers: [(instant: Instant, instance: String)] = []
  /// What operators were told, call by call.
  private(set) var outcomes: [ManagementClient.Outcome] = []
  /// How often it was told that there is no such name.
  private(set) var denials = 0

  static let three = [
    Instance(id: "w", zone: "a"), Instance(id: "r1", zone: "b"), Instance(id: "r2", zone: "c"),
  ]

  init(
    seed: UInt64 = 1, _ instances: [Instance] = World.three,
    network: NetworkProfile = NetworkProfile(), timing: ClusterTiming = ClusterTiming()
  ) {
    simulation = Simulation(seed: seed, network: network)
    let region = simulation.addRegion("us-east-1", zones: ["a", "b", "c"])
    serviceHost = simulation.addHost("control-plane", in: nil, capacity: 4)
    nameHost = simulation.addHost("name-server", in: nil, capacity: 4)
    client = simulation.addHost("client", in: nil, capacity: 4)
    volume = ScriptedVolume(on: simulation.addHost("volume", in: nil, capacity: 4))
    var configured: [InstanceConfiguration] = []
    for instance in instances {
      guard let zone = region.zone(instance.zone),
        let instanceClass = InstanceClass(named: instance.instanceClass)
      else { preconditionFailure("\(instance) cannot be placed") }
      let capacity = instance.capacity?.lowerBound.vCPU ?? instanceClass.vCPU
      let host = simulation.addHost(instance.id, in: zone, capacity: capacity)
      hosts.append(host)
      configured.append(
        InstanceConfiguration(
          id: instance.id, zone: zone.name, instanceClass: instanceClass, tier: instance.tier,
          capacity: instance.capacity, host: host.id))
    }
    configuration = ClusterConfiguration(
      identifier: "shop", region: "us-east-1", instances: configured, timing: timing)
    disk = Disk(name: "state", host: serviceHost, profile: DiskProfile())
    nameServer = Address(host: nameHost.id, port: Ports.dns)
    controlPlane = ControlPlane.install(
      on: serviceHost, disk: disk, for: configuration, nameServers: [nameServer])
    NameServer.install(on: nameHost, for: [(configuration.identifier, controlPlane.address)])
    for (index, host) in hosts.enumerated() {
      let engine = ScriptedEngine(on: host, volume: volume.address)
      engines.append(engine)
      HostAgent.install(
        on: host, instance: instances[index].id, of: configuration, engine: engine,
        controlPlane: controlPlane.address)
    }
    watchEndpoint()
  }

  func engine(_ id: String) -> ScriptedEngine { engines[index(of: id)] }
  func host(_ id: String) -> Host { hosts[index(of: id)] }

  private func index(of id: String) -> Int {
    configuration.instances.firstIndex { $0.id == id } ?? 0
  }

  func run(until seconds: Double) {
    simulation.loop.run(until: .start + .seconds(rounding: seconds))
  }

  /// Cuts hosts off from all others.
  func isolate(_ ids: [String]) -> LinkImpairment {
    let inside = ids.map { host($0).id }
    let outside = simulation.hosts.map(\.id).filter { !inside.contains($0) }
    return simulation.network.partition(inside, from: outside, oneWay: false)
  }

  /// Makes a call from the client's host, whose outcome will be among ``outcomes``.
  func operate(_ call: ManagementRequest.Call, timeout: Interval = .seconds(5)) {
    let process = client.start("operator")
    process.spawn { [unowned self] in
      outcomes.append(
        try await ManagementClient.call(
          ManagementRequest(cluster: configuration.identifier, call),
          at: controlPlane.management, from: process, timeout: timeout))
    }
  }

  private func watchEndpoint() {
    let process = client.start("client")
    let resolver = Resolver(process: process, servers: [nameServer])
    let name = configuration.names.writer
    process.spawn { [unowned self] in
      while true {
        do {
          let answer = try await resolver.resolve(name)
          let id = configuration.names.instance(named: answer.canonicalName) ?? "?"
          if answers.last?.instance != id { answers.append((process.now, id)) }
        } catch let error as ResolutionError {
          if error == .noSuchName { denials += 1 }
        }
        try await process.sleep(for: .milliseconds(100))
      }
    }
  }

  // MARK: What happened

  func events<Payload: TracePayload>(_ kind: Payload.Type) -> [Payload] {
    simulation.trace.events.all(kind).map(\.payload)
  }

  /// The control plane's and the agents' events after an instant, with their subjects, but for the
  /// comings and goings of DNS records, which depend on the readers as well.
  func story(after seconds: Double = 0, _ prefixes: [String] = ["control.", "agent."]) -> [String] {
    simulation.trace.events.filter { event in
      event.instant > .start + .seconds(rounding: seconds)
        && prefixes.contains { event.name.hasPrefix($0) }
        && !(event.payload is ZoneChanged) && !(event.payload is ZonePublished)
    }.map { "\($0.name) \($0.subject.id)" }
  }

  /// RDS events as `id source message`.
  func rdsEvents(after seconds: Double = 0) -> [String] {
    simulation.trace.events.all(ClusterEventListed.self)
      .filter { $0.instant > .start + .seconds(rounding: seconds) }
      .map { "\($0.payload.event.id) \($0.payload.source.id) \($0.payload.event.message)" }
  }

  /// When the first event of this kind happened.
  func seconds(_ kind: (some TracePayload).Type, after: Double = 0) -> Double? {
    simulation.trace.events.all(kind)
      .first { $0.instant > .start + .seconds(rounding: after) }?
      .instant.sinceStart.seconds
  }

  /// Instances whose engines hold themselves for the writer.
  var selfStyledWriters: [String] {
    configuration.instances.map(\.id).filter {
      let status = engine($0).status
      return status?.role == .writer && status?.state == .available
    }
  }
}
