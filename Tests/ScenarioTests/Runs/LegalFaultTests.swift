import Scenarios
import Testing

/// What a correct cluster must bear, it bears: nothing is lost, and it gets over it.
@Suite struct `Any legal faults` {
  @Test(arguments: LegalFaults.all)
  func `break no promise, and writes go on when they are over`(_ draw: LegalFaults) throws {
    let result = try draw.scenario.run(seed: draw.seed)
    #expect(result.violations.isEmpty, "\(draw.testDescription)")
    #expect(result.recoveryPoint.isComplete, "\(draw.testDescription)")
    #expect(result.recoveryPoint.lostCount == 0, "\(draw.testDescription)")
    // A fault may have had nobody to strike; the claims hold all the same.
    #expect(
      result.claims.allSatisfy { $0.passed == true },
      "\(draw.testDescription): \(result.reasons)")
  }
}
