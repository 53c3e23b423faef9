import Archive
import Foundation
import Reports
import Scenarios
import Simulation
import Testing

/// The library below the archive, used as any other program would.
private enum SQLite {
  private typealias Row =
    @convention(c) (
      UnsafeMutableRawPointer?, CInt, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
      UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> CInt
  private typealias Open =
    @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> CInt
  private typealias Execute =
    @convention(c) (
      OpaquePointer?, UnsafePointer<CChar>, Row, UnsafeMutableRawPointer?, OpaquePointer?
    ) -> CInt
  private typealias Close = @convention(c) (OpaquePointer?) -> CInt

  private final class Texts { var all: [String] = [] }

  private static func function<Function>(_ name: String) throws -> Function {
    unsafeBitCast(try #require(dlsym(nil, name)), to: Function.self)
  }

  /// The first column of what some statements give.
  static func texts(_ sql: String, _ path: String) throws -> [String] {
    let (open, execute): (Open, Execute) = (
      try function("sqlite3_open"), try function("sqlite3_exec")
    )
    let close: Close = try function("sqlite3_close")
    var database: OpaquePointer?
    try #require(open(path, &database) == 0)
    defer { _ = close(database) }
    let texts = Texts()
    let result = execute(
      database, sql,
      { context, _, values, _ in
        guard let context, let value = values?[0] else { return 1 }
        Unmanaged<Texts>.fromOpaque(context).takeUnretainedValue().all.append(
          String(cString: value))
        return 0
      }, Unmanaged.passUnretained(texts).toOpaque(), nil)
    try #require(result == 0, "\(sql)")
    return texts.all
  }
}

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
    of file: String = "kept.yaml",
    _ body: (_ open: (Scenario, _ build: String) throws -> CampaignStore, _ path: String) throws ->
      Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "borealis-store-\(ProcessInfo.processInfo.globallyUniqueString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: CampaignStore.fileName).path
    try body(
      { scenario, build in
        try CampaignStore(
          path: path, for: Campaign(scenario, file: file, build: build), plan: scenario)
      }, path)
  }

  private static func outcome(_ seed: UInt64) -> Campaign.Outcome {
    var outcome = Campaign.Outcome(seed: seed, failure: "it broke")
    outcome.reasons = ["one", "two; with a semicolon"]
    outcome.longestOutage = .milliseconds(Int64(seed % 1000))
    outcome.lostCommits = 3
    outcome.wasReplayed = true
    outcome.digest = "abc"
    outcome.objectives = [
      .init(
        name: "failover.client_seen p95", observed: 1.5, passed: true, isAtLeast: true,
        values: [.init(1.25), .init(1.5, isAtLeast: true)]),
      .init(name: "lag max", observed: nil, passed: nil),
    ]
    outcome.probes = [ProbeCount(name: "b", count: 2), ProbeCount(name: "a", count: 0)]
    return outcome
  }

  @Test func `gives back what was put in, in order of the seeds`() throws {
    try Self.withStore { open, _ in
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
    try Self.withStore { open, _ in
      let store = try open(try Self.scenario(), "one")
      try store.add(Self.outcome(4))
      var second = Self.outcome(4)
      (second.verdict, second.reasons, second.probes) = (.pass, [], [])
      try store.add(second)
      #expect(try store.outcomes() == [second])
    }
  }

  @Test func `keeps plans and builds apart`() throws {
    try Self.withStore { open, _ in
      try open(try Self.scenario(), "one").add(Self.outcome(1))
      try open(try Self.scenario(), "two").add(Self.outcome(2))
      try open(try Self.scenario(horizon: "11s"), "one").add(Self.outcome(3))
      #expect(try open(try Self.scenario(), "one").outcomes().map(\.seed) == [1])
      #expect(try open(try Self.scenario(), "two").outcomes().map(\.seed) == [2])
      #expect(try open(try Self.scenario(horizon: "11s"), "one").outcomes().map(\.seed) == [3])
      #expect(try open(try Self.scenario(horizon: "12s"), "one").outcomes().isEmpty)
    }
  }

  /// As a program reads it that knows of SQL and of nothing else.
  @Test(arguments: [
    ("kept.yaml", "kept.yaml"),
    ("my runs/it's 5 o'clock.yaml", #"'my runs/it'\''s 5 o'\''clock.yaml'"#),
  ])
  func `gives a command for each failure that a shell takes as it is`(file: String, word: String)
    throws
  {
    try Self.withStore(of: file) { open, path in
      let store = try open(try Self.scenario(), "one")
      for seed in [7, .max] as [UInt64] { try store.add(Self.outcome(seed)) }
      var passed = Self.outcome(8)
      passed.verdict = .pass
      try store.add(passed)
      let campaign = Campaign(try Self.scenario(), file: file, build: "one")
      let commands = try SQLite.texts(
        "SELECT replay FROM failure ORDER BY length(seed), seed", path)
      #expect(commands == [7, .max].map { campaign.replayCommand(of: $0) })
      #expect(commands.first == "borealis run \(word) --seed 7")
    }
  }

  /// Of an older build, whose view had names as they were.
  @Test func `takes over what an older program has kept`() throws {
    let file = "an old one.yaml"
    try Self.withStore(of: file) { open, path in
      try open(try Self.scenario(), "one").add(Self.outcome(7))
      _ = try SQLite.texts(
        """
        DROP VIEW failure; ALTER TABLE scenario DROP COLUMN command;
        DROP TABLE objective_value; ALTER TABLE objective DROP COLUMN is_at_least;
        DELETE FROM grdb_migrations WHERE identifier IN ('2', '3');
        CREATE VIEW failure AS SELECT 'borealis run ' || file AS replay FROM scenario;
        """, path)
      _ = try open(try Self.scenario(horizon: "11s"), "two")
      #expect(
        try SQLite.texts("SELECT replay FROM failure", path)
          == ["borealis run 'an old one.yaml' --seed 7"])
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
