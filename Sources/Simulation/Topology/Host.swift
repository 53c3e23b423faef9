/// A machine: vCPUs, disks, a place in an Availability Zone, and the programs that it runs.
///
/// A host that boots starts its programs; a host that crashes ends all of its processes at once and
/// loses what its disks had not flushed. Neither tells anybody.
public final class Host {
  public let id: HostID
  public let name: String
  /// `nil` for a regional service, which no outage of one zone takes down.
  public let zone: AvailabilityZone?
  public unowned(unsafe) let simulation: Simulation
  // What is asked for at every event, without a detour.
  let loop: EventLoop
  let network: Network
  let faultPoints: FaultPoints
  public let processor: Processor
  public internal(set) var memory: Memory
  public internal(set) var clock = HostClock()
  /// How often a program has looked at the wall clock.
  private(set) var wallClockReadings: UInt64 = 0
  public private(set) var isUp = true
  public private(set) var processes: [Process] = []
  public private(set) var disks: [Disk] = []
  private var programs: [Program] = []
  private var incarnations = 0
  /// How often it has come up again.
  private(set) var bootCount = 0
  /// Programs that die as soon as they start, because a fault holds them down; one entry a fault.
  private var heldDown: [String] = []
  /// How many faults keep it down.
  private var powerCuts = 0
  let random: RandomStream
  var ports = PortTable()
  var nextEphemeralPort: UInt16 = 32_768

  /// A program that starts when the host boots, and again some time after it has ended by itself.
  private struct Program {
    let name: String
    let restartDelay: Interval?
    let body: (Process) -> Void
  }

  init(
    id: HostID, name: String, zone: AvailabilityZone?, capacity: Double, memory: Int,
    simulation: Simulation
  ) {
    self.id = id
    self.name = name
    self.zone = zone
    self.simulation = simulation
    (loop, network, faultPoints) = (simulation.loop, simulation.network, simulation.faultPoints)
    processor = Processor(
      capacity: capacity, busy: simulation.meters.meter(.cpuTime, of: .host(name)), loop: loop)
    self.memory = Memory(capacity: memory)
    random = simulation.random("host/\(name)")
  }

  /// Installs a program and starts it, if the host is up.
  ///
  /// - Parameter restartDelay: after which the host starts the program again when it has crashed;
  ///   `nil` if somebody else sees to that.
  public func install(
    _ name: String, restartDelay: Interval?, _ body: @escaping (Process) -> Void
  ) {
    let program = Program(name: name, restartDelay: restartDelay, body: body)
    programs.append(program)
    if isUp { start(program) }
  }

  /// Starts a process that the host does not restart by itself.
  ///
  /// - Parameter resource: that it works for, and whose meters it drives; `nil` for the host.
  /// - Precondition: the host is up.
  public func start(_ name: String, for resource: ResourceName? = nil) -> Process {
    precondition(isUp, "\(self.name) is down")
    incarnations += 1
    let process = Process(
      name: name, host: self, resource: resource ?? .host(self.name), incarnation: incarnations)
    processes.append(process)
    if heldDown.contains(name) {
      loop.schedule(at: loop.now) { process.end() }
    }
    return process
  }

  /// Ends a program and lets no new process of it live, until ``release(_:)`` is called as often.
  ///
  /// - Returns: whether a process of it was running.
  func holdDown(_ program: String) -> Bool {
    heldDown.append(program)
    guard let process = process(named: program) else { return false }
    process.end()
    return true
  }

  func release(_ program: String) {
    if let index = heldDown.firstIndex(of: program) { heldDown.remove(at: index) }
  }

  public func addDisk(_ disk: Disk) { disks.append(disk) }

  /// A meter of the host itself.
  public func meter(_ kind: Meter.Kind) -> Meter { simulation.meters.meter(kind, of: .host(name)) }

  public func process(named name: String) -> Process? { processes.first { $0.name == name } }

  /// Loses power: every process ends without a word, and writes that were not flushed are lost, all of
  /// them or by lot.
  public func crash(_ unflushed: UnflushedWrites = .mayHaveLanded) {
    guard isUp else { return }
    isUp = false
    for process in processes { process.end() }
    for disk in disks { disk.losePower(unflushed) }
    ports.removeAll()
    network.clearInterface(of: id)
    processor.reset()
    simulation.emit(HostWentDown(host: name))
  }

  /// Comes up again and starts its programs.
  public func boot() {
    guard !isUp else { return }
    isUp = true
    bootCount += 1
    simulation.emit(HostBooted(host: name))
    for program in programs { start(program) }
  }

  /// Crashes, and stays down until ``restorePower()`` is called as often: faults may overlap.
  ///
  /// - Returns: whether it was up.
  func cutPower(_ unflushed: UnflushedWrites = .mayHaveLanded) -> Bool {
    let wasUp = isUp
    powerCuts += 1
    crash(unflushed)
    return wasUp
  }

  func restorePower() {
    powerCuts -= 1
    if powerCuts == 0 { boot() }
  }

  private func start(_ program: Program) {
    let process = start(program.name)
    if let delay = program.restartDelay {
      process.onEnd { [unowned self] in
        guard isUp else { return }
        loop.schedule(at: loop.now + delay) { [unowned self] in
          if isUp, self.process(named: program.name) == nil { start(program) }
        }
      }
    }
    // What is held down dies before it has said a word.
    if !heldDown.contains(program.name) { program.body(process) }
  }

  /// Ends what runs here, for good, and lets go of what could be started again.
  func dismantle() {
    isUp = false
    for process in processes { process.end() }
    programs.removeAll()
    ports.removeAll()
  }

  /// What the wall clock shows, as a time since the run's start; each look is counted.
  public var date: Instant {
    wallClockReadings += 1
    return clock.date(at: loop.now)
  }

  /// Changes the size of its memory, in bytes; what no longer fits is ended.
  public func resizeMemory(to capacity: Int) {
    precondition(capacity > 0, "a host needs some memory, not \(capacity) bytes")
    memory.capacity = capacity
    reclaimMemory()
  }

  /// Ends processes, the greatest first, until there is memory again.
  func reclaimMemory() {
    while memory.isExceeded {
      var greatest: Process?
      for process in processes where process.memory > (greatest?.memory ?? 0) { greatest = process }
      guard let victim = greatest else { return }
      memory.kills.append(Memory.Kill(program: victim.name, bytes: victim.memory))
      simulation.probes.reach(KernelProbe.outOfMemory)
      simulation.emit(
        ProcessKilledForMemory(host: name, program: victim.name, bytes: victim.memory))
      victim.end()
    }
  }

  func forget(_ process: Process) {
    processor.drop(process)
    processes.removeAll { $0 === process }
    for port in process.boundPorts { ports.release(port) }
    if isUp { process.resetConnections() } else { process.connections.removeAll() }
  }
}

/// The place of a host in the order of creation.
public struct HostID: Hashable, Comparable, Codable, Sendable {
  public let index: Int
  public init(index: Int) { self.index = index }
  public static func < (lhs: HostID, rhs: HostID) -> Bool { lhs.index < rhs.index }
}
