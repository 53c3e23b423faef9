import Archive
import Foundation
import Reports
import Scenarios
import Simulation
import Testing

@Suite struct `The database of a campaign` {
  private static func scenario(horizon: String = "10s") throws -> Scenario {
    try Scenario(
      yaml: TinyScenario(
        name: "kept", horizon: horizon, faults: ["{ id: c, at: 2s, crash: { on: w } }"]
      ).yaml,
      file: "kept.yaml")
  }

  /// A database in a folder that goes when the test has ended.
  private static func withStore(
    _ body: (_ open: (Scenario, _ build: String) throws -> CampaignStore) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "borealis-store-\(ProcessInfo.processInfo.globallyUniqueString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: CampaignStore.fileName).path
    try body { scenario, build in
      try CampaignStore(
        path: path, for: Campaign(scenario, file: "kept.yaml", build: build), plan: scenario)
    }
  }

  private static func outcome(_ seed: UInt64) -> Campaign.Outcome {
    var outcome = Campaign.Outcome(seed: seed, failure: "it broke")
    outcome.reasons = ["one", "two; with a semicolon"]
    outcome.longestOutage = .milliseconds(Int64(seed % 1000))
    outcome.lostCommits = 3
    outcome.wasReplayed = true
    outcome.digest = "abc"
    outcome.objectives = [
      .init(name: "failover.client_seen p95", observed: 1.5, passed: true),
      .init(name: "lag max", observed: nil, passed: nil),
    ]
    outcome.probes = [ProbeCount(name: "b", count: 2), ProbeCount(name: "a", count: 0)]
    return outcome
  }

  @Test func `gives back what was put in, in order of the seeds`() throws {
    try Self.withStore { open in
      let scenario = try Self.scenario()
      let store = try open(scenario, "one")
      // The largest seed has no place among signed numbers.
      let seeds: [UInt64] = [9, 2, .max, 11]
      for seed in seeds { try store.add(Self.outcome(seed)) }
      #expect(try store.outcomes() == seeds.sorted().map(Self.outcome))
      // Another time, and by another program.
      #expect(try open(scenario, "one").outcomes().map(\.seed) == seeds.sorted())
    }
  }

  @Test func `keeps one outcome of a seed, the last`() throws {
    try Self.withStore { open in
      let store = try open(try Self.scenario(), "one")
      try store.add(Self.outcome(4))
      var second = Self.outcome(4)
      (second.verdict, second.reasons, second.probes) = (.pass, [], [])
      try store.add(second)
      #expect(try store.outcomes() == [second])
    }
  }

  @Test func `keeps plans and builds apart`() throws {
    try Self.withStore { open in
      try open(try Self.scenario(), "one").add(Self.outcome(1))
      try open(try Self.scenario(), "two").add(Self.outcome(2))
      try open(try Self.scenario(horizon: "11s"), "one").add(Self.outcome(3))
      #expect(try open(try Self.scenario(), "one").outcomes().map(\.seed) == [1])
      #expect(try open(try Self.scenario(), "two").outcomes().map(\.seed) == [2])
      #expect(try open(try Self.scenario(horizon: "11s"), "one").outcomes().map(\.seed) == [3])
      #expect(try open(try Self.scenario(horizon: "12s"), "one").outcomes().isEmpty)
    }
  }

  @Test func `refuses a file that is no database`() throws {
    let scenario = try Self.scenario()
    #expect(throws: CampaignStore.Failure.self) {
      try CampaignStore(
        path: "/dev/null/nowhere.sqlite", for: Campaign(scenario, file: "kept.yaml", build: "one"),
        plan: scenario)
    }
  }
}
