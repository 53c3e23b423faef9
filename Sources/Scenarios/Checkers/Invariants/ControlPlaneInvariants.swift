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

  public static let failoverIsPrompt: Invariant = .init(
    16, "failover_is_prompt",
    "each step of a failover comes in its time, and the reader of the lowest tier is promoted",
    source: "Aurora User Guide, \"Fault tolerance for an Aurora DB cluster\", for the tiers;"
      + " the cluster's own timing for the rest"
  ) { state in
    let configuration = state.world.configuration
    let intervals = state.faults.flatMap {
      fault -> [(host: String, interval: ClosedRange<Instant>)] in
      guard let start = fault.start else { return [] }
      // What a fault has delayed may come some time after its end: a packet is sent again after up to some seconds.
      let end = (fault.end ?? state.now) + .seconds(5)
      return fault.victims.map { ($0, start...max(start, end)) }
    }
    let service = [HostName.controlPlane, HostName.nameServer]
    var checker = FailoverTimeChecker(
      timing: configuration.timing,
      tiers: configuration.instances.map { ($0.id, $0.tier) },
      service: intervals.filter { service.contains($0.host) }.map(\.interval),
      troubles: intervals.filter { !service.contains($0.host) })
    var violations = state.failoverObservations.compactMap { instant, observation in
      checker.observe(observation, at: state.scenarioTime(instant))
    }
    violations += checker.finish(at: state.now)
    return Judgement(
      .failoverIsPrompt, violations: violations, wasJudged: checker.stepCount > 0,
      evidence: checker.stepCount > 0
        ? "\(Measurement.count(checker.stepCount, "step")) of failovers"
        : "no step of a failover could be judged")
  }
}

extension EndState {
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
}
