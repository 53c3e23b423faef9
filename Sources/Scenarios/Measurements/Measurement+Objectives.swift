import ControlPlane
import Simulation
import Statistics

/// Whether the scenario's objectives were met.
///
/// | metric | one value for each |
/// |---|---|
/// | `failover.client_seen` | outage of a host at the cluster endpoint; see ``failovers`` |
/// | `failover.count` | run: interruptions that ended with another instance as the writer |
/// | `rpo.transactions`, `.bytes`, `.time` | run: the ledger's losses |
/// | `lag` | look at a reader, one a second: the slowest way of a commit to it since the last look |
/// | `x.latency` | committed transaction: from its arrival to the answer to its COMMIT |
/// | `x.throughput` | whole second of the workload: commits acknowledged in it |
/// | `x.errors` | run: attempts that ended in anything but an acknowledged commit |
/// | `acu` | stretch of time in which a capacity held, weighted with its length |
///
/// A quantile is the smallest value that the asked-for share of the values does not exceed; of latency
/// and lag, of which there may be millions, it is rounded up by at most 0.1 %. What belongs to which
/// window, ``MeasuredWindow`` says; seconds and transactions are spans, looks and errors are instants.
///
/// An outage that had not ended when the run did is known to be longer than it was until then, and no
/// more. If the bound may lie on either side of the statistic for that reason, there is no judgement.
extension Measurement {
  struct ObjectiveJudgement {
    var result: ObjectiveResult
    /// One sentence, if it was not met or could not be judged.
    var reason: String?
  }

  func objectives(failovers: [FailoverResult]) -> [ObjectiveJudgement] {
    record.scenario.objectives.map { judge($0, failovers: failovers) }
  }

  /// A statistic as far as it is known, in the metric's smallest unit.
  private struct Observed {
    let least: Double
    /// `nil` if it may be without limit.
    let most: Double?

    init(_ value: Double) { (least, most) = (value, value) }
    init(from least: Double, to most: Double?) { (self.least, self.most) = (least, most) }

    /// Whether the value is on the right side of the bound; `nil` if that is not known.
    func satisfies(_ comparison: ObjectiveResult.Comparison, _ bound: Double) -> Bool? {
      switch comparison {
      case .below:
        if let most, most < bound { return true }
        return least >= bound ? false : nil
      case .above:
        if least > bound { return true }
        return most.map { $0 <= bound } == true ? false : nil
      case .exactly:
        if least == bound, most == bound { return true }
        return least > bound || most.map { $0 < bound } == true ? false : nil
      }
    }
  }

  private func judge(
    _ objective: Scenario.Objective, failovers: [FailoverResult]
  ) -> ObjectiveJudgement {
    let (comparison, limit): (ObjectiveResult.Comparison, Scenario.Quantity) =
      switch objective.bound {
      case .below(let quantity): (.below, quantity)
      case .above(let quantity): (.above, quantity)
      case .exactly(let quantity): (.exactly, quantity)
      }
    let unit = objective.statistic == .count ? .count : objective.metric.unit
    let observed = observe(objective, failovers: failovers)
    let passed = observed.flatMap { $0.satisfies(comparison, limit.smallestUnits) }
    let result = ObjectiveResult(
      metric: objective.metric.name + (objective.client.map { " of \($0)" } ?? ""),
      statistic: objective.statistic.rawValue,
      window: objective.window == .all
        ? "" : objective.window.rawValue.split(separator: "_").joined(separator: " "),
      comparison: comparison, bound: limit.quantity,
      observed: observed.map { unit.quantity($0.least) }, passed: passed)
    guard passed != true else { return ObjectiveJudgement(result: result) }
    return ObjectiveJudgement(result: result, reason: reason(objective, observed, result))
  }

  private func reason(
    _ objective: Scenario.Objective, _ observed: Observed?, _ result: ObjectiveResult
  ) -> String {
    guard let observed, let value = result.observed else {
      return "objective \(objective): there was nothing to measure"
    }
    let atLeast = observed.most == observed.least ? "" : "at least "
    let why = result.passed == nil ? "; the run ended too early to tell" : ""
    return "objective \(objective): it was \(atLeast)\(value)\(why)"
  }

  // MARK: Metrics

