import Simulation

// What the control plane tells the world: trace events, and the events that `DescribeEvents` lists.

extension ControlService {
  func tell(_ verdict: HealthMonitor.Verdict) {
    switch verdict {
    case .suspected(let id, let reason, let since):
      emit(
        "control.suspected", id,
        [
          "reason": .text("\(reason)"), "since_ns": .integer(since.nanoseconds),
          "role": .text(id == coordinator.topology.writer ? "writer" : "reader"),
        ])
      if let index = configuration.instances.firstIndex(where: { $0.id == id }) {
        lifecycles[index].lose()
      }
    case .cleared(let id): emit("control.cleared", id, [:])
    }
  }

  func tell(_ milestone: FailoverCoordinator.Milestone) {
    let cluster = configuration.identifier
    let term = TraceEvent.Value.integer(Int64(coordinator.topology.term))
    switch milestone {
    case .started(let writer, let isPlanned):
      failoverStarted = process.now
      emit(
        "control.failover_started", cluster,
        ["writer": .text(writer), "planned": .integer(isPlanned ? 1 : 0), "term": term])
    case .elected(let id, let attempt, let isInZone):
      emit("control.elected", id, ["attempt": .integer(Int64(attempt)), "term": term])
      emit(
        isInZone ? .failoverStartedInZone(target: id) : .failoverStartedAcrossZones(target: id),
        cluster)
    case .promotionSent(let id): emit("control.promotion_sent", id, ["term": term])
    case .attemptFailed(let id, let attempt):
      emit(
        "control.attempt_failed", id, ["attempt": .integer(Int64(attempt)), "term": term])
      emit(.failoverFailed(target: id), cluster)
    case .waiting(let writer): emit("control.no_candidate", cluster, ["writer": .text(writer)])
    case .promoted(let id, let epoch):
      emit("control.promoted", id, ["epoch": .integer(Int64(epoch)), "term": term])
    case .completed(let writer, let attempts):
      emit(
        "control.failover_completed", cluster,
        [
          "writer": .text(writer), "attempts": .integer(Int64(attempts)), "term": term,
          "duration_ns": .integer((process.now - failoverStarted).nanoseconds),
        ])
      emit(.failoverCompleted(writer: writer), cluster)
    case .remembered(let id): emit("control.term_learned", id, ["term": term])
    case .returned(let writer):
      emit("control.writer_returned", writer, ["term": term])
      emit(.previousWriterPromotedAgain(writer), cluster)
    }
    noteStatus()
  }

  func noteStatus() {
    let writer = coordinator.topology.writer
    var now = status
    if coordinator.isFailingOver {
      now = .failingOver
    } else if monitor.health(of: writer) == .healthy || status == .failingOver {
      now = .available
    }
    guard now != status else { return }
    status = now
    emit("rds.cluster_status", configuration.identifier, ["status": .text(now.rawValue)])
  }

  func emit(_ event: ClusterEvent, _ source: String) {
    emit("rds.event", source, ["id": .text(event.id), "message": .text(event.message)])
  }

  func emit(
    _ name: String, _ subject: String, _ fields: KeyValuePairs<String, TraceEvent.Value>
  ) {
    process.simulation.emit(name, subject, fields)
  }
}
