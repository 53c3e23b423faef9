import Simulation

// How the control plane keeps the cluster's DNS names right.

extension ControlService {
  /// Sends the zone that the members' state calls for, if it is a new one; notes if it has arrived.
  func publishZone() {
    if isListening { return concludePublishing() }
    if named != nil, process.has(ControlDefect.neverRenames) { return concludePublishing() }
    let topology = coordinator.topology
    let readers = members.filter {
      $0.isOpenReader && $0.id != topology.writer && $0.id != topology.endpoint
    }.map(\.id)
    let writer =
      process.has(ControlDefect.renamesEarly) ? topology.writer : topology.endpoint
    if named?.writer != writer || named?.readers != readers {
      named = (writer, readers)
      change(to: writer, readers: readers)
    }
    concludePublishing()
  }

  private func change(to writer: String, readers: [String]) {
    let wanted = Zone(
      serial: 0, configuration: configuration, writer: writer, readers: readers)
    guard publisher.update(wanted.records) else { return }
    process.simulation.emit(
      ZoneChanged(
        cluster: configuration.identifier, serial: publisher.zone.serial, writer: writer,
        readers: readers))
    sendZone(to: publisher.due(at: process.now, isNew: true))
  }

  /// Whether it has started so lately that instances may have had no time to be heard: until then the
  /// name servers know better. A failover does not wait for that.
  private var isListening: Bool {
    coordinator.phase != .publishing
      && process.now < startedAt + configuration.timing.heartbeatTimeout
      && configuration.instances.contains { monitor.heartbeat(of: $0.id) == nil }
  }

  func sendZone(to servers: [Address]) {
    for server in servers { send(.zone(publisher.zone), to: server) }
  }

  func acknowledgeZone(_ serial: UInt64, from server: Address) {
    let wasPublished = publisher.isPublished
    publisher.acknowledge(serial, by: server)
    if !wasPublished, publisher.isPublished {
      process.simulation.emit(
        ZonePublished(
          cluster: configuration.identifier, serial: publisher.zone.serial,
          writer: named?.writer ?? ""))
      // What the first zone of a run says is news to nobody, unless it completes a failover.
      if hasPublished || coordinator.phase == .publishing {
        list(.topologyUpdated, of: cluster)
      }
      hasPublished = true
    }
    concludePublishing()
    arm()
  }

  func answerZoneRequest(_ serial: UInt64, from server: Address) {
    if publisher.note(serial, of: server, at: process.now) { sendZone(to: [server]) }
    concludePublishing()
    arm()
  }

  private func concludePublishing() {
    guard coordinator.phase == .publishing, publisher.isPublished else { return }
    perform(coordinator.confirmPublished())
    noteStatus()
  }
}
