import Scenarios
import Testing

/// A checker that never failed is not to be trusted: each planted defect is found within fifty seeds, for
/// the right reason, and the same scenario and seed pass without it.
@Suite struct `A planted defect` {
  @Test(arguments: PlantedDefect.all)
  func `is found, and is the reason`(_ defect: PlantedDefect) throws {
    let found = try (1...50 as ClosedRange<UInt64>).first { seed in
      let result = try defect.run(seed: seed, isSound: false)
      return result.violations.contains {
        $0.invariant == defect.violated && $0.evidence.contains(defect.evidence)
      }
    }
    let seed = try #require(found, "\(defect.testDescription) was not found with seeds 1 to 50")
    print("\(defect.testDescription): found with seed \(seed)")

    let broken = try defect.run(seed: seed, isSound: false)
    #expect(broken.verdict == .fail)
    #expect(broken.claims.contains { $0.name == defect.violated.rawValue && $0.passed == false })
    #expect(broken.recoveryPoint.lostCount > 0)
    // Times in evidence are the scenario's, as everywhere.
    let violation = try #require(broken.violations.first { $0.invariant == defect.violated })
    #expect(broken.recoveryPoint.lost.first?.acknowledged == violation.instant)
    #expect(violation.evidence.contains("acknowledged at \(violation.instant)"))
    let sound = try defect.run(seed: seed, isSound: true)
    #expect(sound.verdict == .pass, "without the defect: \(sound.reasons), seed \(seed)")
    #expect(sound.recoveryPoint.lostCount == 0)
  }
}
