import Simulation

/// Turns what a run left behind into what its reader sees: from a ``RunRecord`` a ``RunResult``.
///
/// ```
///   trace ──▶ InstanceHistory ──▶ WriterSuccession ──▶ failovers ─┐
///     │   └──▶ CapacityHistory ──────────────────────▶ capacity  ├──▶ claims ──▶ verdict
///     └──────────────────────────────────────────────▶ events    │    objectives
///   commits, failures, samples ──▶ MeasuredWindow ──▶ totals, series
/// ```
///
/// Everything is a function of the record: no simulator, no clock, no randomness. Each measurement is
/// defined once, here; objectives, tables and charts all read the same one.
///
/// What counts: the *run* goes from `origin` up to but not including `end`; the *measured* part of it
/// begins when the warm-up is over. Totals and windows are of the measured part; series, failovers,
/// events, roles and the ledger are of the whole run.
struct Measurement {
  let record: RunRecord
  let histories: [InstanceHistory]
  let succession: WriterSuccession
  let capacities: [CapacityHistory]

  init(of record: RunRecord) {
    self.record = record
    let instances = record.scenario.cluster.instances
    histories = instances.map { InstanceHistory(of: $0.id, from: record.events) }
    succession = WriterSuccession(of: record, histories: histories)
    capacities = instances.compactMap { CapacityHistory(of: $0, from: record.events) }
  }

  var result: RunResult {
    let scenario = record.scenario
    var result = RunResult(
      scenario: scenario.name, scenarioFile: record.scenarioFile, claim: scenario.claim,
      seed: record.seed)
    result.build = record.build
    result.engine = scenario.cluster.engine.rawValue
    result.horizon = scenario.run.horizon
    result.warmUp = scenario.run.warmup
    result.simulatedTime = simulatedTime
    result.digest = record.digest
    result.eventCount = record.eventCount
    result.failovers = failovers
    result.claims = claims
    let judgements = objectives(failovers: result.failovers)
    result.objectives = judgements.map(\.result)
    result.metrics = metrics(failovers: result.failovers)
    result.violations = violations
    result.faults = record.faults.enumerated()
      .sorted {
        ($0.element.start ?? $0.element.plannedStart, $0.offset)
          < ($1.element.start ?? $1.element.plannedStart, $1.offset)
      }
      .map(\.element)
    result.recoveryPoint = record.verification.ledger ?? unread
    result.workloads = record.workloads.map(total)
    result.instances = instances
    result.lag = lag
    result.capacity = capacity
    result.meters = meters
    result.series = series
    result.events = events(claims: result.claims, failovers: result.failovers)
    (result.verdict, result.reasons) = verdict(
      claims: result.claims, objectives: judgements, violations: result.violations)
    return result
  }
}

extension Measurement {
  var simulatedTime: Interval { max(.zero, record.end - record.origin) }

  /// Whether the run was broken off before its horizon.
  var isBrokenOff: Bool { simulatedTime < record.scenario.run.horizon }

  /// From the end of the warm-up to the end of the run.
  var measured: Range<Instant> {
    let start = min(record.origin + record.scenario.run.warmup, record.end)
    return min(start, record.end)..<record.end
  }

  /// An absolute instant as the scenario counts.
  func scenarioTime(_ instant: Instant) -> Instant { .start + (instant - record.origin) }

  /// An instant of the scenario in absolute time.
  func absoluteTime(_ instant: Instant) -> Instant { record.origin + instant.sinceStart }

  private var meters: [MeterResult] {
    record.meters.places.enumerated().compactMap { place, meter in
      let run = record.meters.total(at: place, in: record.origin..<max(record.origin, record.end))
      guard run > 0 else { return nil }
      return MeterResult(
        resource: meter.resource.description, meter: meter.kind.name, unit: meter.kind.unit,
        run: run, measured: record.meters.total(at: place, in: measured))
    }
  }

  /// What is known of the recovery point though nobody has read the database.
  private var unread: RecoveryPointLedger {
    var ledger = RecoveryPointLedger()
    ledger.acknowledgedCount = record.workloads.reduce(0) { $0 + $1.commits.count { $0.writes } }
    return ledger
  }

  /// In order of time.
  private var violations: [Violation] {
    record.verification.violations.enumerated()
      .sorted { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }
      .map(\.element)
  }
}
