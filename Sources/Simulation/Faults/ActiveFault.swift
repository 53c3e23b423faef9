/// A fault that has begun: what it needs in order to end, and the evidence that it acted.
///
/// A fault that did not act proves nothing, so everyone who injects one asks afterwards.
public final class ActiveFault {
  public let fault: Fault
  public let start: Instant
  public private(set) var end: Instant?
  private let simulation: Simulation
  private let effect: any FaultEffect

  /// Begins the fault now.
  ///
  /// - Precondition: every target is a host of the simulation.
  public init(_ fault: Fault, in simulation: Simulation) {
    (self.fault, self.simulation) = (fault, simulation)
    start = simulation.now
    simulation.emit(FaultStarted(fault: fault.id, targets: fault.targets))
    effect = fault.begin(in: simulation)
  }

  /// Ends the fault: the network heals, disks recover, hosts boot.
  public func finish() {
    guard end == nil else { return }
    end = simulation.now
    simulation.emit(FaultEnded(fault: fault.id, tookEffect: tookEffect, evidence: evidence))
    effect.end()
  }

  public var tookEffect: Bool { effect.count > 0 }

  /// What shows that it acted, in words.
  public var evidence: String { effect.evidence }
}

/// What a fault does, from its beginning, which is the creation of this object, to its end.
protocol FaultEffect: AnyObject {
  /// Undoes what is to be undone; called once.
  func end()
  /// How much it has done, in its own measure; 0 as long as it has done nothing.
  var count: Int { get }
  /// What ``count`` counts, in words.
  var evidence: String { get }
}

extension Fault {
  fileprivate func begin(in simulation: Simulation) -> any FaultEffect {
    let hosts = Self.hosts(targets, of: simulation)
    let stream = "fault/\(id)"
    switch kind {
    case .processCrash(let program): return ProcessCrash(of: program, on: hosts)
    case .processPause(let program): return ProcessPause(of: program, on: hosts)
    case .killLoop(let program, let period):
      return KillLoop(of: program, on: hosts, every: period)
    case .hostCrash(let unflushed): return HostOutage(of: hosts, unflushed)
    case .tornWrites: return TornWrites(on: hosts)
    case .hostLoss: return HostLoss(of: hosts)
    case .rollingRestart(let down, let period):
      return RollingRestart(of: hosts, down: down, every: period)
    case .link(let fault, let others, let oneWay):
      return LinkDisturbance(
        fault, between: hosts, and: Self.hosts(others, of: simulation), oneWay: oneWay,
        stream: stream)
    case .reset(let others):
      return ConnectionReset(between: hosts, and: Self.hosts(others, of: simulation), stream)
    case .swizzle(let others, let interval):
      return Swizzle(
        of: hosts, from: Self.hosts(others, of: simulation), within: interval, stream: stream)
    case .bandwidth(let limit): return BandwidthLimit(of: hosts, to: limit)
    case .disk(let fault): return DiskDisturbance(fault, on: hosts, stream: stream)
    case .bitRot(let bits): return BitRot(of: bits, on: hosts, simulation.random(stream))
    case .diskLoss: return DiskLoss(on: hosts, stream: stream)
    case .cpuTheft(let factor): return CPUTheft(on: hosts, factor: factor)
    case .memoryPressure(let share): return MemoryPressure(on: hosts, share: share)
    case .clock(let fault): return ClockDisturbance(fault, on: hosts)
    case .forcedPoint(let name): return ForcedPoint(name, on: hosts)
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
}
