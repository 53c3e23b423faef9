/// A fault that has begun: what it needs in order to end, and the evidence that it acted.
///
/// A fault that did not act proves nothing, so everyone who injects one asks afterwards.
public final class ActiveFault {
  public let fault: Fault
  public let start: Instant
  public private(set) var end: Instant?
  private let simulation: Simulation
  private var partition: Network.Partition?
  private var victims: [Host] = []
  /// Where a program is held down until the end.
  private var held: [Host] = []
  /// How many disk operations had been disturbed before.
  private var disturbedBefore: UInt64 = 0

  /// Begins the fault now.
  ///
  /// - Precondition: every target is a host of the simulation.
  public init(_ fault: Fault, in simulation: Simulation) {
    (self.fault, self.simulation) = (fault, simulation)
    start = simulation.now
    simulation.emit(
      "fault.started", fault.id, ["targets": .text(fault.targets.joined(separator: " "))])
    let hosts = Self.hosts(fault.targets, of: simulation)
    switch fault.kind {
    case .processCrash(let program):
      held = hosts
      for host in hosts where host.holdDown(program) { victims.append(host) }
    case .hostCrash:
      for host in hosts where host.isUp {
        victims.append(host)
        host.crash()
      }
    case .partition(let others, let oneWay):
      partition = simulation.network.partition(
        hosts.map(\.id), from: Self.hosts(others, of: simulation).map(\.id), oneWay: oneWay)
    case .diskSlow, .diskStall, .diskFailure, .diskForgetsFlushes:
      victims = hosts
      disturbedBefore = disturbed
      updateDisks(begins: true)
    }
  }

  /// Ends the fault: the network heals, disks recover, hosts boot.
  public func finish() {
    guard end == nil else { return }
    end = simulation.now
    simulation.emit("fault.ended", fault.id)
    if let partition { simulation.network.heal(partition) }
    switch fault.kind {
    case .processCrash(let program): for host in held { host.release(program) }
    case .hostCrash: for host in victims { host.boot() }
    case .diskSlow, .diskStall, .diskFailure, .diskForgetsFlushes: updateDisks(begins: false)
    case .partition: break
    }
  }

  public var tookEffect: Bool {
    switch fault.kind {
    case .processCrash, .hostCrash: !victims.isEmpty
    case .partition: (partition?.droppedCount ?? 0) > 0
    case .diskSlow, .diskStall, .diskFailure, .diskForgetsFlushes: disturbed > disturbedBefore
    }
  }

  /// What shows that it acted, in words.
  public var evidence: String {
    switch fault.kind {
    case .processCrash:
      "\(victims.count) of \(fault.targets.count) processes were running and ended"
    case .hostCrash: "\(victims.count) of \(fault.targets.count) hosts were up and went down"
    case .partition: "\(partition?.droppedCount ?? 0) packets dropped"
    case .diskSlow, .diskStall, .diskFailure, .diskForgetsFlushes:
      "\(disturbed - disturbedBefore) disk operations disturbed"
    }
  }

  private static func hosts(_ names: [String], of simulation: Simulation) -> [Host] {
    names.map { name in
      guard let host = simulation.host(named: name) else {
        preconditionFailure("there is no host called \(name)")
      }
      return host
    }
  }

  private var disturbed: UInt64 {
    victims.reduce(0) { $0 + $1.disks.reduce(0) { $0 + $1.counters.disturbed } }
  }

  /// Overlapping faults of one disk: the later one's setting holds until it ends.
  private func updateDisks(begins: Bool) {
    for disk in victims.flatMap(\.disks) {
      switch fault.kind {
      case .diskSlow(let factor):
        disk.condition.slowness = begins ? factor : 1
      case .diskStall(let stall, let period):
        disk.condition.stallLength = begins ? stall : .zero
        disk.condition.stallPeriod = begins ? period : .zero
        disk.condition.stallsSince = simulation.now
      case .diskFailure(let probability):
        disk.condition.failureProbability = begins ? probability : 0
      case .diskForgetsFlushes:
        disk.condition.forgetsFlushes = begins
      case .processCrash, .hostCrash, .partition:
        break
      }
    }
  }
}