  /// `nil` if there was nothing to observe.
  private func observe(
    _ objective: Scenario.Objective, failovers: [FailoverResult]
  ) -> Observed? {
    let statistic = objective.statistic
    let window = MeasuredWindow(
      objective.window, measured: measured, faults: record.faultIntervals)
    switch objective.metric {
    case .failoverSeenByClient:
      return outages(in: failovers, client: objective.client, statistic)
    case .failoverCount:
      let count = succession.interruptions.count { $0.kind == .failover && $0.opening != nil }
      return Observed(Double(count))
    case .lostTransactions:
      return record.verification.ledger.map { Observed(Double($0.lostCount)) }
    case .lostBytes: return record.verification.ledger.map { Observed(Double($0.lostBytes)) }
    case .lostTime:
      return record.verification.ledger.map { Observed(Double($0.lostTime.nanoseconds)) }
    case .lag(let reader):
      var sample = TimeSample()
      for look in record.samples where reader == nil || look.instance == reader {
        // A look sums up the time before it, so that the last one belongs to the run.
        guard let lag = look.lag, window.contains(look.instant - .nanoseconds(1)) else { continue }
        sample.record(lag)
      }
      return sample.statistic(statistic).map(Observed.init)
    case .latency(let id):
      var sample = TimeSample()
      for commit in workload(id)?.commits ?? [] {
        guard window.contains((commit.instant - commit.latency)...commit.instant) else { continue }
        sample.record(commit.latency)
      }
      return sample.statistic(statistic).map(Observed.init)
    case .throughput(let id):
      guard let workload = workload(id) else { return nil }
      return WeightedSample(throughput(of: workload, in: window)).statistic(statistic)
        .map(Observed.init)
    case .errors(let id):
      let failures = workload(id)?.failures ?? []
      return Observed(Double(failures.count { window.contains($0.instant) }))
    case .capacity(let instance):
      let values = capacities.filter { instance == nil || $0.instance == instance }
        .flatMap { $0.values(in: window.stretches) }
      return WeightedSample(values).statistic(statistic).map(Observed.init)
    }
  }

  private func outages(
    in failovers: [FailoverResult], client: String?, _ statistic: Scenario.Objective.Statistic
  ) -> Observed? {
    let hosts = record.scenario.clients.first { $0.id == client }
      .map { client in (0..<client.count).map { HostName.client(client.id, $0) } }
    var shortest: [Int64] = []
    var longest: [Int64] = []
    for failover in failovers {
      for outage in failover.outages where hosts?.contains(outage.client) ?? true {
        let soFar = failover.cause.duration(to: scenarioTime(record.end))
        shortest.append((outage.duration ?? soFar).nanoseconds)
        longest.append(outage.duration?.nanoseconds ?? .max)
      }
    }
    guard let least = WeightedSample(shortest).statistic(statistic),
      let most = WeightedSample(longest).statistic(statistic)
    else { return nil }
    // The mean of what has no limit has none either.
    let isLimited = statistic == .mean ? !longest.contains(.max) : most < Double(Int64.max)
    return Observed(from: least, to: isLimited ? most : nil)
  }

  /// Commits in each second that lies wholly within the workload's time, the run and the window.
  private func throughput(of workload: WorkloadRecord, in window: MeasuredWindow) -> [Int64] {
    let width = Self.bucket.nanoseconds
    let start = max(workload.workload.start, record.scenario.run.warmup).nanoseconds
    let end = min(workload.workload.end, simulatedTime).nanoseconds
    let seconds = ((start + width - 1) / width)..<max((start + width - 1) / width, end / width)
    var commits = [Int64](repeating: 0, count: seconds.count)
    for commit in workload.commits {
      guard let bucket = bucket(of: commit.instant), seconds.contains(Int64(bucket)) else {
        continue
      }
      commits[bucket - Int(seconds.lowerBound)] += 1
    }
    return zip(seconds, commits).compactMap { second, count in
      let from = record.origin + .nanoseconds(second * width)
      return window.contains(from...(from + .nanoseconds(width - 1))) ? count : nil
    }
  }

  private func workload(_ id: String) -> WorkloadRecord? {
    record.workloads.first { $0.workload.id == id }
  }
}

extension Scenario.Quantity {
  /// In the smallest unit in which its metric is counted: nanoseconds, thousandths of an ACU.
  fileprivate var smallestUnits: Double {
    switch self {
    case .time(let interval): Double(interval.nanoseconds)
    case .count(let count): Double(count)
    case .bytes(let size): Double(size.bytes)
    case .rate(let rate): rate.perSecond
    case .capacity(let capacity): Double(capacity.milliACU)
    }
  }

  fileprivate var quantity: Quantity {
    switch self {
    case .time(let interval): .duration(interval)
    case .count(let count): .count(count)
    case .bytes(let size): .bytes(Int(size.bytes))
    case .rate(let rate): .rate(rate.perSecond)
    case .capacity(let capacity): .capacity(capacity.acu)
    }
  }
}

extension Metric.Unit {
  /// What so many of the smallest unit are.
  fileprivate func quantity(_ value: Double) -> Quantity {
    switch self {
    case .time: .duration(.nanoseconds(Int64(value.rounded())))
    case .count: .count(Int(value.rounded()))
    case .bytes: .bytes(Int(value.rounded()))
    case .rate: .rate(value)
    case .capacity: .capacity(value / 1000)
    }
  }
}
