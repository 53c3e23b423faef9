public import Simulation

/// One scenario under many seeds: what each run came to, and what they come to together.
public struct Campaign: Equatable, Sendable {
  /// What the run of one seed came to.
  public struct Outcome: Equatable, Sendable {
    public var seed: UInt64
    public var verdict: Verdict
    /// Why the verdict is what it is, one sentence each.
    public var reasons: [String]
    /// The digest of the run; empty if it did not end by itself.
    public var digest: String
    /// The longest that a client could not commit; `nil` if there was no outage, or none ended.
    public var longestOutage: Interval?
    /// Acknowledged commits that were missing at the end.
    public var lostCommits: Int

    public init(_ result: RunResult) {
      seed = result.seed
      verdict = result.verdict
      reasons = result.reasons
      digest = result.digest
      longestOutage = result.failovers.compactMap(\.longest).max()
      lostCommits = result.recoveryPoint.lostCount
    }

    /// A run that left no result: the program itself failed, which no scenario may make it do.
    public init(seed: UInt64, failure: String) {
      (self.seed, verdict, reasons, digest, lostCommits) = (seed, .fail, [failure], "", 0)
    }
  }

  /// The scenario's `name`.
  public let scenario: String
  public let scenarioFile: String
  public let claim: String
  public let build: String
  /// In order of their seeds, whatever the order in which they ended.
  public private(set) var outcomes: [Outcome] = []

  public init(_ scenario: Scenario, file: String, build: String) {
    self.scenario = scenario.name
    scenarioFile = file
    claim = scenario.claim
    self.build = build
  }

  public mutating func add(_ outcome: Outcome) {
    let place = outcomes.firstIndex { $0.seed > outcome.seed } ?? outcomes.count
    outcomes.insert(outcome, at: place)
  }

  public func count(of verdict: Verdict) -> Int { outcomes.count { $0.verdict == verdict } }

  /// Those that did not pass.
  public var failures: [Outcome] { outcomes.filter { $0.verdict != .pass } }

  /// The gravest verdict of all: that two runs differ outweighs a failure, a failure outweighs doubt.
  public var verdict: Verdict {
    for verdict in [Verdict.nondeterministic, .fail, .unknown] where count(of: verdict) > 0 {
      return verdict
    }
    return outcomes.isEmpty ? .unknown : .pass
  }

  /// The longest outage of each run that had one, ascending.
  public var outages: [Interval] { outcomes.compactMap(\.longestOutage).sorted() }

  public var lostCommits: Int { outcomes.reduce(0) { $0 + $1.lostCommits } }

  /// The command that gives the run of a seed again.
  public func replayCommand(of seed: UInt64) -> String {
    "borealis run \(scenarioFile) --seed \(seed)"
  }
}
