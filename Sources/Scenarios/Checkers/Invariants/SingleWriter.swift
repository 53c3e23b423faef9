import Simulation
import Statistics
import Volume

extension Invariant {
  public static let singleWriter: Invariant = .init(
    2, "single_writer", "each volume epoch has at most one writer, and epochs never go back",
    source: "Verbitski et al., SIGMOD 2018, §2.4"
  ) { state in
    var checker = SingleWriterChecker()
    var violations: [Violation] = []
    var accepted = 0
    for (instant, write) in state.world.simulation.trace.events.all(FirstWriteAccepted.self) {
      accepted += 1
      let observation = SingleWriterChecker.Observation(
        epoch: UInt64(write.epoch.number) << 16 | UInt64(write.epoch.opener),
        writer: write.writer, segment: write.subject.id)
      if let violation = checker.observe(observation, at: state.scenarioTime(instant)) {
        violations.append(violation)
      }
    }
    return Judgement(
      .singleWriter, violations: violations, wasJudged: accepted > 0,
      evidence: "\(FixedPoint.grouped(accepted)) first writes of an epoch at a segment")
  }
}

extension Scenario.ClaimedInvariant {
  public static let singleWriter = Self(.singleWriter)
}
