import Database
import Simulation

/// One run of the control plane's process: carries out what its state machines decide.
final class ControlService {
  let process: Process
  let configuration: ClusterConfiguration
  private let store: ControlStore
  private(set) var record: ControlRecord
  private var managementPort: ManagementPort?
  private(set) var monitor: HealthMonitor
  var coordinator: FailoverCoordinator
  var publisher: ZonePublisher
  /// What the zone was made from last.
  var named: (writer: String, readers: [String])?
  /// Whether the name servers have had a zone of this run.
  var hasPublished = false
  private var ledger: CommandLedger
  var lifecycles: [InstanceLifecycle]
  private let alarm: Alarm
  let startedAt: Instant
  /// When the failover under way began.
  var failoverStarted = Instant.start
  /// As it was told last.
  var status = ClusterStatus.creating

  init(
    process: Process, configuration: ClusterConfiguration, nameServers: [Address],
    store: ControlStore, record: ControlRecord?
  ) {
    self.process = process
    self.configuration = configuration
    self.store = store
    var record =
      record
      ?? ControlRecord(version: 0, starts: 0, topology: ClusterTopology(of: configuration))
    record.starts += 1
    self.record = record
    let timing = configuration.timing
    let ids = configuration.instances.map(\.id)
    // Each run has numbers of its own: what the one before sent and did not note cannot be repeated.
    let base = UInt64(record.starts) << 32
    monitor = HealthMonitor(instances: ids, timing: timing, at: process.now)
    coordinator = FailoverCoordinator(topology: record.topology, timing: timing, at: process.now)
    publisher = ZonePublisher(
      servers: nameServers, after: base, retryInterval: timing.retryInterval)
    ledger = CommandLedger(instances: ids, after: base, retryInterval: timing.retryInterval)
    lifecycles = ids.map { _ in InstanceLifecycle(isNew: record.starts == 1) }
    if record.starts > 1 { status = coordinator.isFailingOver ? .failingOver : .available }
    alarm = Alarm(process: process)
    startedAt = process.now
  }

  /// Begins to listen once its start is on disk.
  func start() {
    save(coordinator.topology) { [self] in
      process.bind(Ports.controlPlane, to: self)
      let port = ManagementPort(of: self)
      managementPort = port
      process.listen(on: Ports.management, port)
      process.simulation.emit(
        ControlPlaneStarted(
          cluster: configuration.identifier, starts: record.starts,
          term: coordinator.topology.term, writer: coordinator.topology.writer))
      publishZone()
      arm()
    }
  }

  // MARK: What it sees

  var members: [ClusterMember] {
    configuration.instances.map { instance in
      let heartbeat = monitor.heartbeat(of: instance.id)
      return ClusterMember(
        id: instance.id, zone: instance.zone, tier: instance.tier, rank: instance.rank,
        health: monitor.health(of: instance.id), engine: heartbeat?.engine,
        term: heartbeat?.term ?? 0)
    }
  }

  func lifecycle(of instance: String) -> InstanceLifecycle? {
    configuration.instances.firstIndex { $0.id == instance }.map { lifecycles[$0] }
  }

  // MARK: Heartbeats

  private func receive(_ heartbeat: Heartbeat, from source: Address) {
    guard let index = configuration.instances.firstIndex(where: { $0.id == heartbeat.instance }),
      let verdicts = monitor.receive(heartbeat, at: process.now)
    else { return }
    for verdict in verdicts { tell(verdict) }
    for event in lifecycles[index].receive(heartbeat) {
      list(event, of: .instance(heartbeat.instance))
    }
    noteStatus()
    send(
      .heartbeatAnswer(
        HeartbeatAnswer(
          incarnation: heartbeat.incarnation, sequence: heartbeat.sequence,
          floor: capacityFloor(of: configuration.instances[index]))),
      to: source)
    let next = ledger.acknowledge(
      heartbeat.command, by: heartbeat.instance, incarnation: heartbeat.incarnation,
      at: process.now)
    if let next { send(next) }
    perform(
      coordinator.learn(term: heartbeat.term, role: heartbeat.role, of: heartbeat.instance))
    reconcile(heartbeat)
    reconcileCapacity(heartbeat, of: configuration.instances[index])
    reconcileReboot(heartbeat)
    advance()
  }

