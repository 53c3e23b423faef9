import Testing

@testable import Scenarios
@testable import Simulation

/// What becomes of the applications of an AZ that fails.
@Suite struct `An application in an AZ that fails` {
  private struct Outcome {
    let result: RunResult
    let origin: Instant
    let records: [WorkloadRecord]

    /// When commits were acknowledged, as the scenario counts.
    var commits: [Interval] { records.flatMap(\.commits).map { $0.instant - origin } }
  }

  /// The AZ of the application, and not of the writer, is down from 3 s to 5 s.
  private static func run(restart: String, load: String? = nil) throws -> Outcome {
    var tiny = TinyScenario(
      name: "application-restart", faults: ["{ id: down, at: 3s, for: 2s, outage: { az: c } }"])
    tiny.application = ["az: c", "restart: \(restart)"]
    tiny.arrivals = "uniform(20/s)"
    var yaml = tiny.yaml
    if let load {
      yaml.replace("arrivals: \"uniform(20/s)\", connections: 3", with: load)
      #expect(yaml.contains(load))
    }
    let run = ScenarioRun(
      try Scenario(yaml: yaml, file: tiny.file), file: tiny.file, seed: 3, build: "test")
    let result = run.execute()
    return Outcome(
      result: result, origin: try #require(run.origin), records: run.runners.map(\.record))
  }

  @Test func `is back when its host has booted and it has started up`() throws {
    let outcome = try Self.run(restart: "700ms")
    #expect(outcome.result.verdict == .pass, "\(outcome.result.reasons)")
    let (before, after) = (Interval.seconds(3), Interval.milliseconds(5_700))
    #expect(outcome.commits.contains { $0 < before })
    #expect(!outcome.commits.contains { before < $0 && $0 < after })
    for record in outcome.records {
      #expect(record.commits.contains { $0.instant - outcome.origin > after })
      let fresh = record.sessions.filter { $0.instant - outcome.origin > after }
      #expect(!fresh.isEmpty, "its connections are new ones")
    }
  }

  @Test func `leaves unserved what arrives while it is not there`() throws {
    let outcome = try Self.run(restart: "700ms")
    for record in outcome.records {
      let unserved = record.lost.map { $0.arrival - outcome.origin }
        .filter { $0 < .seconds(10) }
      // 2.7 s of 20 arrivals each, and perhaps some that were waiting.
      #expect((53...60).contains(unserved.count), "\(unserved.count)")
      #expect(unserved.allSatisfy { .milliseconds(2_500) < $0 && $0 < .milliseconds(5_700) })
    }
  }

  @Test func `never gives a token twice, and what it was doing is known`() throws {
    let outcome = try Self.run(restart: "700ms", load: "concurrency: 3, think_time: 1ms")
    #expect(outcome.result.verdict == .pass, "\(outcome.result.reasons)")
    var tokens: Set<TransactionToken> = []
    for (_, observation) in outcome.records.flatMap(\.ledger) {
      switch observation {
      case .acknowledged(let token, _, _), .inDoubt(let token), .rolledBack(let token):
        #expect(tokens.insert(token).inserted, "\(token) came twice")
      default: break
      }
    }
    #expect(tokens.count > 100)
    let lost = outcome.records.flatMap(\.failures).filter { $0.kind == "application ended" }
    #expect(lost.count { $0.instant - outcome.origin == .seconds(3) } > 3)
    #expect(outcome.commits.contains { $0 > .milliseconds(5_700) })
  }

  @Test func `stays away if the scenario says so`() throws {
    let outcome = try Self.run(restart: "never")
    #expect(outcome.commits.contains { $0 < .seconds(3) })
    #expect(!outcome.commits.contains { $0 > .seconds(3) })
    #expect(outcome.records.allSatisfy { $0.lost.count > 130 })
  }
}
