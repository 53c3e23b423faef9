import ControlPlane
import Database
import Simulation
import Statistics
import Volume

/// Puts trace events into words.
struct EventNarrator {
  private let faults: [FaultResult]
  private let instances: [String]
  private let origin: Instant
  /// What was last told of each instance, to tell what changes.
  private var capacities = LookupTable<String, Int64>()

  init(scenario: Scenario, faults: [FaultResult], origin: Instant) {
    instances = scenario.cluster.instances.map(\.id)
    (self.faults, self.origin) = (faults, origin)
  }

  /// - Returns: `nil` for what needs no line of its own.
  mutating func tell(_ event: TraceEvent) -> (RunEvent.Category, String)? {
    switch event.payload {
    case let event as HostWentDown: tellHost(event.host, isDown: true)
    case let event as HostBooted: tellHost(event.host, isDown: false)
    case let event as ProcessKilledForMemory:
      (
        category(ofHost: event.host),
        "\(event.program) on \(event.host) is ended for want of memory"
      )
    case let event as FaultStarted: (.fault, tellStart(ofFault: event.fault))
    case let event as FaultEnded:
      (.fault, "\(event.fault) ends\(description(ofFault: event.fault))")
    case let event as EngineStateChanged: (.instance, Self.tell(event))
    case let event as EngineCrashInjected:
      (.instance, "\(event.instance) is asked by a client to crash (\(event.part.rawValue))")
    case let event as PurgeStopped:
      (.instance, "\(event.host) purges old versions no longer: \(event.reason)")
    case let event as ServerlessCapacitySet: tellCapacity(event).map { (.capacity, $0) }
    case let event as ClientResolved:
      event.instance.map { (.client, "\(event.host) is sent to \($0) by the name server") }
    case let event as any AgentEvent: Self.tellAgent(event).map { (.instance, $0) }
    case let event as any ClusterControlEvent: Self.tellCluster(event)
    case let event as any InstanceControlEvent: tellInstance(event)
    default: Self.tellVolume(event.payload).map { (.volume, $0) }
    }
  }

  private func description(ofFault id: String) -> String {
    faults.first { $0.id == id }.map { ": \($0.kind) \($0.targets)" } ?? ""
  }

  private func tellStart(ofFault id: String) -> String {
    let victims = faults.first { $0.id == id }?.victims ?? []
    let names = victims.isEmpty || victims.count > 6 ? "" : " (\(Self.list(victims)))"
    return "\(id) begins\(description(ofFault: id))\(names)"
  }

  private mutating func tellHost(_ host: String, isDown: Bool) -> (RunEvent.Category, String)? {
    // A host that boots begins at its minimum; it has not shrunk.
    capacities.removeValue(forKey: host)
    return (category(ofHost: host), Self.text(ofHosts: [host], isDown: isDown))
  }

  func category(ofHost name: String) -> RunEvent.Category {
    if instances.contains(name) { return .instance }
    if name.hasPrefix("storage-") { return .volume }
    return name.hasPrefix("client-") ? .client : .health
  }

  /// What became of hosts at one instant.
  static func text(ofHosts names: [String], isDown: Bool) -> String {
    guard names.count > 1 else {
      return "the host of \(list(names)) \(isDown ? "is down" : "boots")"
    }
    let who =
      names.count > 6 ? "\(list(Array(names.prefix(3)))) and \(names.count - 3) more" : list(names)
    return "the hosts of \(who) \(isDown ? "are down" : "boot")"
  }

  private static func tellCluster(
    _ event: any ClusterControlEvent
  ) -> (RunEvent.Category, String)? {
    switch event {
    case let event as ControlPlaneStarted:
      return (.health, "the control plane starts; its writer is \(event.writer)")
    case let event as FailoverStarted:
      let planned = event.isPlanned ? ", as asked" : ""
      return (.failover, "\(event.writer) is to be replaced\(planned)")
    case let event as ManagementCallTaken:
      return (.failover, "the control plane takes on \(event.call)")
    case let event as ManagementCallRefused:
      return (.failover, "\(event.call) is refused: \(event.code)")
    case let event as NoCandidateFound:
      return (.failover, "there is nobody to replace \(event.writer)")
    case let event as FailoverCompleted:
      return (.failover, "the failover to \(event.writer) is complete")
    case let event as ZoneChanged:
      let readers = event.readers.isEmpty ? "none" : event.readers.joined(separator: ",")
      return (
        .endpoint, "the endpoints are to change: writer \(event.writer), readers \(readers)"
      )
    case let event as ZonePublished:
      return (.endpoint, "the name servers have it: writer \(event.writer)")
    default: return nil
    }
  }

