import Scenarios
import Testing

/// The writer may die at any instant of its work, and no client is ever told a lie.
@Suite struct `A crash of the writer at any instant` {
  @Test(arguments: CrashInstant.all)
  func `loses no commit, breaks no promise, and writes go on`(_ crash: CrashInstant) throws {
    let result = try crash.scenario.run(seed: crash.seed)
    let again = "\(crash.testDescription), drawn from \(CrashInstant.drawSeed)"
    #expect(result.verdict == .pass, "\(again): \(result.reasons)")
    #expect(result.violations.isEmpty, "\(again)")
    #expect(result.recoveryPoint.isComplete, "\(again)")
    #expect(result.recoveryPoint.lostCount == 0, "\(again): \(result.recoveryPoint.lost)")
    #expect(result.faults.map(\.tookEffect) == [true], "\(again)")
    #expect(result.failovers.count == 1, "\(again)")
    #expect(result.failovers.first?.longest != nil, "\(again): no commit afterwards")
  }
}
