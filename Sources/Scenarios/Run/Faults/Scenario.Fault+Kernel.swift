import ControlPlane
import Simulation

/// A fault with hosts as its targets, where a scenario's has roles.
typealias KernelFault = Fault

extension Scenario.Fault {
  /// The fault as the kernel knows it, with roles turned into hosts.
  ///
  /// - Parameter duration: zero for a fault without one.
  /// - Precondition: it is one of the kernel's, and no statement, call or storm of connections.
  func resolved(
    by resolver: TargetResolver, lasting duration: Interval, in simulation: Simulation
  ) -> KernelFault {
    func fault(_ target: Target, _ kind: KernelFault.Kind) -> KernelFault {
      KernelFault(id: id, kind: kind, targets: resolver.hosts(of: target))
    }
    switch action {
    case .process(let process):
      let (program, hosts) = resolver.program(of: process.target)
      return KernelFault(id: id, kind: process.kind.kernel(program: program), targets: hosts)
    case .host(let host): return fault(host.target, host.kind.kernel)
    case .outage(.zone(let zone)): return fault(.zone(zone), .hostCrash(.mayHaveLanded))
    case .outage(.power(let zone)): return fault(.zone(zone), .hostCrash(.areLost))
    case .outage(.region):
      let hosts = simulation.hosts.filter { host in
        host.zone != nil || resolver.hosts(of: .controlPlane).contains(host.name)
      }
      return KernelFault(
        id: id, kind: .hostCrash(.mayHaveLanded), targets: hosts.map(\.name))
    case .link(let link):
      let (sources, others, oneWay) = link.route.ends(resolver, simulation)
      return KernelFault(
        id: id, kind: link.kind.kernel(others: others, oneWay: oneWay, lasting: duration),
        targets: sources)
    case .disk(let disk): return fault(disk.target, disk.kind.kernel)
    case .resource(let resource): return fault(resource.target, resource.kind.kernel)
    case .clock(let clock): return fault(clock.target, .clock(clock.kind.kernel(over: duration)))
    case .names(.stale):
      return KernelFault(
        id: id, kind: .forcedPoint(NameServer.stalePoint), targets: [HostName.nameServer])
    case .names(.outage):
      let others = simulation.hosts.map(\.name).filter { $0 != HostName.nameServer }
      return KernelFault(
        id: id, kind: .link(.blocked, others: others, oneWay: false),
        targets: [HostName.nameServer])
    case .statement, .call:
      preconditionFailure("a statement is sent and a call is made, neither is injected")
    }
  }
}

extension Scenario.Fault.Process.Kind {
  fileprivate func kernel(program: String) -> KernelFault.Kind {
    switch self {
    case .crash: .processCrash(program: program)
    case .pause: .processPause(program: program)
    case .killLoop(let period): .killLoop(program: program, every: period)
    }
  }
}

extension Scenario.Fault.Host.Kind {
  fileprivate var kernel: KernelFault.Kind {
    switch self {
    case .crash: .hostCrash(.mayHaveLanded)
    case .loss: .hostLoss
    case .tornWrite: .tornWrites
    case .rollingRestart(let down, let period): .rollingRestart(down: down, every: period)
    }
  }
}

extension Scenario.Fault.Link.Route {
  /// The hosts on either side, by name.
  fileprivate func ends(
    _ resolver: TargetResolver, _ simulation: Simulation
  ) -> (sources: [String], others: [String], oneWay: Bool) {
    switch self {
    case .around(let target):
      let inside = resolver.hosts(of: target)
      return (inside, simulation.hosts.map(\.name).filter { !inside.contains($0) }, false)
    case .between(let one, let other):
      return (resolver.hosts(of: one), resolver.hosts(of: other), false)
    case .oneWay(let source, let target):
      return (resolver.hosts(of: source), resolver.hosts(of: target), true)
    }
  }
}

extension Scenario.Fault.Link.Kind {
  fileprivate func kernel(
    others: [String], oneWay: Bool, lasting duration: Interval
  ) -> KernelFault.Kind {
    func link(_ fault: LinkFault) -> KernelFault.Kind {
      .link(fault, others: others, oneWay: oneWay)
    }
    switch self {
    case .cut: return link(.blocked)
    case .reset: return .reset(others: others)
    case .flap(let down, let period): return link(.flapping(down: down, period: period))
    case .delay(let shape): return link(.delayed(by: shape))
    case .loss(let share): return link(.lossy(share.fraction))
    case .duplicate(let share): return link(.duplicating(share.fraction))
    case .reorder(let share, let longest): return link(.reordering(share.fraction, by: longest))
    case .corrupt(let share, let escaping):
      return link(.corrupting(share.fraction, escaping: escaping.fraction))
    case .clog: return link(.clogged)
    case .swizzle: return .swizzle(others: others, within: duration)
    }
  }
}

extension Scenario.Fault.Disk.Kind {
  fileprivate var kernel: KernelFault.Kind {
    switch self {
    case .slow(let factor): .disk(.slow(factor: factor.times))
    case .stall(let stall, let every): .disk(.stalling(stall: stall, period: every))
    case .delay(let shape): .disk(.delayed(by: shape))
    case .failure(let share): .disk(.failing(share.fraction))
    case .full: .disk(.full)
    case .lostFlush: .disk(.forgetsFlushes)
    case .bitRot(let bits): .bitRot(bits: bits)
    case .misdirectedWrite(let share): .disk(.misdirectingWrites(share.fraction))
    case .misdirectedRead(let share): .disk(.misdirectingReads(share.fraction))
    case .loss: .diskLoss
    }
  }
}

extension Scenario.Fault.Resource.Kind {
  fileprivate var kernel: KernelFault.Kind {
    switch self {
    case .cpu(let factor): .cpuTheft(factor: factor.times)
    case .memory(let share): .memoryPressure(share.fraction)
    case .bandwidth(let limit): .bandwidth(bytesPerSecond: limit.perSecond.bytes)
    case .connections: preconditionFailure("a storm of connections comes from outside the kernel")
    }
  }
}

extension Scenario.Fault.Clock.Kind {
  fileprivate func kernel(over duration: Interval) -> ClockFault {
    switch self {
    case .offset(let interval): .offset(interval)
    case .drift(let drift): .drift(partsPerMillion: drift.count)
    case .step(let interval): .step(interval)
    case .repeatedSecond: .leapSecond(smearedOver: nil)
    case .smearedSecond: .leapSecond(smearedOver: duration)
    }
  }
}
