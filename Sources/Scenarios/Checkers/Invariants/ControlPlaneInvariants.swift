import ControlPlane
import Database
import Simulation
import Statistics

extension Invariant {
  public static let termsAreUnique: Invariant = .init(
    14, "terms_are_unique", "a term is given to one writer, and never forgotten",
    source: "the control plane's own rule, `Sources/ControlPlane/README.md`, rule 2"
  ) { state in
    var checker = TermChecker()
    let violations = state.termObservations.compactMap { instant, observation in
      checker.observe(observation, at: state.scenarioTime(instant))
    }
    return Judgement(
      .termsAreUnique, violations: violations, wasJudged: checker.electionCount > 0,
      evidence: checker.electionCount > 0
        ? Measurement.count(checker.electionCount, "election") : "there was no election")
  }

  public static let endpointFollowsWriter: Invariant = .init(
    15, "endpoint_follows_writer", "the cluster endpoint moves only to a writer that is open",
    source: "the control plane's own rule, `Sources/ControlPlane/README.md`, rule 3"
  ) { state in
    var checker = EndpointChecker()
    let violations = state.endpointObservations.compactMap { instant, observation in
      checker.observe(observation, at: state.scenarioTime(instant))
    }
    return Judgement(
      .endpointFollowsWriter, violations: violations, wasJudged: checker.moveCount > 0,
      evidence: checker.moveCount > 0
        ? "the endpoint moved \(Measurement.count(checker.moveCount, "time"))"
        : "the endpoint never moved")
  }

  public static let namesAreFresh: Invariant = .init(
    23, "names_are_fresh",
    "an endpoint leads to an instance that it has lately stood for: the writer, or a reader",
    source: "Aurora User Guide, \"Amazon Aurora endpoint connections\""
  ) { state in
    var checker = NameChecker(
      delay: state.world.configuration.timing.zoneRefresh + .seconds(3),
      troubles: state.troubles(after: .seconds(5)).service)
    let violations = state.nameObservations.compactMap { instant, observation in
      checker.observe(observation, at: state.scenarioTime(instant))
    }
    return Judgement(
      .namesAreFresh, violations: violations, wasJudged: checker.judgedCount > 0,
      evidence: checker.judgedCount > 0
        ? "\(Measurement.count(checker.judgedCount, "look-up")) of an endpoint"
        : "nobody looked an endpoint up while name servers were well")
  }

  public static let failoverIsPrompt: Invariant = .init(
    16, "failover_is_prompt",
    "each step of a failover comes in its time, and whoever should be promoted is",
    source: "Aurora User Guide, \"Fault tolerance for an Aurora DB cluster\", for the tiers;"
      + " the cluster's own timing for the rest"
  ) { state in
    let configuration = state.world.configuration
    // What a fault has delayed may come some time after its end: a packet is sent again after up to some seconds.
    let (service, troubles) = state.troubles(after: .seconds(5))
    var checker = FailoverTimeChecker(
      timing: configuration.timing,
      tiers: configuration.instances.map { ($0.id, $0.tier) },
      service: service, troubles: troubles)
    var violations = state.failoverObservations.compactMap { instant, observation in
      checker.observe(observation, at: state.scenarioTime(instant))
    }
    violations += checker.finish(at: state.now)
    let targets = state.namedTargets
    violations += targets.filter { $0.named != $0.elected }.map {
      Violation(
        .failoverIsPrompt, at: state.scenarioTime($0.instant),
        evidence: "\($0.elected) was elected, where the call named \($0.named)")
    }
    let count = checker.stepCount + targets.count
    return Judgement(
      .failoverIsPrompt, violations: violations, wasJudged: count > 0,
      evidence: count > 0
        ? "\(Measurement.count(count, "step")) of failovers"
        : "no step of a failover could be judged")
  }
}

extension EndState {
  /// When the control plane and the name servers were struck by a fault, and when which other hosts were, in scenario
  /// time.
  ///
  /// - Parameter margin: how long after its end a fault may be felt.
  fileprivate func troubles(
    after margin: Interval
  ) -> (service: [ClosedRange<Instant>], others: [(host: String, interval: ClosedRange<Instant>)]) {
    let intervals = faults.flatMap { fault -> [(host: String, interval: ClosedRange<Instant>)] in
      guard let start = fault.start else { return [] }
      let end = (fault.end ?? now) + margin
      return fault.victims.map { ($0, start...max(start, end)) }
    }
    let service = [HostName.controlPlane, HostName.nameServer]
    return (
      intervals.filter { service.contains($0.host) }.map(\.interval),
      intervals.filter { !service.contains($0.host) }
    )
  }

  /// Failovers that were asked for with a target, and who was elected for it: at the instant at which the call is taken on.
  fileprivate var namedTargets: [(instant: Instant, named: String, elected: String)] {
    let elections = world.simulation.trace.events.all(CandidateElected.self)
    return faults.compactMap { fault in
      guard let acted = fault.acted.map({ origin + $0.sinceStart }),
        let named = fault.victims.first,
        case .call(let call) = world.scenario.faults.first(where: { $0.id == fault.id })?.action,
        case .failover(.some) = call.operation,
        let election = elections.first(where: { $0.instant == acted && $0.payload.attempt == 1 })
      else { return nil }
      return (acted, named, election.payload.instance)
    }
  }

