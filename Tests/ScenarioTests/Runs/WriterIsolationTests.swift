import Simulation
import Testing

@testable import Scenarios

/// A writer that comes back while a reader, which has become the writer meanwhile, still looks for it.
@Suite struct `A writer that was cut off` {
  /// The reader tries to reach its writer from about one second after the cut on, and its second packet leaves a second
  /// later: it gets through if the cut has ended by then.
  @Test(arguments: [2_100, 2_200, 2_400], 1...3 as ClosedRange<UInt64>)
  func `is followed no more by who has taken over`(milliseconds: Int, seed: UInt64) throws {
    let tiny = TinyScenario(
      name: "isolated", horizon: "16s", arrivals: "poisson(10/s)", heartbeatTimeout: "1500ms",
      faults: ["{ id: cut, at: 3s, for: \(milliseconds)ms, isolate: { on: w } }"],
      eventually: ["{ after: cut.end, within: 8s, that: writes_ok }"])
    let scenario = try Scenario(yaml: tiny.yaml, file: tiny.file)
    let run = ScenarioRun(scenario, file: tiny.file, seed: seed, build: "test")
    let result = run.execute()
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(result.failovers.map(\.newWriter) == ["r1"])
  }
}
