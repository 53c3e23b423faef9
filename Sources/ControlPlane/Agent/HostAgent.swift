public import Simulation

/// The host manager of one instance host: starts and watches the engine, and is the only voice by which
/// the control plane hears of the instance.
///
/// It has two ways to the engine: the operating system, by which it starts and kills its process, and
/// datagrams on the loopback, by which the engine is told what to be and says what it is.
///
/// It survives the engine, and the engine survives it. What it decides is in ``EngineSupervisor`` and
/// ``ServerlessScaler``; this class moves their bytes, timers and hands.
public final class HostAgent {
  private let process: Process
  private let cluster: ClusterConfiguration
  private let instance: InstanceConfiguration
  private let engine: any Engine
  private let controlPlane: Address
  private var supervisor: EngineSupervisor
  private var scaler: ServerlessScaler?
  private let alarm: Alarm
  private var probeCount: UInt64 = 0
  private var heartbeatCount: UInt64 = 0
  private var scalerUsage = Processor.Usage()
  private var heartbeatIsDue = false

  private enum Token {
    static let supervise: UInt64 = 0
    static let heartbeat: UInt64 = 1
    static let scale: UInt64 = 2
  }

  /// Between two measurements of a serverless instance.
  ///
  /// Source: Aurora User Guide: capacity "is measured every second".
  private static let scalingInterval = Interval.seconds(1)

  /// The program's name among the processes of its host.
  public static let programName = "host-agent"

  /// Installs the agent of an instance on its host, which starts it again when it crashes.
  ///
  /// - Parameter engine: the engine installed on the same host; the agent alone starts and stops it.
  public static func install(
    on host: Host, instance id: String, of cluster: ClusterConfiguration, engine: any Engine,
    controlPlane: Address
  ) {
    guard let instance = cluster.instance(id) else {
      preconditionFailure("\(cluster.identifier) has no instance \(id)")
    }
    precondition(instance.host == host.id, "\(id) was not put on \(host.name)")
    EngineControlPort.install(in: engine, cluster: cluster.identifier)
    let random = host.simulation.random("agent/\(cluster.identifier)/\(id)")
    host.install(programName, restartDelay: cluster.timing.serviceRestart) { process in
      let agent = HostAgent(
        process: process, cluster: cluster, instance: instance, engine: engine,
        controlPlane: controlPlane)
      agent.start(random: random)
    }
  }

  private init(
    process: Process, cluster: ClusterConfiguration, instance: InstanceConfiguration,
    engine: any Engine, controlPlane: Address
  ) {
    self.process = process
    self.cluster = cluster
    self.instance = instance
    self.engine = engine
    self.controlPlane = controlPlane
    alarm = Alarm(process: process)
    supervisor = EngineSupervisor(
      instance: instance.id, incarnation: UInt32(process.incarnation), timing: cluster.timing,
      engineIsAlive: engine.process?.isAlive ?? false, at: process.now)
    // A host that has just booted starts small; an agent that has just crashed leaves all as it is.
    let present = ServerlessCapacity(
      halves: Int((process.host.processor.capacity / ServerlessCapacity.smallest.vCPU).rounded()))
    scaler = instance.capacity.map { range in
      ServerlessScaler(
        range: range, policy: cluster.scaling,
        capacity: engine.process?.isAlive ?? false ? present : range.lowerBound)
    }
  }

  private func start(random: RandomStream) {
    process.bind(Ports.hostAgent, to: self)
    scalerUsage = process.host.processor.usage
    if let scaler { apply(scaler.capacity) }
    sendHeartbeat()
    // Agents that booted together do not stay in step.
    let phase = random.interval(in: .zero...cluster.timing.heartbeatInterval)
    process.schedule(after: phase, self, token: Token.heartbeat)
    if scaler != nil { process.schedule(after: Self.scalingInterval, self, token: Token.scale) }
    arm()
  }

  private func arm() { alarm.set(for: supervisor.deadline, self, token: Token.supervise) }

  // MARK: Carrying out

  private func perform(_ actions: [EngineSupervisor.Action]) {
    for action in actions {
      switch action {
      case .start(let role):
        process.simulation.emit(EngineStarted(instance: instance.id, role: role.kind))
        engine.start(as: role)
      case .promote:
        process.simulation.emit(EnginePromoted(instance: instance.id))
        sendProbe()
      case .follow: sendProbe()
      case .stop: engine.stop()
      case .probe: sendProbe()
      case .heartbeat: heartbeatIsDue = true
      case .limitCapacity(let range):
        if let capacity = scaler?.limit(to: range) { apply(capacity) }
      case .note(let note): tell(note)
      }
    }
    if heartbeatIsDue { sendHeartbeat() }
    arm()
  }

  private var engineRuns: Bool { engine.process?.isAlive ?? false }