  /// Orders the instance into its role if it is in another, or of another term, and into its range.
  private func reconcile(_ heartbeat: Heartbeat) {
    let topology = coordinator.topology
    // A term that is not durable yet is not to be spoken of.
    guard coordinator.phase != .recording, coordinator.knowsWriter else { return }
    let isWriter = topology.writer == heartbeat.instance
    let wanted: EngineRole.Kind = isWriter ? .writer : .reader
    guard heartbeat.term != topology.term || heartbeat.role != wanted else { return }
    let order: Command.Order = isWriter ? .promote : .follow(address(ofWriter: topology.writer))
    let command = ledger.issue(
      order, to: heartbeat.instance, incarnation: heartbeat.incarnation, term: topology.term,
      at: process.now)
    if let command { send(command) }
  }

  private func reconcileCapacity(_ heartbeat: Heartbeat, of instance: InstanceConfiguration) {
    let changed = record.ranges.first { $0.instance == instance.id }?.range
    guard let wanted = changed ?? instance.capacity, let capacity = heartbeat.capacity,
      capacity.range != wanted
    else { return }
    order(.setCapacity(wanted), to: instance.id)
  }

  private func address(ofWriter id: String) -> Address? {
    configuration.instance(id).map {
      Address(host: $0.host, port: configuration.replicationPort)
    }
  }

  /// What an instance may not fall below in order to be ready for the writer's role.
  private func capacityFloor(of instance: InstanceConfiguration) -> ServerlessCapacity {
    let writer = coordinator.topology.writer
    guard instance.capacity != nil, instance.followsWriterCapacity, instance.id != writer,
      let configured = configuration.instance(writer)
    else { return ServerlessCapacity(halves: 0) }
    guard configured.capacity != nil else {
      // A provisioned writer counts with the ACU that its memory makes.
      return ServerlessCapacity(halves: configured.instanceClass.memory >> 30)
    }
    return monitor.heartbeat(of: writer)?.capacity?.present ?? ServerlessCapacity(halves: 0)
  }

  // MARK: Decisions

  private func advance() {
    perform(coordinator.advance(members, at: process.now))
    publishZone()
    arm()
  }

  func order(_ order: Command.Order, to instance: String) {
    guard let heartbeat = monitor.heartbeat(of: instance) else { return }
    let command = ledger.issue(
      order, to: instance, incarnation: heartbeat.incarnation, term: coordinator.topology.term,
      at: process.now)
    if let command { send(command) }
    arm()
  }

  func perform(_ actions: [FailoverCoordinator.Action]) {
    for action in actions {
      switch action {
      case .record(let topology):
        save(topology) { [self] in
          perform(coordinator.confirmRecorded(term: topology.term, at: process.now))
          arm()
        }
      case .assignRoles:
        for instance in configuration.instances {
          if let heartbeat = monitor.heartbeat(of: instance.id) { reconcile(heartbeat) }
        }
      case .publish: publishZone()
      case .announce(let milestone): tell(milestone)
      }
    }
  }

  private func save(_ topology: ClusterTopology, then: @escaping () -> Void) {
    change({ $0.topology = topology }, then: then)
  }

  /// Changes what is on disk, and calls `then` when it is there.
  func change(_ body: (inout ControlRecord) -> Void, then: @escaping () -> Void = {}) {
    body(&record)
    record.version += 1
    store.save(record, then: then)
  }

  /// Calls `then` when everything that was changed so far is on disk.
  func whenDurable(_ then: @escaping () -> Void) { store.whenDurable(then) }

  // MARK: Sending

  private func send(_ command: Command) {
    guard let instance = configuration.instance(command.instance) else { return }
    send(.command(command), to: Address(host: instance.host, port: Ports.hostAgent))
  }

  func send(_ message: ControlMessage, to address: Address) {
    process.send(
      message.encoded(for: configuration.identifier), from: Ports.controlPlane, to: address)
  }

  func arm() {
    let earliest = min(
      process.has(ControlDefect.neverSuspects) ? .distantFuture : monitor.deadline,
      coordinator.deadline, ledger.deadline, publisher.deadline)
    alarm.set(for: earliest, self)
  }
}

extension ControlService: EventTarget {
  func fire(_ token: UInt64) {
    alarm.reset()
    if !process.has(ControlDefect.neverSuspects) {
      for verdict in monitor.tick(at: process.now) { tell(verdict) }
    }
    for command in ledger.tick(at: process.now) { send(command) }
    sendZone(to: publisher.due(at: process.now))
    advance()
  }
}

extension ControlService: DatagramHandler {
  func receive(_ datagram: Datagram) {
    let message = ControlMessage(
      decoding: datagram.payload, of: configuration.identifier)
    switch message {
    case .heartbeat(let heartbeat): receive(heartbeat, from: datagram.source)
    case .zoneAcknowledged(let serial): acknowledgeZone(serial, from: datagram.source)
    case .zoneRequest(let serial): answerZoneRequest(serial, from: datagram.source)
    default: return
    }
  }
}
