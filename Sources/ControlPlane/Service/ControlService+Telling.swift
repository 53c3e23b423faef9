import Database
import Simulation

// What the control plane tells the world: trace events, and the events that `DescribeEvents` lists.

extension ControlService {
  func tell(_ verdict: HealthMonitor.Verdict) {
    let simulation = process.simulation
    switch verdict {
    case .suspected(let id, let reason, let since):
      simulation.emit(
        InstanceSuspected(
          instance: id, reason: reason, since: since,
          role: id == coordinator.topology.writer ? .writer : .reader))
      if let index = configuration.instances.firstIndex(where: { $0.id == id }) {
        lifecycles[index].lose()
      }
    case .cleared(let id): simulation.emit(SuspicionCleared(instance: id))
    }
  }

  func tell(_ milestone: FailoverCoordinator.Milestone) {
    let (simulation, identifier) = (process.simulation, configuration.identifier)
    let term = coordinator.topology.term
    switch milestone {
    case .started(let writer, let isPlanned):
      failoverStarted = process.now
      simulation.emit(
        FailoverStarted(cluster: identifier, writer: writer, isPlanned: isPlanned, term: term))
    case .elected(let id, let attempt, let place):
      simulation.emit(CandidateElected(instance: id, attempt: attempt, term: term))
      switch place {
      case .sameZone: list(.failoverStartedInZone(target: id), of: cluster)
      case .otherZone: list(.failoverStartedAcrossZones(target: id), of: cluster)
      case .previousWriter: list(.previousWriterPromotedAgain(id), of: cluster)
      }
    case .promotionSent(let id): simulation.emit(PromotionSent(instance: id, term: term))
    case .attemptFailed(let id, let attempt, let failed):
      simulation.emit(PromotionAttemptFailed(instance: id, attempt: attempt, term: failed))
      list(.failoverFailed(target: id), of: cluster)
    case .waiting(let writer):
      simulation.emit(NoCandidateFound(cluster: identifier, writer: writer))
    case .promoted(let id, let epoch):
      simulation.emit(InstancePromoted(instance: id, epoch: epoch, term: term))
    case .completed(let writer, let attempts):
      simulation.emit(
        FailoverCompleted(
          cluster: identifier, writer: writer, attempts: attempts, term: term,
          duration: process.now - failoverStarted))
      list(.failoverCompleted(writer: writer), of: cluster)
    case .remembered(let id): simulation.emit(TermLearned(instance: id, term: term))
    case .returned(let writer):
      simulation.emit(WriterReturned(instance: writer, term: term))
      list(.previousWriterPromotedAgain(writer), of: cluster)
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
    process.simulation.emit(
      ClusterStatusChanged(cluster: configuration.identifier, status: now))
  }

  var cluster: ResourceName { .cluster(configuration.identifier) }

  func list(_ event: ClusterEvent, of source: ResourceName) {
    process.simulation.emit(ClusterEventListed(source: source, event: event))
  }
}
