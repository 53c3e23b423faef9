import Simulation
import Volume

/// Everything that one run left behind, before anything is counted: the input of all measurements.
///
/// Instants are absolute here, except in `faults` and in what the checkers said, which are results already;
/// what a reader sees is counted from `origin`, which the scenario calls zero.
struct RunRecord {
  let scenario: Scenario
  let scenarioFile: String
  let seed: UInt64
  let build: String
  /// When the cluster was open and loaded, and the scenario began.
  let origin: Instant
  /// When the horizon was reached, or the run gave up. What happened later, while the end state was
  /// read, is not measured.
  let end: Instant
  /// In the order in which they happened, from the very beginning.
  let events: [TraceEvent]
  /// The host of each instance, in the order of the cluster.
  let hosts: [HostID]
  let workloads: [WorkloadRecord]
  /// In the order of the scenario, in scenario time.
  let faults: [FaultResult]
  /// When faults were on.
  let faultIntervals: [ClosedRange<Instant>]
  /// One sample of each instance at the end of each second, in order of time and then of the cluster.
  let samples: [InstanceSample]
  /// For each instance, in the order of the cluster, the commits that were on their way to it while it was a reader.
  let passages: [[LagMeter.Passage]]
  let meters: MeterReadings
  let verification: Verification
  let digest: String
  let eventCount: Int

  /// What the checkers said, and the ledger of commits; in scenario time, as are the instants that their
  /// evidence tells of.
  struct Verification {
    var violations: [Violation] = []
    /// `nil` if the database could not be read to its end.
    var ledger: RecoveryPointLedger?
    /// For each invariant, what it was judged by: `1,234 audits`; or why it could not be.
    var evidence: [(invariant: Invariant, wasJudged: Bool, text: String)] = []
    /// Whether a condition held when it was looked at, in order of time; each look counts until the
    /// next; in absolute time. Some conditions need none, and follow from the record.
    var conditions: [(condition: Scenario.Condition, instant: Instant, holds: Bool)] = []

    mutating func add(_ judgement: Judgement) {
      violations += judgement.violations
      evidence.append((judgement.invariant, judgement.wasJudged, judgement.evidence))
    }
  }
}

/// The state of one instance at one instant.
struct InstanceSample {
  let instant: Instant
  let instance: String
  /// Processor time spent since the last sample, over what it could have been; 1 is all of it.
  let processorUse: Double
  /// The longest way of a commit to this reader in the time before; `nil` for a writer, for one that is down, and
  /// where nobody commits.
  let lag: Interval?
}