  /// Asks the engine what it is, and tells it what it is to be.
  private func sendProbe() {
    probeCount += 1
    send(
      .probe(
        EngineProbe(
          agent: UInt32(process.incarnation), number: probeCount, role: supervisor.orderedRole,
          capacity: scaler?.capacity)),
      to: Address(host: process.host.id, port: Ports.engineControl))
  }

  private func sendHeartbeat() {
    heartbeatIsDue = false
    heartbeatCount += 1
    if process.buggify(ControlFaultPoint.heartbeatIsLost, chance: 0.02) { return }
    send(
      .heartbeat(
        Heartbeat(
          instance: instance.id, incarnation: UInt32(process.incarnation),
          sequence: heartbeatCount, term: supervisor.term, command: supervisor.command,
          role: supervisor.role?.kind, engineStarts: supervisor.engineStarts,
          engine: supervisor.reportedStatus,
          capacity: scaler.map { Heartbeat.Capacity(present: $0.capacity, range: $0.range) })),
      to: controlPlane)
  }

  private func send(_ message: ControlMessage, to address: Address) {
    process.send(
      message.encoded(for: cluster.identifier), from: Ports.hostAgent, to: address)
  }

  // MARK: Capacity

  /// The share of the host's CPU time since it was last asked for that was used, in thousandths; 1,000 at most.
  private func takeUtilization() -> Int {
    let before = scalerUsage
    scalerUsage = process.host.processor.usage
    return Int((scalerUsage.utilization(since: before) * 1000).rounded())
  }

  private func scale() {
    guard scaler != nil else { return }
    let measurement = ServerlessScaler.Measurement(
      utilization: takeUtilization(),
      connections: supervisor.reportedStatus.connections)
    if let capacity = scaler?.measure(measurement, at: process.now) {
      apply(capacity)
    }
  }

  private func apply(_ capacity: ServerlessCapacity) {
    let host = process.host
    host.processor.resize(to: capacity.vCPU)
    // The engine takes of what the host has got, and must have given back what that is about to lose.
    if capacity.memory > host.memory.capacity || !engineRuns {
      host.resizeMemory(to: capacity.memory)
    }
    if engineRuns { sendProbe() }
    process.simulation.emit(
      ServerlessCapacitySet(
        instance: instance.id, milliACU: capacity.milliACU, demand: scaler?.demand ?? 0,
        utilization: scaler?.lastMeasurement.utilization ?? 0,
        connections: scaler?.lastMeasurement.connections ?? 0))
  }

  /// Takes from the host the memory that the engine has given back, or that no engine is there to hold.
  private func settleMemory(_ engineCapacity: ServerlessCapacity?) {
    guard let scaler, engineCapacity == scaler.capacity,
      process.host.memory.capacity != scaler.capacity.memory
    else { return }
    process.host.resizeMemory(to: scaler.capacity.memory)
  }

  // MARK: Trace

  private func tell(_ note: EngineSupervisor.Note) {
    let (simulation, id) = (process.simulation, instance.id)
    switch note {
    case .crashed(let delay): simulation.emit(EngineCrashed(instance: id, restartDelay: delay))
    case .hung: simulation.emit(EngineHung(instance: id))
    case .fenced: simulation.emit(EngineFenced(instance: id))
    case .demoted: simulation.emit(EngineDemoted(instance: id))
    case .adopted: simulation.emit(EngineAdopted(instance: id))
    case .heldBack: simulation.emit(EngineRestartHeldBack(instance: id))
    }
  }
}

extension HostAgent: EventTarget {
  public func fire(_ token: UInt64) {
    switch token {
    case Token.heartbeat:
      sendHeartbeat()
      process.schedule(after: cluster.timing.heartbeatInterval, self, token: Token.heartbeat)
    case Token.scale:
      scale()
      process.schedule(after: Self.scalingInterval, self, token: Token.scale)
    default:
      alarm.reset()
      if !engineRuns { settleMemory(scaler?.capacity) }
      perform(supervisor.tick(at: process.now, engineIsAlive: engineRuns))
    }
  }
}

extension HostAgent: DatagramHandler {
  public func receive(_ datagram: Datagram) {
    let message = ControlMessage(decoding: datagram.payload, of: cluster.identifier)
    switch message {
    case .command where supervisor.command > 0 && process.has(ControlDefect.agentsDisobey): return
    case .command(let command): perform(supervisor.receive(command, at: process.now))
    case .heartbeatAnswer(let answer):
      guard answer.incarnation == UInt32(process.incarnation) else { return }
      supervisor.receiveContact(at: process.now)
      if let capacity = scaler?.raise(toAtLeast: answer.floor) { apply(capacity) }
    case .status(let report):
      guard datagram.source.host == process.host.id,
        let running = engine.process, UInt32(running.incarnation) == report.process
      else { return }
      settleMemory(report.capacity)
      perform(supervisor.receive(report.status, at: process.now))
    default: return
    }
  }
}
