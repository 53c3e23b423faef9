public import Simulation
import Volume

// What Aurora's fault-injection functions do.
//
// Disk failures and disk congestion are ordered from the storage nodes that hold the segments, and outlive the
// engine that has ordered them. A replica failure is a matter of the engine's own end of the log stream, and
// goes with its process.

extension DatabaseInstance {
  public func injectCrash(_ part: InjectedCrash, by client: Address) {
    host.simulation.emit(
      EngineCrashInjected(instance: identifier, part: part, client: client))
    switch part {
    case .instance, .node:
      process?.end()
    case .dispatcher:
      // Without what sends its log away the writer can finish nothing: it hangs until its agent notices.
      if case .writer(let writer) = mode { writer.halt() } else { process?.end() }
    }
  }

  public func volumeStatus() -> VolumeStatus {
    let geometry = configuration.geometry
    return VolumeStatus(diskCount: geometry.groupCount, nodeCount: geometry.nodes.count)
  }

  public func inject(_ fault: InjectedStorageFault, by client: Address) {
    let geometry = configuration.geometry
    let candidates =
      switch fault.place {
      case .disk(let index): geometry.segments(ofGroup: index)
      case .node(let index): geometry.segments(on: geometry.nodes[index])
      }
    let id = nextInjection()
    let random = host.simulation.random("inject/\(identifier)/\(injectionCount)")
    let marked = Self.draw(fault.share, of: candidates, random)
    var nodes: [String] = []
    for segment in marked {
      let name = host.simulation.hosts[geometry.node(of: segment).host.index].name
      if !nodes.contains(name) { nodes.append(name) }
    }
    let place =
      switch fault.place {
      case .disk(let index): "disk \(index)"
      case .node(let index): "node \(index)"
      }
    host.simulation.emit(
      FaultInjected(
        instance: identifier, id: id, function: fault.effect.function,
        target: "\(place), \(marked.count) of \(candidates.count) segments", victims: nodes,
        interval: fault.interval, client: client, isOfProcess: false))
    injectSegmentFault(
      SegmentFault(id: id, effect: fault.effect.segment, requester: isReader ? host.id : nil),
      into: marked, for: fault.interval)
  }

  public func injectReplicaFailure(
    share: Double, of replica: String?, for interval: Interval, by client: Address
  ) {
    let id = nextInjection()
    let victims: [String]
    if isReader {
      victims = [identifier]
    } else if let replica {
      victims = [replica]
    } else {
      victims = replicaStatus().filter { !$0.isWriter }.map(\.serverID)
    }
    host.simulation.emit(
      FaultInjected(
        instance: identifier, id: id, function: "aurora_inject_replica_failure",
        target: isReader || replica != nil ? "replica \(victims[0])" : "all replicas",
        victims: victims, interval: interval, client: client, isOfProcess: true))
    guard let process else { return }
    let failure = ReplicaFailure(
      id: id, share: share, replica: isReader ? nil : replica, end: process.now + interval,
      random: host.simulation.random("inject/\(identifier)/\(injectionCount)"))
    replicaFailures.append(failure)
    switch mode {
    case .none: break
    case .writer(let writer): writer.fail(failure)
    case .reader(let reader): reader.failures.add(failure)
    }
  }

  /// How much of the log stream an injected replica failure has blocked.
  public func blockedCount(by injection: UInt64) -> Int {
    replicaFailures.first { $0.id == injection }?.blockedCount ?? 0
  }

  /// Ends the replica failures that were injected here, as if their time had come.
  public func endInjectedFaults() { for failure in replicaFailures { failure.finish() } }

  /// As many as the share comes to, chosen by lot; what is left of one counts with its probability.
  private static func draw(
    _ share: Double, of segments: [SegmentID], _ random: RandomStream
  ) -> [SegmentID] {
    var segments = segments
    random.shuffle(&segments)
    let exact = share * Double(segments.count)
    let count = Int(exact) + (random.chance(exact - exact.rounded(.down)) ? 1 : 0)
    return segments.prefix(count).sorted { ($0.group, $0.copy) < ($1.group, $1.copy) }
  }
}

extension InjectedStorageFault.Effect {
  fileprivate var segment: SegmentFault.Effect {
    switch self {
    case .failure: .blocked
    case .congestion(let delay): .delayed(delay)
    }
  }

  fileprivate var function: String {
    switch self {
    case .failure: "aurora_inject_disk_failure"
    case .congestion: "aurora_inject_disk_congestion"
    }
  }
}
