import Scenarios
import Testing

/// What a correct cluster must bear, it bears: nothing is lost, and it gets over it.
@Suite struct `Any legal faults` {
  @Test(arguments: LegalFaults.all)
  func `break no promise, and writes go on when they are over`(_ draw: LegalFaults) throws {
    let scenario = try Scenario(yaml: draw.scenario.yaml, file: draw.scenario.file)
    // A fault may have had nobody to strike; the claims hold all the same.
    let property = ScenarioProperty(scenario, seeds: draw.seed...draw.seed) { result in
      result.violations.isEmpty && result.recoveryPoint.isComplete
        && result.recoveryPoint.lostCount == 0 && result.claims.allSatisfy { $0.passed == true }
    }
    if let counterexample = property.counterexample() { Issue.record("\(counterexample)") }
  }
}
