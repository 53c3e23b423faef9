import ControlPlane
import Database
import Simulation
import Statistics

extension Invariant {
  public static let errorsAreExplained: Invariant = .init(
    13, "errors_are_explained", "a client meets no error that nothing in the run explains",
    source: "PostgreSQL documentation, appendix A; the mixes' own promise"
  ) { state in
    var checker = ErrorChecker()
    let violations = state.errorObservations.compactMap { observation in
      checker.observe(observation.what, at: state.scenarioTime(observation.instant))
    }
    // A run in which nobody met an error has shown something too, if somebody was served.
    let served = state.workloads.reduce(0) { $0 + $1.commits.count }
    let attempts = served + checker.errorCount
    return Judgement(
      .errorsAreExplained, violations: violations, wasJudged: attempts > 0,
      evidence: attempts == 0
        ? "no transaction was answered"
        : "\(Measurement.count(checker.errorCount, "error")) looked at, beside"
          + " \(Measurement.count(served, "commit"))")
  }
}

extension EndState {
  private typealias Seen = (instant: Instant, what: ErrorChecker.Observation)

  /// What happened to the cluster, and what clients were told, in order of time; at one instant, causes come before
  /// effects.
  fileprivate var errorObservations: [(instant: Instant, what: ErrorChecker.Observation)] {
    var causes: [Seen] = []
    for fault in faults {
      guard let acted = fault.acted.map({ origin + $0.sinceStart }) else { continue }
      causes.append((acted, .disturbed))
      switch world.scenario.faults.first(where: { $0.id == fault.id })?.action {
      case .statement(let statement) where statement.form == .any:
        causes.append((acted, .anythingAsked))
      case .resource(let resource):
        if case .connections = resource.kind { causes.append((acted, .connectionsScarce)) }
      default: break
      }
    }
    if world.connectionsAreScarce { causes.append((.start, .connectionsScarce)) }
    var writer: String?
    for event in world.simulation.trace.events {
      guard let engine = event.payload as? EngineStateChanged else { continue }
      if engine.state != .available { causes.append((event.instant, .engineEnded)) }
      if engine.role == .writer, engine.state == .available {
        if let writer, writer != engine.instance {
          causes.append((event.instant, .writerChanged))
        }
        writer = engine.instance
      }
    }
    let effects = workloads.flatMap { workload in
      let expected =
        scripts.first { $0.mix == workload.workload.mix.name }?.script.expectedErrors ?? []
      func met(_ kind: String, _ text: String) -> ErrorChecker.Observation {
        .met(
          workload: workload.workload.id, kind: kind, text: text,
          isExpected: expected.contains { $0.covers(kind, text) })
      }
      return workload.failures.map { Seen($0.instant, met($0.kind, $0.text)) }
        + workload.connectAttempts.compactMap { attempt in
          guard let ended = attempt.ended, let failure = attempt.failure else { return nil }
          return Seen(ended, met(failure.kind, ""))
        }
    }
    return (causes + effects).enumerated()
      .sorted { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }
      .map(\.element)
  }
}

extension Scenario.ClaimedInvariant {
  public static let errorsAreExplained = Self(.errorsAreExplained)
}
