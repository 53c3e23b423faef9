import Scenarios
import Testing

/// Isolation is judged at the level that is claimed, whatever level the workload runs at.
@Suite struct `A claim of isolation` {
  private static func run(
    at isolation: String, claiming claimed: String, seed: UInt64
  ) throws -> RunResult {
    var scenario = TinyScenario(
      name: "isolation", horizon: "5s",
      faults: ["{ id: down, at: 1s, for: 1s, host_crash: { on: r2 } }"])
    (scenario.arrivals, scenario.connections) = ("poisson(60/s)", 8)
    (scenario.isolation, scenario.claimedIsolation) = (isolation, claimed)
    return try scenario.run(seed: seed)
  }

  @Test(arguments: [
    ("read committed", "repeatable read", Scenario.IsolationLevel.repeatableRead),
    ("repeatable read", "serializable", .serializable),
  ])
  func `of more than the workload runs at fails`(
    own: String, claimed: String, level: Scenario.IsolationLevel
  ) throws {
    let found = try (1...50 as ClosedRange<UInt64>).first { seed in
      try Self.run(at: own, claiming: claimed, seed: seed).verdict == .fail
    }
    let seed = try #require(found)
    print("\(own) is not \(claimed): seen with seed \(seed)")
    let result = try Self.run(at: own, claiming: claimed, seed: seed)
    #expect(result.violations.allSatisfy { $0.invariant == .isolation && $0.level == level })
    #expect(result.claims.first { $0.passed == false }?.name == "isolation: \(claimed)")

    let honest = try Self.run(at: own, claiming: own, seed: seed)
    #expect(honest.verdict == .pass && honest.digest == result.digest, "\(honest.reasons)")
  }

  /// The weaker claim holds, but a database that breaks the level it runs at does not get away with it.
  @Test func `of less than the workload runs at passes`() throws {
    let result = try Self.run(at: "repeatable read", claiming: "read committed", seed: 1)
    #expect(result.verdict == .pass, "\(result.reasons)")
  }
}
