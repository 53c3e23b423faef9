public import Simulation

/// Everything that one finished run has to say, as plain values.
///
/// Every CSV, the HTML page and the terminal's table are made from this and from nothing else, so
/// a result that was saved can be reported again without being run again, and two equal results
/// give the same bytes. It is filled in once, when the run has ended; the order of every list is
/// the order in which reports show it, and must not depend on hashing.
///
/// Instants and intervals are virtual time.
public struct RunResult: Codable, Equatable, Sendable {
  /// The scenario's `name`.
  public var scenario: String
  /// The scenario file as a reader may type it again: relative, never absolute.
  public var scenarioFile: String
  /// The sentence that the scenario sets out to prove.
  public var claim: String
  public var seed: UInt64
  /// What was built: version and revision.
  public var build: String
  /// The fingerprint of the resolved plan, see ``Scenario/digest``.
  public var planDigest: String
  /// The engine as the scenario names it, such as `aurora-postgresql`.
  public var engine: String

  /// How long the run was meant to last, warm-up included.
  public var horizon: Interval
  /// The beginning that the totals and objectives leave out.
  public var warmUp: Interval
  /// How long the run did last; shorter than `horizon` if it was broken off.
  public var simulatedTime: Interval

  public var verdict: Verdict
  /// Why the verdict is what it is, one sentence each; empty for a plain pass.
  public var reasons: [String]
  /// The digest of the whole trace, in lower-case hexadecimal.
  public var digest: String
  /// Events in the trace, the count that goes with `digest`.
  public var eventCount: Int

  public var claims: [ClaimResult]
  public var objectives: [ObjectiveResult]
  /// Every metric of the scenario with its statistics, over the measured part of the run.
  public var metrics: [MetricResult]
  /// What the checkers found, in order of time.
  public var violations: [Violation]

  /// In order of their start.
  public var faults: [FaultResult]
  /// In order of their cause.
  public var failovers: [FailoverResult]
  public var recoveryPoint: RecoveryPointLedger

  public var workloads: [WorkloadResult]
  public var instances: [InstanceResult]
  public var lag: [LagResult]
  /// One entry for each instance of class `serverless`.
  public var capacity: [CapacityResult]
  /// Every meter that counted anything, in the order in which the run first asked for it.
  public var meters: [MeterResult]
  /// Every probe that is known, reached or not, in one order for all runs of a build.
  public var probes: [ProbeCount]
  public var series: TimeSeries
  /// In order of time.
  public var events: [RunEvent]

  /// A run of which nothing is known but what was asked for; the caller fills in the rest.
  public init(scenario: String, scenarioFile: String, claim: String, seed: UInt64) {
    self.scenario = scenario
    self.scenarioFile = scenarioFile
    self.claim = claim
    self.seed = seed
    build = ""
    planDigest = ""
    engine = ""
    horizon = .zero
    warmUp = .zero
    simulatedTime = .zero
    verdict = .unknown
    reasons = []
    digest = ""
    eventCount = 0
    claims = []
    objectives = []
    metrics = []
    violations = []
    faults = []
    failovers = []
    recoveryPoint = RecoveryPointLedger()
    workloads = []
    instances = []
    lag = []
    capacity = []
    meters = []
    probes = []
    series = TimeSeries(bucket: .seconds(1), count: 0)
    events = []
  }

  /// The command that gives this result again, byte for byte, with the same build.
  public var replayCommand: String { ReplayCommand.text(scenarioFile, seed: seed) }
}
