import Database
import Simulation
import Statistics
import Volume

extension Invariant {
  public static let singleWriter: Invariant = .init(
    2, "single_writer", "each volume epoch has at most one writer, and epochs never go back",
    source: "Verbitski et al., SIGMOD 2018, §2.4"
  ) { state in
    var checker = SingleWriterChecker()
    let violations = state.writerObservations.compactMap { observation in
      checker.observe(observation.what, at: state.scenarioTime(observation.instant))
    }
    let seen = checker.acceptedCount > 0 || checker.commitCount > 0
    return Judgement(
      .singleWriter, violations: violations, wasJudged: seen,
      evidence: seen
        ? "\(FixedPoint.grouped(checker.acceptedCount)) first writes of an epoch at a segment,"
          + " and \(FixedPoint.grouped(checker.commitCount)) commits, held against"
          + " \(Measurement.count(checker.openingCount, "opening"))"
        : "nobody wrote")
  }
}

extension EndState {
  /// What storage nodes accepted, who opened the volume, and what clients were told, in order of time; at one
  /// instant, openings come before commits. The beginnings of transactions are in scenario time.
  fileprivate var writerObservations: [(instant: Instant, what: SingleWriterChecker.Observation)] {
    var observations: [(instant: Instant, what: SingleWriterChecker.Observation)] = []
    for event in world.simulation.trace.events {
      switch event.payload {
      case let write as FirstWriteAccepted:
        let epoch = UInt64(write.epoch.number) << 16 | UInt64(write.epoch.opener)
        observations.append(
          (
            event.instant,
            .accepted(epoch: epoch, writer: write.writer, segment: write.subject.id)
          ))
      case let engine as EngineStateChanged
      where engine.state == .available && engine.role == .writer:
        observations.append((event.instant, .opened(writer: engine.instance)))
      default: continue
      }
    }
    let hosts = world.instances.map { (host: $0.host.id, instance: $0.identifier) }
    for workload in workloads {
      for commit in workload.commits where commit.writes {
        guard let server = hosts.first(where: { $0.host == commit.server }) else { continue }
        observations.append(
          (
            commit.instant,
            .committed(writer: server.instance, begun: scenarioTime(commit.begun))
          ))
      }
    }
    return observations.enumerated()
      .sorted { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }
      .map(\.element)
  }
}

extension Scenario.ClaimedInvariant {
  public static let singleWriter = Self(.singleWriter)
}
