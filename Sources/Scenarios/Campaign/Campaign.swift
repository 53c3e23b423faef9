import OrderedCollections
public import Simulation
import Statistics

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
    /// The longest that a client could not commit, up to the end of the run if it still could not then; `nil` if
    /// there was no outage.
    public var longestOutage: Interval?
    /// Whether some client still could not when the run ended: its outage lasted longer than anybody saw.
    public var outageGoesOn = false
    /// Acknowledged commits that were missing at the end.
    public var lostCommits: Int
    /// Whether the run was made twice and compared.
    public var wasReplayed = false
    /// How long its process took, in seconds of real time; `nil` if nobody looked. No table has it, since
    /// it differs from one time to the next.
    public var realSeconds: Double?
    public var objectives: [Objective] = []
    public var probes: [ProbeCount] = []

    public init(_ result: RunResult) {
      seed = result.seed
      verdict = result.verdict
      reasons = result.reasons
      digest = result.digest
      longestOutage = result.failovers.compactMap(\.longestSeen).max()
      outageGoesOn = result.failovers.contains(where: \.goesOn)
      lostCommits = result.recoveryPoint.lostCount
      objectives = result.objectives.map(Objective.init)
      probes = result.probes
    }

    /// A run that left no result: the program itself failed, which no scenario may make it do, or was ended
    /// at the limit of its CPU time.
    public init(seed: UInt64, failure: String, verdict: Verdict = .fail) {
      (self.seed, self.verdict, reasons, digest, lostCommits) = (seed, verdict, [failure], "", 0)
    }
  }

  /// What a run came to with regard to one objective.
  public struct Objective: Equatable, Sendable {
    /// Metric, statistic and window, such as `failover.client_seen p95`.
    public var name: String
    /// In the base unit: seconds, per second, a count, ACU, bytes; `nil` if there was no sample.
    public var observed: Double?
    /// `nil` if there was no sample to judge.
    public var passed: Bool?
    /// Whether what was observed is only known to be at least so much.
    public var isAtLeast: Bool
    /// The values of the run one by one, where it has few.
    public var values: [ObjectiveResult.Value]

    public init(
      name: String, observed: Double?, passed: Bool?, isAtLeast: Bool = false,
      values: [ObjectiveResult.Value] = []
    ) {
      (self.name, self.observed, self.passed) = (name, observed, passed)
      (self.isAtLeast, self.values) = (isAtLeast, values)
    }

    init(_ result: ObjectiveResult) {
      name = result.subject
      (observed, passed) = (result.observed?.magnitude, result.passed)
      (isAtLeast, values) = (result.isAtLeast, result.values)
    }
  }

  /// How a probe fared under all seeds.
  public struct ProbeTotal: Equatable, Sendable {
    public var name: String
    /// Runs that came into the situation at least once.
    public var seeds: Int
    public var count: Int
  }

  /// The scenario's `name`.
  public let scenario: String
  public let scenarioFile: String
  public let claim: String
  public let build: String
  /// What each run is judged by.
  public let objectives: [Scenario.Objective]
  /// The seeds that were asked for; `nil` if whoever made this does not say.
  public let seeds: ClosedRange<UInt64>?
  /// Whether it was stopped before every seed had run.
  public var wasInterrupted = false
  /// In order of their seeds, whatever the order in which they ended.
  public private(set) var outcomes: [Outcome] = []

  public init(
    _ scenario: Scenario, file: String, build: String, seeds: ClosedRange<UInt64>? = nil
  ) {
    self.seeds = seeds
    objectives = scenario.objectives
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

  /// The seeds that were asked for and not run.
  public var skipped: [UInt64] {
    guard let seeds else { return [] }
    let known = Set(outcomes.map(\.seed))
    return seeds.filter { !known.contains($0) }
  }

  /// Those that did not pass.
  public var failures: [Outcome] { outcomes.filter { $0.verdict != .pass } }

  /// The gravest verdict of all: that two runs differ outweighs a failure, a failure outweighs doubt. What
  /// the scenario asks many runs to show, with a confidence, counts as one more of them.
  public var verdict: Verdict {
    var verdicts = outcomes.map(\.verdict)
    for objective in pooledObjectives where objective.isAsked {
      verdicts.append(objective.holds.map { $0 ? .pass : .fail } ?? .unknown)
    }
    for verdict in Verdict.byGravity where verdicts.contains(verdict) {
      return verdict == .pass && (wasInterrupted || outcomes.isEmpty) ? .unknown : verdict
    }
    return .unknown
  }

  /// What the objectives come to over all runs, in the order of the scenario, whether or not it asks for a
  /// confidence.
  public var pooledObjectives: [PooledObjective] {
    objectives.enumerated().map { PooledObjective($1, at: $0, of: outcomes) }
  }

  /// The share of all seeds that there are of which at most this many do not pass, with the given confidence:
  /// how sure the verdict is, as far as the seeds were not chosen by what they come to.
  public func largestFailingShare(
    confidence: Double = PooledObjective.usualConfidence
  ) -> Double {
    ConfidenceInterval.upperBound(
      ofShareWith: failures.count, of: outcomes.count, confidence: confidence)
  }

  /// The longest outage of each run that had one, ascending.
  public var outages: [Interval] { outcomes.compactMap(\.longestOutage).sorted() }

  /// How many runs ended while some client could not commit.
  public var unendedOutageCount: Int { outcomes.count(where: \.outageGoesOn) }

  /// A quantile of ``outages``, in seconds, with its limits.
  public func outage(_ quantile: Double) -> PooledStatistic {
    PooledStatistic(
      quantile,
      of: outcomes.compactMap { outcome in
        outcome.longestOutage.map {
          [ObjectiveResult.Value($0.seconds, isAtLeast: outcome.outageGoesOn)]
        }
      },
      confidence: PooledObjective.usualConfidence)
  }

  /// Every probe that any run knows, in the order of the first that knows it.
  public var probes: [ProbeTotal] {
    var totals: OrderedDictionary<String, ProbeTotal> = [:]
    for probe in outcomes.flatMap(\.probes) {
      var total = totals[probe.name] ?? ProbeTotal(name: probe.name, seeds: 0, count: 0)
      total.seeds += probe.count > 0 ? 1 : 0
      total.count += probe.count
      totals[probe.name] = total
    }
    return Array(totals.values)
  }

  /// The situations that no seed came into.
  public var unreachedProbes: [String] { probes.filter { $0.count == 0 }.map(\.name) }

  public var lostCommits: Int { outcomes.reduce(0) { $0 + $1.lostCommits } }

  /// The command that gives the run of a seed again.
  public func replayCommand(of seed: UInt64) -> String {
    ReplayCommand.text(scenarioFile, seed: seed)
  }
}
