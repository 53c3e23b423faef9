import Foundation
import Testing

@testable import Scenarios

@Suite struct `The fault matrix` {
  @Test func `has every kind of fault that the language has`() throws {
    var missing = Scenario.Fault.Action.forms
    for row in FaultMatrix.rows {
      let tiny = row.scenario
      let fault = try #require(try Scenario(yaml: tiny.yaml, file: tiny.file).faults.first)
      missing.removeAll { $0 == fault.action.form }
    }
    // Any other statement is no fault by itself: `StatementFaultTests` has those.
    #expect(missing == ["sql"])
  }

  @Test(arguments: FaultMatrix.rows)
  func `shows that each fault acts, and is borne`(_ row: FaultMatrix.Row) throws {
    let result = try row.scenario.run(seed: 3)
    let fault = try #require(result.faults.first)
    #expect(fault.tookEffect, "\(fault.evidence)")
    let reasons = result.reasons
    #expect(result.verdict == .pass, "\(reasons)")
    #expect(result.recoveryPoint.lostCount == 0)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["BOREALIS_RECORD"] != nil))
  func `is written down`() throws {
    var table = FaultMatrix.header
    for row in FaultMatrix.rows {
      table += FaultMatrix.line(row, FaultMatrix.Effect(try row.scenario.run(seed: 3)))
    }
    try Data(table.utf8).write(to: FaultMatrix.file)
  }
}