  private func tellInstance(_ event: any InstanceControlEvent) -> (RunEvent.Category, String)? {
    let id = event.instance
    switch event {
    case is TermLearned:
      return (.health, "the control plane learns from \(id) of a term that it had lost")
    case let event as InstanceSuspected:
      let since = Measurement.time(.start + (event.since - origin))
      let reason = event.reason == .silent ? "silent" : "its engine is down"
      return (.health, "\(id) is taken for dead: \(reason) since \(since)")
    case is SuspicionCleared: return (.health, "\(id) is no longer taken for dead")
    case is CandidateElected: return (.failover, "\(id) is chosen to be the writer")
    case is PromotionSent: return (.failover, "\(id) is told to take over")
    case is PromotionAttemptFailed: return (.failover, "\(id) has not taken over in time")
    case is InstancePromoted: return (.failover, "\(id) is known to have taken over")
    case is WriterReturned:
      return (.failover, "\(id) has come back by itself and stays the writer")
    default: return nil
    }
  }

  private static func tellAgent(_ event: any AgentEvent) -> String? {
    let id = event.instance
    switch event {
    case let event as EngineStarted:
      return "the engine of \(id) is started as \(event.role.name)"
    case is EnginePromoted: return "the engine of \(id) is told to become the writer"
    case let event as EngineCrashed:
      let delay = Measurement.text(event.restartDelay)
      return "the engine of \(id) has crashed; it is started again in \(delay)"
    case is EngineHung: return "the engine of \(id) no longer answers and is ended"
    case is EngineFenced: return "the engine of \(id) is fenced and starts again"
    case is EngineDemoted: return "the engine of \(id) starts again as a reader"
    case is EngineAdopted: return "the agent of \(id) finds its engine running"
    case is EngineRestartHeldBack:
      return "the restart of \(id) waits for the control plane to be heard"
    default: return nil
    }
  }

  private static func tell(_ event: EngineStateChanged) -> String {
    let (id, role) = (event.instance, event.role.rawValue)
    let epoch = event.epoch > 0 ? " in epoch \(event.epoch)" : ""
    return switch event.state {
    case .available: "\(id) is open as a \(role)\(epoch)"
    case .recovering: "\(id) opens the volume"
    case .fenced: "\(id) finds itself fenced"
    case .stopped: "the engine of \(id) has ended"
    case .starting: "\(id) is starting as a \(role)"
    }
  }

  private static func tellVolume(_ event: any TracePayload) -> String? {
    switch event {
    case let event as VolumeRecoveryStarted: return "\(event.host) begins to recover the volume"
    case let event as VolumeEpochTaken:
      return "\(event.host) has made epoch \(event.epoch.number) hold"
    case let event as VolumeRecovered:
      let truncated = Measurement.count(event.truncatedRecords, "record")
      return "\(event.host) has recovered the volume: VDL \(event.volumeDurableLSN), "
        + "\(truncated) truncated"
    case let event as WriterFenced:
      return "\(event.host) is fenced off the volume by epoch \(event.newer.number)"
    case let event as StorageDiskLost: return "the disk of \(event.node) has lost what it held"
    case let event as SegmentRefilled:
      return "\(event.subject.id) has got back what its disk had lost"
    default: return nil
    }
  }

  private mutating func tellCapacity(_ event: ServerlessCapacitySet) -> String? {
    let (id, value) = (event.instance, Int64(event.milliACU))
    let before = capacities[id]
    capacities[id] = value
    guard let before else { return "\(id) begins with \(Measurement.acu(value))" }
    guard value != before else { return nil }
    let verb = value > before ? "grows" : "shrinks"
    return "\(id) \(verb) from \(Measurement.acu(before)) to \(Measurement.acu(value))"
  }

  private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
