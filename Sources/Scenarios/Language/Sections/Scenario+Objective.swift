public import ControlPlane
public import Simulation

extension Scenario {
  /// A service level: a statistic of a metric within a bound.
  public struct Objective: Equatable, Sendable {
    public enum Statistic: String, CaseIterable, Codable, Sendable {
      case min, mean, max, p50, p90, p95, p99
      case p999 = "p99.9"
      /// How many values there are.
      case count
      /// The one value of a metric that is measured once in a run.
      case value

      /// The share of a quantile, such as 0.95; `nil` for what is none.
      public var quantile: Double? {
        switch self {
        case .p50: 0.5
        case .p90: 0.9
        case .p95: 0.95
        case .p99: 0.99
        case .p999: 0.999
        case .min, .mean, .max, .count, .value: nil
        }
      }
    }

    public enum Bound: Equatable, Codable, Sendable {
      case below(Quantity)
      case above(Quantity)
      /// Equal.
      case exactly(Quantity)
    }

    public enum Window: String, CaseIterable, Codable, Sendable {
      /// From the end of the warm-up to the horizon.
      case all
      /// The same without the time from the start of each fault to its end.
      case outsideFaults = "outside_faults"
      /// While at least one fault is on.
      case duringFaults = "during_faults"
      /// From the end of the last fault to the horizon.
      case afterFaults = "after_faults"
    }

    public var metric: Metric
    /// Only what the hosts of this client saw; `nil` for all.
    public var client: String?
    public var statistic: Statistic
    public var bound: Bound
    public var window: Window
    /// How sure a campaign of many runs must be of it; `nil` takes the statistic as it comes.
    public var confidence: Percentage?

    public init(
      metric: Metric, client: String? = nil, statistic: Statistic = .value, bound: Bound,
      window: Window = .all, confidence: Percentage? = nil
    ) {
      (self.metric, self.client, self.statistic) = (metric, client, statistic)
      (self.bound, self.window, self.confidence) = (bound, window, confidence)
    }
  }

  /// A value of a metric, in its unit.
  public enum Quantity: Equatable, Codable, Sendable {
    case time(Interval)
    case count(Int)
    case bytes(ByteSize)
    case rate(Rate)
    case capacity(ServerlessCapacity)
  }
}

extension Scenario.Objective {
  /// - Parameter clients: their ids.
  init(
    reading field: Field, scope: MetricScope, clients: [String]
  ) throws(ScenarioError) {
    let section = try field.section([
      "metric", "client", "stat", "below", "above", "is", "window", "confidence",
    ])
    metric = try section.required("metric").metric(in: scope)
    if let field = section["client"] {
      if !metric.isToldByClient {
        throw field.refusal(.contradiction("\(metric.name) is not told apart by client"))
      }
      client = try field.reference(to: "client", among: clients)
    }
    if metric.isSampled {
      let field = try section.required("stat")
      statistic = try field.choice()
      if statistic == .value {
        throw field.refusal(
          .contradiction("a run has many values of \(metric.name), so it needs a statistic"))
      }
    } else {
      statistic = try section["stat"]?.choice() ?? .value
      if statistic != .value, let field = section["stat"] {
        throw field.refusal(.contradiction("a run has one value of \(metric.name)"))
      }
    }
    let (kind, boundField) = try section.exactlyOne(of: ["below", "above", "is"])
    let quantity = try Scenario.Quantity(
      reading: boundField, in: metric.unit(of: statistic))
    bound =
      switch kind {
      case "below": .below(quantity)
      case "above": .above(quantity)
      default: .exactly(quantity)
      }
    window = try section["window"]?.choice() ?? .all
    if window != .all, !metric.hasWindow, let field = section["window"] {
      throw field.refusal(.contradiction("\(metric.name) is measured over the whole run"))
    }
    confidence = try section["confidence"]?.value(in: .percent(50)...(.percent(99)))
    if let field = section["confidence"], let reason = confidenceProblem {
      throw field.refusal(.contradiction(reason))
    }
  }

  /// Why no number of runs makes anybody sure of this; `nil` for quantiles and means within a bound.
  private var confidenceProblem: String? {
    if case .exactly = bound {
      return "samples show that a value is below or above a bound, and never that it 'is' one"
    }
    if statistic.quantile != nil || statistic == .mean { return nil }
    return statistic == .value
      ? "a run has one value of \(metric.name), which is within the bound in every run or the scenario"
        + " fails; leave out 'confidence'"
      : "many runs tell of a quantile or a mean, not of the \(statistic.rawValue) of all that there"
        + " might be; use p50 to p99.9 or mean, or leave out 'confidence'"
  }

  var plan: PlanNode {
    let (kind, quantity) =
      switch bound {
      case .below(let quantity): ("below", quantity)
      case .above(let quantity): ("above", quantity)
      case .exactly(let quantity): ("is", quantity)
      }
    return .line([
      ("metric", .scalar(metric.name)), ("client", client.map(PlanNode.scalar)),
      ("stat", .choice(statistic)), (kind, .scalar(quantity.description)),
      ("window", .choice(window)), ("confidence", confidence.map { .value($0) }),
    ])
  }
}

extension Scenario.Objective: CustomStringConvertible {
  /// `failover.client_seen p95 below 30s`
  public var description: String {
    let limit =
      switch bound {
      case .below(let quantity): "below \(quantity)"
      case .above(let quantity): "above \(quantity)"
      case .exactly(let quantity): "is \(quantity)"
      }
    var text = metric.name
    if let client { text += " of \(client)" }
    if statistic != .value { text += " \(statistic.rawValue)" }
    text += " \(limit)"
    if window != .all {
      text += ", \(window.rawValue.split(separator: "_").joined(separator: " "))"
    }
    if let confidence { text += ", confidence \(confidence.scalar)" }
    return text
  }
}

extension Scenario.Quantity: CustomStringConvertible {
  init(reading field: Field, in unit: Metric.Unit) throws(ScenarioError) {
    switch unit {
    case .time: self = .time(try field.value())
    case .count: self = .count(try field.value())
    case .bytes: self = .bytes(try field.value())
    case .rate: self = .rate(try field.value())
    case .capacity: self = .capacity(try field.value())
    }
  }

  /// As a scenario writes it.
  public var description: String {
    switch self {
    case .time(let interval): interval.scalar
    case .count(let count): count.scalar
    case .bytes(let size): size.scalar
    case .rate(let rate): rate.scalar
    case .capacity(let capacity): capacity.scalar
    }
  }
}
