import Simulation

@testable import ControlPlane

/// The monitor and the coordinator of a cluster `w`, `r1`, `r2`, … without a simulator: lines in, lines out.
///
/// ```
///   2s hear r1 reader open            a heartbeat; `term 3` and `epoch 2` may follow
///   7s tick                           the clock
///   7s recorded / published           the disk, or the name servers, have it
///   9s fail over to r2                an operator
/// ```
struct FailoverScript {
  private(set) var monitor: HealthMonitor
  private(set) var coordinator: FailoverCoordinator
  private let configuration: ClusterConfiguration
  private var sequences: [UInt64]

  init(
    _ instances: [World.Instance] = World.three,
    topology: ClusterTopology = ClusterTopology(term: 1, writer: "w", endpoint: "w"),
    timing: ClusterTiming = ClusterTiming()
  ) {
    let configured = instances.enumerated().map { index, instance in
      InstanceConfiguration(
        id: instance.id, zone: instance.zone,
        instanceClass: InstanceClass(named: instance.instanceClass) ?? .serverless,
        tier: instance.tier, capacity: instance.capacity, host: HostID(index: index))
    }
    configuration = ClusterConfiguration(
      identifier: "shop", region: "here", instances: configured, timing: timing)
    sequences = configured.map { _ in 0 }
    monitor = HealthMonitor(
      instances: configured.map(\.id), timing: timing, at: .start)
    coordinator = FailoverCoordinator(topology: topology, timing: timing, at: .start)
  }

  mutating func run(_ now: Instant, _ words: [String]) -> [String] {
    var lines: [String] = []
    var actions: [FailoverCoordinator.Action] = []
    switch words[0] {
    case "hear":
      let heartbeat = heartbeat(words)
      guard let verdicts = monitor.receive(heartbeat, at: now) else { return ["ignored"] }
      lines = verdicts.map(Self.line)
      actions = coordinator.learn(
        term: heartbeat.term, role: heartbeat.role, of: heartbeat.instance)
    case "tick": lines = monitor.tick(at: now).map(Self.line)
    case "recorded":
      actions = coordinator.confirmRecorded(term: coordinator.topology.term, at: now)
    case "published": actions = coordinator.confirmPublished()
    case "fail":
      do {
        actions = try coordinator.requestFailover(
          to: value("to", in: words), members: members, at: now)
      } catch {
        return ["\(error)"]
      }
    default: return ["what is '\(words[0])'?"]
    }
    actions += coordinator.advance(members, at: now)
    return lines + actions.map(Self.line)
  }

  private var members: [ClusterMember] {
    configuration.instances.map { instance in
      let heartbeat = monitor.heartbeat(of: instance.id)
      return ClusterMember(
        id: instance.id, zone: instance.zone, tier: instance.tier, rank: instance.rank,
        health: monitor.health(of: instance.id), engine: heartbeat?.engine,
        term: heartbeat?.term ?? 0)
    }
  }

  private mutating func heartbeat(_ words: [String]) -> Heartbeat {
    let states: [(String, EngineStatus.State)] = [
      ("open", .available), ("starting", .starting), ("recovering", .recovering),
      ("stopped", .stopped), ("fenced", .fenced),
    ]
    let index = configuration.instances.firstIndex { $0.id == words[1] } ?? 0
    sequences[index] += 1
    let role: EngineRole.Kind = words[2] == "writer" ? .writer : .reader
    return Heartbeat(
      instance: words[1], incarnation: UInt32(value("run", in: words) ?? "1") ?? 1,
      sequence: UInt64(value("number", in: words) ?? "") ?? sequences[index],
      term: UInt64(value("term", in: words) ?? "1") ?? 1, role: role,
      engine: EngineStatus(
        state: states.first { $0.0 == words[3] }?.1 ?? .stopped, role: role,
        epoch: UInt32(value("epoch", in: words) ?? "0") ?? 0))
  }

  private static func line(_ verdict: HealthMonitor.Verdict) -> String {
    switch verdict {
    case .suspected(let id, let reason, let since):
      "suspect \(id): \(reason) since \(since.sinceStart)"
    case .cleared(let id): "clear \(id)"
    }
  }

  private static func line(_ action: FailoverCoordinator.Action) -> String {
    switch action {
    case .record(let topology):
      "record term \(topology.term) writer \(topology.writer) endpoint \(topology.endpoint)"
    case .assignRoles: "assign roles"
    case .publish: "publish"
    case .announce(let milestone):
      switch milestone {
      case .started(let writer, let isPlanned):
        "\(isPlanned ? "planned " : "")failover from \(writer)"
      case .elected(let id, let attempt, let place):
        switch place {
        case .sameZone: "elect \(id), attempt \(attempt), same zone"
        case .otherZone: "elect \(id), attempt \(attempt)"
        case .previousWriter: "elect \(id) again, attempt \(attempt)"
        }
      case .promotionSent(let id): "promotion sent to \(id)"
      case .attemptFailed(let id, let attempt, _): "attempt \(attempt) with \(id) failed"
      case .waiting(let writer): "nobody but \(writer)"
      case .promoted(let id, let epoch): "promoted \(id), epoch \(epoch)"
      case .completed(let writer, let attempts): "completed: \(writer), attempts \(attempts)"
      case .returned(let writer): "\(writer) is back"
      case .remembered(let id): "term remembered by \(id)"
      }
    }
  }
}
