public import Simulation

/// What became of one entry under `claims:`.
public struct ClaimResult: Codable, Equatable, Sendable {
  /// The four ways in which a claim is quantified over time.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case always, sometimes, eventually, never
  }

  /// The claim as the scenario words it, such as `no_acknowledged_commit_lost`.
  public var name: String
  public var kind: Kind
  /// `nil` if the run gave no chance to judge it, which makes the run's verdict `unknown`.
  public var passed: Bool?
  /// What was counted or seen, one sentence; for a failure, the first violation.
  public var evidence: String
  /// In which ways it failed, in words without instants and counts, so that two runs can be compared by
  /// them: the kinds of anomalies, or whether a condition came true too late or never. Empty if there is
  /// only one way.
  public var manners: [String]
  /// When it was decided: the first violation, the first sighting, or the end of the run.
  public var instant: Instant?

  public init(
    name: String, kind: Kind, passed: Bool?, evidence: String, manners: [String] = [],
    instant: Instant?
  ) {
    self.manners = manners
    self.name = name
    self.kind = kind
    self.passed = passed
    self.evidence = evidence
    self.instant = instant
  }
}

/// What became of one entry under `slo:`.
public struct ObjectiveResult: Codable, Equatable, Sendable {
  /// The side of the bound on which the observed value has to be.
  public enum Comparison: String, CaseIterable, Codable, Sendable {
    case below, above
    /// Equal to it.
    case exactly
  }

  /// The metric as the scenario words it, such as `failover.client_seen`, with the client if only
  /// one counts.
  public var metric: String
  /// The statistic, such as `p95` or `max`.
  public var statistic: String
  /// The part of the run that counts, in words, such as `outside faults`; empty for all of it.
  public var window: String
  public var comparison: Comparison
  public var bound: Quantity
  /// `nil` if there was no sample.
  public var observed: Quantity?
  /// `nil` if there was nothing to judge: no sample, one that is known in part only, or a value within the
  /// bound where nothing could have gone beyond it.
  public var passed: Bool?
  /// How sure a campaign must be that the bound holds, from 0 to 1: then it is judged over many runs, and does not
  /// count in the verdict of one; `nil` if each run is judged by itself.
  public var confidence: Double?
  /// Whether what was observed is only known to be at least so much: something was still going on when the run
  /// ended.
  public var isAtLeast: Bool
  /// The values of this run one by one, where a run has so few that only many runs together have quantiles.
  public var values: [Value] = []

  /// One value of a metric.
  public struct Value: Codable, Equatable, Sendable {
    /// In the base unit: seconds, per second, a count, ACU, bytes.
    public var magnitude: Double
    /// Whether it is only known to be at least so much, because the run ended first.
    public var isAtLeast: Bool

    public init(_ magnitude: Double, isAtLeast: Bool = false) {
      (self.magnitude, self.isAtLeast) = (magnitude, isAtLeast)
    }
  }

  public init(
    metric: String, statistic: String, window: String, comparison: Comparison, bound: Quantity,
    observed: Quantity?, isAtLeast: Bool = false, passed: Bool?
  ) {
    self.isAtLeast = isAtLeast
    self.metric = metric
    self.statistic = statistic
    self.window = window
    self.comparison = comparison
    self.bound = bound
    self.observed = observed
    self.passed = passed
  }
}

extension ObjectiveResult {
  /// What was observed, with the digits that show on which side of the bound it lies; `nil` if there was no
  /// sample.
  public var observedText: String? {
    observed.map { (isAtLeast ? "at least " : "") + $0.text(against: bound) }
  }
}