  /// What clients found behind the cluster's two endpoints, and what these stood for.
  fileprivate var nameObservations: [(Instant, NameChecker.Observation)] {
    var observations = world.simulation.trace.events.all(ZoneChanged.self).map {
      (
        $0.instant,
        NameChecker.Observation.named(writer: $0.payload.writer, readers: $0.payload.readers)
      )
    }
    let troubled = troubles(after: .seconds(5)).others
    for workload in workloads {
      guard let client = world.scenario.clients.first(where: { $0.id == workload.workload.client })
      else { continue }
      let name: NameChecker.Name
      switch client.endpoint {
      case .cluster: name = .cluster
      case .reader: name = .reader
      case .instance: continue
      }
      for attempt in workload.connectAttempts {
        guard let resolved = attempt.resolved, let server = attempt.server,
          let instance = world.instances.first(where: { $0.host.id == server })
        else { continue }
        // A client that stood still meanwhile has asked long before.
        let wasStruck = troubled.contains {
          $0.host == attempt.client
            && $0.interval.overlaps(scenarioTime(attempt.begun)...scenarioTime(resolved))
        }
        if wasStruck { continue }
        observations.append(
          (
            resolved,
            .resolved(
              name, by: attempt.client, instance: instance.identifier, memory: client.dnsTTL)
          ))
      }
    }
    return observations.enumerated()
      .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element)
  }

  /// When the control plane's disk may have been damaged, in absolute time.
  private var damages: [Instant] {
    faults.compactMap { fault in
      guard fault.victims.contains(HostName.controlPlane),
        let action = world.scenario.faults.first(where: { $0.id == fault.id })?.action
      else { return nil }
      let isDamaging =
        switch action {
        case .disk: true
        case .host(let host): host.kind == .loss || host.kind == .tornWrite
        default: false
        }
      return isDamaging ? fault.start.map { origin + $0.sinceStart } : nil
    }
  }

  private func merged<Observation>(
    _ damaged: Observation, _ translate: (any TracePayload) -> Observation?
  ) -> [(Instant, Observation)] {
    let seen = world.simulation.trace.events.compactMap { event in
      translate(event.payload).map { (event.instant, $0) }
    }
    return (damages.map { ($0, damaged) } + seen).enumerated()
      .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element)
  }

  fileprivate var termObservations: [(Instant, TermChecker.Observation)] {
    merged(.recordDamaged) { event in
      switch event {
      case let event as ControlPlaneStarted: .started(term: event.term, writer: event.writer)
      case let event as CandidateElected: .elected(term: event.term, instance: event.instance)
      case let event as PromotionSent: .promotionSent(term: event.term, instance: event.instance)
      case let event as TermLearned: .learned(term: event.term)
      default: nil
      }
    }
  }

  fileprivate var endpointObservations: [(Instant, EndpointChecker.Observation)] {
    merged(.recordDamaged) { event in
      switch event {
      case let event as EngineStateChanged where event.state == .available && event.role == .writer:
        .opened(instance: event.instance)
      case let event as ZoneChanged: .named(writer: event.writer)
      default: nil
      }
    }
  }

  fileprivate var failoverObservations: [(Instant, FailoverTimeChecker.Observation)] {
    let instances = world.configuration.instances.map(\.id)
    return world.simulation.trace.events.compactMap { event in
      let observation: FailoverTimeChecker.Observation? =
        switch event.payload {
        case let event as HostWentDown where instances.contains(event.host):
          .hostDown(instance: event.host)
        case let event as HostBooted where instances.contains(event.host):
          .hostUp(instance: event.host)
        case let event as EngineStateChanged:
          event.role == .reader && event.state == .available
            ? .readerOpen(instance: event.instance) : .readerGone(instance: event.instance)
        case let event as EngineHung: .readerGone(instance: event.instance)
        case is ControlPlaneStarted: .controlPlaneStarted
        case let event as InstanceSuspected:
          .suspected(instance: event.instance, isWriter: event.role == .writer)
        case let event as SuspicionCleared: .cleared(instance: event.instance)
        case let event as FailoverStarted:
          .failoverStarted(writer: event.writer, isPlanned: event.isPlanned)
        case let event as CandidateElected:
          .elected(instance: event.instance, attempt: event.attempt, term: event.term)
        case let event as PromotionSent: .promotionSent(term: event.term)
        case let event as InstancePromoted: .promotionEnded(term: event.term, succeeded: true)
        case let event as PromotionAttemptFailed:
          .promotionEnded(term: event.term, succeeded: false)
        // A writer that is promoted again may have no name to change.
        case is ZonePublished, is FailoverCompleted: .published
        default: nil
        }
      return observation.map { (event.instant, $0) }
    }
  }
}

extension Scenario.ClaimedInvariant {
  public static let termsAreUnique = Self(.termsAreUnique)
  public static let endpointFollowsWriter = Self(.endpointFollowsWriter)
  public static let failoverIsPrompt = Self(.failoverIsPrompt)
  public static let namesAreFresh = Self(.namesAreFresh)
}
