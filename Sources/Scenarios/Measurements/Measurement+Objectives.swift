import ControlPlane
import Simulation
import Statistics

/// Whether the scenario's objectives were met, and what its metrics came to.
///
/// What each metric counts, its file says. A quantile is the smallest value that the asked-for share of the
/// values does not exceed; of latency and lag, of which there may be millions, it is rounded up by at most
/// 0.1 %. What belongs to which window, ``MeasuredWindow`` says; seconds and transactions are spans, looks
/// and errors are instants.
///
/// No objective is met by nothing: where there was nothing that could have broken a bound, a value within it
/// is no judgement.
extension Measurement {
  struct ObjectiveJudgement {
    var result: ObjectiveResult
    /// One sentence, if it was not met or could not be judged.
    var reason: String?
  }

  func objectives(failovers: [FailoverResult]) -> [ObjectiveJudgement] {
    record.scenario.objectives.map { judge($0, failovers: failovers) }
  }

  /// Every metric that the scenario has, over the measured part of the run; those that were not measured are
  /// left out.
  func metrics(failovers: [FailoverResult]) -> [MetricResult] {
    record.scenario.metricScope.all.flatMap { metric in
      let sample = metric.sample(query(.all, client: nil, failovers))
      return metric.statistics.compactMap { statistic -> MetricResult? in
        sample.observation(statistic).map { observed in
          MetricResult(
            metric: metric.name, kind: metric.kind, subject: metric.subject,
            statistic: statistic == .value ? "" : statistic.rawValue,
            value: metric.unit(of: statistic).quantity(observed.least))
        }
      }
    }
  }

  private func query(
    _ window: Scenario.Objective.Window, client: String?, _ failovers: [FailoverResult]
  ) -> MetricQuery {
    MetricQuery(
      measurement: self,
      window: MeasuredWindow(window, measured: measured, faults: record.faultIntervals),
      failovers: failovers, client: client)
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
    let sample = objective.metric.sample(
      query(objective.window, client: objective.client, failovers))
    let observed = sample.observation(objective.statistic)
    let isWithin = observed.flatMap { $0.satisfies(comparison, limit.smallestUnits) }
    let unit = objective.metric.unit(of: objective.statistic)
    var result = ObjectiveResult(
      metric: objective.metric.name + (objective.client.map { " of \($0)" } ?? ""),
      statistic: objective.statistic.rawValue,
      window: objective.window == .all
        ? "" : objective.window.rawValue.split(separator: "_").joined(separator: " "),
      comparison: comparison, bound: limit.result,
      observed: observed.map { unit.quantity($0.least) },
      passed: isWithin == true && sample.doubt != nil ? nil : isWithin)
    result.confidence = objective.confidence?.fraction
    result.isAtLeast = observed.map { $0.most != $0.least } ?? false
    result.values = sample.fewValues.map {
      ObjectiveResult.Value(
        objective.metric.unit.quantity(Double($0.least)).magnitude, isAtLeast: $0.most != $0.least)
    }
    guard result.passed != true else { return ObjectiveJudgement(result: result) }
    let text = Self.text(of: result, sample, isWithin: isWithin)
    return ObjectiveJudgement(
      result: result,
      reason: "objective \(objective): \(text)"
        + (objective.confidence == nil ? "" : "; a campaign judges it over many runs"))
  }

  /// Why an objective was not met, or not judged.
  private static func text(
    of result: ObjectiveResult, _ sample: MetricSample, isWithin: Bool?
  ) -> String {
    guard let value = result.observedText else {
      return "there was nothing to measure: \(sample.doubt ?? sample.emptiness)"
    }
    let why =
      isWithin == nil
      ? "; the run ended too early to tell"
      : isWithin == true ? (sample.doubt.map { ", but \($0)" } ?? "") : ""
    return "it was \(value)\(why)"
  }
}

extension Metric {
  /// How many values there are is a count, whatever they are made of.
  func unit(of statistic: Scenario.Objective.Statistic) -> Unit {
    statistic == .count ? .count : unit
  }
}

extension Scenario.Objective {
  /// What its values are made of.
  public var unit: Metric.Unit { metric.unit(of: statistic) }
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

  /// As results have it.
  var result: Quantity {
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
