internal import Simulation

/// What chaos can draw, by the keyword under which a scenario writes it.
enum ChaosFamily: String, CaseIterable {
  case crash, pause
  case killLoop = "kill_loop"
  case hostCrash = "host_crash"
  case hostLoss = "host_loss"
  case tornWrite = "torn_write"
  case rollingRestart = "rolling_restart"
  case outage
  case powerLoss = "power_loss"
  case partition, isolate, reset, flap, delay, loss, duplicate, reorder, corrupt, clog, swizzle
  case disk
  case diskFull = "disk_full"
  case lostFlush = "lost_fsync"
  case bitRot = "bit_rot"
  case misdirectedWrite = "misdirected_write"
  case misdirectedRead = "misdirected_read"
  case diskLoss = "disk_loss"
  case cpu, memory, bandwidth
  case connectionStorm = "connection_storm"
  case clock, dns, sql, api

  /// Kinds of fault that chaos never draws, and why.
  static let leftOut = [
    (form: "outage region", reason: "all six copies are gone, and whoever could recover from them"),
    (form: "sql", reason: "what any other statement does, nobody but its scenario can tell"),
  ]
}

/// A fault that was drawn, before it has a time, and what it costs while it lasts.
struct DrawnFault {
  var action: Scenario.Fault.Action
  /// Storage nodes that are away, or whose records may be gone.
  var nodes: [StorageNodeName] = []
  /// Copies of one protection group that are away, chosen by lot when it strikes.
  var lot: (group: Int, copies: Int)?
  /// An AZ that is down.
  var zone: AvailabilityZoneLetter?
  /// Whether the nodes count from its start to the end of the run: what they held may be damaged for good.
  var damages = false
  /// How long it lasts, if it says so itself.
  var length: Interval?
}

/// Draws actions for a scenario's cluster, of a strength that a cluster meets in real life.
struct ChaosDraw {
  let scenario: Scenario
  let random: RandomStream

  func one<Element>(of choices: [Element]) -> Element {
    choices[random.index(below: choices.count)]
  }

