import Simulation
import Statistics

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
    let family = event.name.prefix { $0 != "." }
    switch family {
    case "fault": return tellFault(event)
    case "host": return tellHost(event)
    case "control": return tellControl(event)
    case "agent": return tellAgent(event).map { (.instance, $0) }
    case "engine": return tellEngine(event).map { (.instance, $0) }
    case "volume", "storage": return tellVolume(event).map { (.volume, $0) }
    case "serverless": return tellCapacity(event).map { (.capacity, $0) }
    case "client":
      guard event.name == "client.resolved", let instance = event.text("instance") else {
        return nil
      }
      return (.client, "\(event.subject) is sent to \(instance) by the name server")
    default: return nil
    }
  }

  private func tellFault(_ event: TraceEvent) -> (RunEvent.Category, String)? {
    let fault = faults.first { $0.id == event.subject }
    let what = fault.map { ": \($0.kind) \($0.targets)" } ?? ""
    switch event.name {
    case "fault.started":
      let victims = fault?.victims ?? []
      let names = victims.isEmpty || victims.count > 6 ? "" : " (\(Self.list(victims)))"
      return (.fault, "\(event.subject) begins\(what)\(names)")
    case "fault.ended": return (.fault, "\(event.subject) ends\(what)")
    default: return nil
    }
  }

  private mutating func tellHost(_ event: TraceEvent) -> (RunEvent.Category, String)? {
    if event.name == "host.out_of_memory" {
      let killed = event.text("killed") ?? "a process"
      return (
        category(ofHost: event.subject), "\(killed) on \(event.subject) is ended for want of memory"
      )
    }
    // A host that boots begins at its minimum; it has not shrunk.
    capacities.removeValue(forKey: event.subject)
    return (category(ofHost: event.subject), Self.text(ofHosts: [event.subject], event.name))
  }

  func category(ofHost name: String) -> RunEvent.Category {
    if instances.contains(name) { return .instance }
    if name.hasPrefix("storage-") { return .volume }
    return name.hasPrefix("client-") ? .client : .health
  }

  /// What became of hosts at one instant.
  static func text(ofHosts names: [String], _ event: String) -> String {
    let isDown = event == "host.down"
    guard names.count > 1 else {
      return "the host of \(list(names)) \(isDown ? "is down" : "boots")"
    }
    let who =
      names.count > 6 ? "\(list(Array(names.prefix(3)))) and \(names.count - 3) more" : list(names)
    return "the hosts of \(who) \(isDown ? "are down" : "boot")"
  }

  private func tellControl(_ event: TraceEvent) -> (RunEvent.Category, String)? {
    let writer = event.text("writer") ?? "nobody"
    switch event.name {
    case "control.started": return (.health, "the control plane starts; its writer is \(writer)")
    case "control.term_learned":
      return (.health, "the control plane learns from \(event.subject) of a term that it had lost")
    case "control.suspected":
      let since = event.integer("since_ns").map {
        " since \(Measurement.time(.start + (Instant(nanoseconds: $0) - origin)))"
      }
      let reason = event.text("reason") == "silent" ? "silent" : "its engine is down"
      return (.health, "\(event.subject) is taken for dead: \(reason)\(since ?? "")")
    case "control.cleared": return (.health, "\(event.subject) is no longer taken for dead")
    case "control.failover_started":
      let planned = event.integer("planned") == 1 ? ", as asked" : ""
      return (.failover, "\(writer) is to be replaced\(planned)")
    case "control.elected": return (.failover, "\(event.subject) is chosen to be the writer")
    case "control.promotion_sent": return (.failover, "\(event.subject) is told to take over")
    case "control.attempt_failed":
      return (.failover, "\(event.subject) has not taken over in time")
    case "control.no_candidate": return (.failover, "there is nobody to replace \(writer)")
    case "control.promoted": return (.failover, "\(event.subject) is known to have taken over")
    case "control.failover_completed": return (.failover, "the failover to \(writer) is complete")
    case "control.writer_returned":
      return (.failover, "\(event.subject) has come back by itself and stays the writer")
    case "control.zone_changed":
      let readers = event.text("readers").flatMap { $0.isEmpty ? nil : $0 } ?? "none"
      return (.endpoint, "the endpoints are to change: writer \(writer), readers \(readers)")
    case "control.dns_updated": return (.endpoint, "the name servers have it: writer \(writer)")
    default: return nil
    }
  }

  private func tellAgent(_ event: TraceEvent) -> String? {
    let subject = event.subject
    switch event.name {
    case "agent.engine_started":
      return "the engine of \(subject) is started as \(event.text("role") ?? "an instance")"
    case "agent.engine_promoted": return "the engine of \(subject) is told to become the writer"
    case "agent.engine_crashed":
      let delay = event.integer("restart_after_ns").map {
        "; it is started again in \(Measurement.text(.nanoseconds($0)))"
      }
      return "the engine of \(subject) has crashed\(delay ?? "")"
    case "agent.engine_hung": return "the engine of \(subject) no longer answers and is ended"
    case "agent.engine_fenced": return "the engine of \(subject) is fenced and starts again"
    case "agent.engine_demoted": return "the engine of \(subject) starts again as a reader"
    case "agent.engine_adopted": return "the agent of \(subject) finds its engine running"
    case "agent.restart_held_back":
      return "the restart of \(subject) waits for the control plane to be heard"
    default: return nil
    }
  }

  private func tellEngine(_ event: TraceEvent) -> String? {
    guard event.name == "engine.state", let state = event.text("state") else { return nil }
    let role = event.text("role") ?? "instance"
    let epoch = event.integer("epoch").flatMap { $0 > 0 ? " in epoch \($0)" : nil } ?? ""
    switch state {
    case "available": return "\(event.subject) is open as a \(role)\(epoch)"
    case "recovering": return "\(event.subject) opens the volume"
    case "fenced": return "\(event.subject) finds itself fenced"
    case "stopped": return "the engine of \(event.subject) has ended"
    case "starting": return "\(event.subject) is starting as a \(role)"
    default: return nil
    }
  }

  private func tellVolume(_ event: TraceEvent) -> String? {
    let epoch = event.integer("epoch").map { " \($0)" } ?? ""
    switch event.name {
    case "volume.recovery_started": return "\(event.subject) begins to recover the volume"
    case "volume.epoch": return "\(event.subject) has made epoch\(epoch) hold"
    case "volume.recovered":
      let vdl = event.integer("vdl").map { ": VDL \($0)" } ?? ""
      let truncated = event.integer("truncated").map {
        ", \(Measurement.count(Int($0), "record")) truncated"
      }
      return "\(event.subject) has recovered the volume\(vdl)\(truncated ?? "")"
    case "volume.fenced":
      let newer = event.integer("by").map { " by epoch \($0)" } ?? ""
      return "\(event.subject) is fenced off the volume\(newer)"
    case "storage.disk_lost": return "the disk of \(event.subject) has lost what it held"
    case "storage.refilled": return "\(event.subject) has got back what its disk had lost"
    default: return nil
    }
  }

  private mutating func tellCapacity(_ event: TraceEvent) -> String? {
    guard event.name == "serverless.capacity", let value = event.integer("milli_acu") else {
      return nil
    }
    let before = capacities[event.subject]
    capacities[event.subject] = value
    guard let before else { return "\(event.subject) begins with \(Measurement.acu(value))" }
    guard value != before else { return nil }
    let verb = value > before ? "grows" : "shrinks"
    return "\(event.subject) \(verb) from \(Measurement.acu(before)) to \(Measurement.acu(value))"
  }

  private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
