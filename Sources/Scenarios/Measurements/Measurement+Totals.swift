import Simulation
import Statistics

/// The numbers that sum a run up: all of the measured part of it, roles apart.
extension Measurement {
  /// What a workload got done.
  ///
  /// A transaction counts when it ends. Attempts that failed are counted one by one, retries included;
  /// one in doubt is not among the aborted.
  func total(of workload: WorkloadRecord) -> WorkloadResult {
    let failures = workload.failures.filter { measured.contains($0.instant) }
    let errors = workload.errors.filter { measured.contains($0.instant) }
    let times = responseTimes(of: workload, in: wholeWindow)
    let inDoubt = failures.count(where: \.isInDoubt)
    var result = WorkloadResult(
      id: workload.workload.id, mix: workload.workload.mix.name,
      client: workload.workload.client,
      committed: workload.commits.count { measured.contains($0.instant) },
      aborted: failures.count - inDoubt, errors: Self.tally(errors.map { $0.kind }),
      inDoubt: inDoubt, latency: times.summary)
    result.unserved = times.unserved
    result.omitted = omitted(by: workload)
    result.connections = connections(of: workload)
    if !record.faultIntervals.isEmpty {
      result.windows = Scenario.Objective.Window.allCases.filter { $0 != .all }.map { kind in
        let window = MeasuredWindow(kind, measured: measured, faults: record.faultIntervals)
        let times = responseTimes(of: workload, in: window)
        return WorkloadResult.Window(
          name: kind.rawValue.split(separator: "_").joined(separator: " "), latency: times.summary,
          unserved: times.unserved, errors: errors.count { window.contains($0.instant) })
      }
    }
    return result
  }

  private func connections(of workload: WorkloadRecord) -> WorkloadResult.Connections {
    let attempts = workload.connectAttempts.filter {
      $0.ended.map(measured.contains) == true
    }
    let failures = attempts.compactMap(\.failure)
    var result = WorkloadResult.Connections()
    result.attempts = attempts.count
    result.refused = failures.count { $0.cause == .refused }
    result.timedOut = failures.count { $0.cause == .timedOut }
    result.broken = failures.count { $0.cause == .broken }
    result.failures = Self.tally(failures.map(\.kind))
    result.time = connectTimes(of: workload, in: wholeWindow).summary
    return result
  }

  private static func tally(_ kinds: [String]) -> [WorkloadResult.ErrorCount] {
    var counts = LookupTable<String, Int>()
    for kind in kinds { counts[kind, default: 0] += 1 }
    return counts.sortedByKey()
      .map { WorkloadResult.ErrorCount(kind: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }
  }

  /// What each instance was over the whole run.
  var instances: [InstanceResult] {
    zip(record.scenario.cluster.instances, histories).map { instance, history in
      InstanceResult(
        id: instance.id, availabilityZone: instance.zone.rawValue,
        instanceClass: instance.instanceClass,
        roles: history.spans(from: record.origin, to: record.end).map {
          InstanceResult.RoleSpan(
            role: $0.role, start: scenarioTime($0.start), end: scenarioTime($0.end))
        })
    }
  }

  /// Every instance that the scenario calls a reader, or that was one when it was looked at.
  var readers: [String] {
    let readers = record.scenario.cluster.readers.map(\.id)
    return record.scenario.cluster.instances.map(\.id).filter { id in
      readers.contains(id)
        || record.samples.contains { $0.instance == id && $0.lag != nil && runs($0.instant) }
    }
  }

  /// How far each reader was behind: one value each time that it was looked at.
  var lag: [LagResult] {
    readers.map { reader in
      LagResult(reader: reader, lag: lags(of: reader, in: wholeWindow).summary)
    }
  }

  /// The capacity of each serverless instance, weighted by time; zero for one that was never up.
  var capacity: [CapacityResult] {
    capacities.map { history in
      let values = history.values(in: measured.isEmpty ? [] : [measured])
      let sample = WeightedSample(values)
      func acu(_ statistic: Scenario.Objective.Statistic) -> Double {
        (sample.statistic(statistic) ?? 0) / 1000
      }
      let seconds = values.reduce(0.0) { $0 + Double($1.number) / 1000 * Double($1.weight) / 1e9 }
      return CapacityResult(
        instance: history.instance, allowed: history.allowed, lowest: acu(.min),
        mean: acu(.mean), highest: acu(.max), capacitySeconds: seconds)
    }
  }

  /// All of the measured part of the run.
  private var wholeWindow: MeasuredWindow {
    MeasuredWindow(.all, measured: measured, faults: record.faultIntervals)
  }

  private func runs(_ instant: Instant) -> Bool { instant > record.origin && instant <= record.end }
}