  func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.index(below: range.count)
  }

  private func milliseconds(_ range: ClosedRange<Int>) -> Interval {
    .milliseconds(Int64(number(range)))
  }

  private func percent(_ range: ClosedRange<Int>) -> Percentage { .percent(Int64(number(range))) }

  private func zone() -> AvailabilityZoneLetter { one(of: AvailabilityZoneLetter.allCases) }

  private func node() -> StorageNodeName {
    StorageNodeName(
      zone: zone(), index: random.index(below: scenario.cluster.volume.storageNodesPerZone))
  }

  func instance() -> Target {
    let ids = scenario.cluster.instances.map(\.id)
    return random.chance(0.5) ? .writer : .instance(one(of: ids))
  }

  private func program() -> (target: Target, nodes: [StorageNodeName]) {
    if random.chance(0.5) { return (instance(), []) }
    let node = node()
    return (node.target, [node])
  }

  /// A host with a disk: mostly a storage node's, or else the control plane's, which holds no copy of anything.
  private func diskHost() -> (target: Target, nodes: [StorageNodeName]) {
    let node = node()
    return random.chance(0.15) ? (.controlPlane, []) : (node.target, [node])
  }

  /// One of the programs that lead the cluster: while it is away the database goes on.
  private func leader() -> Target {
    one(of: [.agents(of: instance()), .agents(of: .instances(nil)), .controlPlane, .nameServer])
  }

  /// One fault of a family.
  func fault(of family: ChaosFamily, lasting duration: Interval) -> DrawnFault {
    switch family {
    case .crash, .pause, .killLoop: processFault(family)
    case .hostCrash, .hostLoss, .tornWrite, .rollingRestart: hostFault(family)
    case .outage, .powerLoss: outage(family)
    case .partition, .isolate, .reset, .flap, .clog, .swizzle: cut(family)
    case .delay, .loss, .duplicate, .reorder, .corrupt: disturbance(family)
    case .disk, .diskFull, .lostFlush, .bitRot, .misdirectedWrite, .misdirectedRead, .diskLoss:
      diskFault(family)
    case .cpu, .memory, .bandwidth, .connectionStorm: shortage(family)
    case .sql: injection(lasting: duration)
    case .api: call()
    case .clock, .dns: other(family)
    }
  }

  private func processFault(_ family: ChaosFamily) -> DrawnFault {
    let (target, nodes) = random.chance(0.3) ? (leader(), []) : program()
    let kind: Scenario.Fault.Process.Kind =
      switch family {
      case .crash: .crash
      case .pause: .pause
      default: .killLoop(every: milliseconds(200...2_000))
      }
    return DrawnFault(action: .process(.init(target, kind)), nodes: nodes)
  }

  private func hostFault(_ family: ChaosFamily) -> DrawnFault {
    switch family {
    case .hostCrash:
      let (target, nodes) = random.chance(0.15) ? (.controlPlane, []) : program()
      return DrawnFault(action: .host(.init(target, .crash)), nodes: nodes)
    case .hostLoss:
      let (target, nodes) = diskHost()
      return DrawnFault(action: .host(.init(target, .loss)), nodes: nodes, damages: true)
    case .tornWrite:
      let (target, nodes) = diskHost()
      return DrawnFault(action: .host(.init(target, .tornWrite)), nodes: nodes)
    default:
      let zone = zone()
      return DrawnFault(
        action: .host(
          .init(
            .storage(zone),
            .rollingRestart(down: milliseconds(100...800), every: milliseconds(300...1_500)))),
        nodes: StorageNodeName.all(in: zone, of: scenario))
    }
  }

  private func outage(_ family: ChaosFamily) -> DrawnFault {
    let zone = zone()
    return DrawnFault(
      action: .outage(family == .outage ? .zone(zone) : .power(zone)),
      nodes: StorageNodeName.all(in: zone, of: scenario), zone: zone)
  }

  private func cut(_ family: ChaosFamily) -> DrawnFault {
    let kind: Scenario.Fault.Link.Kind =
      switch family {
      case .reset: .reset
      case .flap: .flap(down: milliseconds(20...300), every: milliseconds(400...1_000))
      case .clog: .clog
      case .swizzle: .swizzle
      default: .cut
      }
    if family == .swizzle {
      let zone = zone()
      return DrawnFault(
        action: .link(.init(.around(.storage(zone)), kind)),
        nodes: StorageNodeName.all(in: zone, of: scenario))
    }
    if family == .isolate || random.chance(0.4) {
      let isolatesLeaders = family != .partition && random.chance(0.15)
      let (target, nodes) = isolatesLeaders ? (.controlPlane, []) : program()
      let route: Scenario.Fault.Link.Route =
        family == .partition ? .between(target, .controlPlane) : .around(target)
      return DrawnFault(action: .link(.init(route, kind)), nodes: nodes)
    }
    let zone = zone()
    let (side, other) = (instance(), Target.storage(zone))
    let route = one(of: [
      Scenario.Fault.Link.Route.between(side, other), .oneWay(from: side, to: other),
      .oneWay(from: other, to: side),
    ])
    return DrawnFault(
      action: .link(.init(route, kind)), nodes: StorageNodeName.all(in: zone, of: scenario))
  }

  private func disturbance(_ family: ChaosFamily) -> DrawnFault {
    let target = one(of: [instance(), .storage(zone()), .zone(zone()), node().target])
    let kind: Scenario.Fault.Link.Kind =
      switch family {
      case .delay: .delay(.uniform(.zero, milliseconds(1...150)))
      case .loss: .loss(percent(1...30))
      case .duplicate: .duplicate(percent(1...50))
      case .reorder: .reorder(percent(1...50), by: milliseconds(1...100))
      default: .corrupt(percent(1...20), escaping: percent(0...100))
      }
    return DrawnFault(action: .link(.init(.around(target), kind)))
  }

  private func diskFault(_ family: ChaosFamily) -> DrawnFault {
    let (target, nodes) = diskHost()
    let kind: Scenario.Fault.Disk.Kind =
      switch family {
      case .disk:
        one(of: [
          .slow(Factor(times: number(2...100))),
          .stall(milliseconds(50...400), every: milliseconds(500...1_000)),
          .delay(.uniform(.zero, milliseconds(1...50))),
          .failure(percent(1...100)),
        ])
      case .diskFull: .full
      case .lostFlush: .lostFlush
      case .bitRot: .bitRot(number(1...40))
      case .misdirectedWrite: .misdirectedWrite(percent(1...20))
      case .misdirectedRead: .misdirectedRead(percent(1...20))
      default: .loss
      }
    let damages: Bool =
      switch family {
      case .lostFlush, .bitRot, .misdirectedWrite, .diskLoss: true
      default: false
      }
    return DrawnFault(
      action: .disk(.init(target, kind)), nodes: nodes, damages: damages)
  }

  private func shortage(_ family: ChaosFamily) -> DrawnFault {
    let kind: Scenario.Fault.Resource.Kind
    var target = instance()
    switch family {
    case .cpu:
      target = one(of: [target, .storage(zone())])
      kind = .cpu(Factor(times: number(2...16)))
    case .memory: kind = .memory(percent(5...60))
    case .bandwidth:
      target = one(of: [target, .storage(zone())])
      kind = .bandwidth(ByteRate(perSecond: ByteSize(bytes: Int64(number(1...20)) << 18)))
    default: kind = .connections(number(10...200))
    }
    return DrawnFault(action: .resource(.init(target, kind)))
  }

  private func other(_ family: ChaosFamily) -> DrawnFault {
    switch family {
    case .clock:
      let span = milliseconds(1...3_000)
      let signed = random.chance(0.5) ? span : .zero - span
      let kind = one(of: [
        Scenario.Fault.Clock.Kind.offset(signed),
        .drift(PartsPerMillion(count: number(0...100_000) - 50_000)), .step(signed),
        .repeatedSecond, .smearedSecond,
      ])
      return DrawnFault(
        action: .clock(.init(one(of: [instance(), .zone(zone()), .controlPlane]), kind)))
    default: return DrawnFault(action: .names(one(of: [.outage, .stale])))
    }
  }
}
