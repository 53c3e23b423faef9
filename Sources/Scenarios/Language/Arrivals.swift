public import Simulation

/// When the transactions of an open-loop workload arrive, on one clock for all its sessions.
public enum Arrivals: Equatable, Codable, Sendable {
  /// Independently of one another: exponentially distributed gaps.
  case poisson(Rate)
  /// Evenly, with equal gaps.
  case uniform(Rate)
  /// Independently of one another, at a rate that changes; the first step is from 0.
  case steps([Step])

  /// A rate that holds from an instant on until the next step.
  public struct Step: Equatable, Codable, Sendable {
    /// Counted from the start of the workload.
    public var from: Interval
    public var rate: Rate

    public init(from: Interval, rate: Rate) { (self.from, self.rate) = (from, rate) }
  }

  /// The rate at an instant that is counted from the start of the workload.
  public func rate(at instant: Interval) -> Rate {
    switch self {
    case .poisson(let rate), .uniform(let rate): rate
    case .steps(let steps): steps.last { $0.from <= instant }?.rate ?? Rate.perSecond(0)
    }
  }
}

extension Arrivals: ScalarValue {
  init?(scalar: String) {
    guard let call = CallText(scalar) else { return nil }
    switch call.name {
    case "poisson", "uniform":
      guard let rates: [Rate] = call.values(labelled: [nil]), rates[0] > .perSecond(0) else {
        return nil
      }
      self = call.name == "poisson" ? .poisson(rates[0]) : .uniform(rates[0])
    case "steps":
      let steps = call.arguments.compactMap { argument -> Step? in
        guard let label = argument.label, let from = Interval(scalar: label),
          let rate = Rate(scalar: argument.value)
        else { return nil }
        return Step(from: from, rate: rate)
      }
      let isRising = zip(steps, steps.dropFirst()).allSatisfy { $0.from < $1.from }
      guard steps.count == call.arguments.count, steps.first?.from == .zero, isRising else {
        return nil
      }
      self = .steps(steps)
    default:
      return nil
    }
  }

  var scalar: String {
    switch self {
    case .poisson(let rate): "poisson(\(rate.scalar))"
    case .uniform(let rate): "uniform(\(rate.scalar))"
    case .steps(let steps):
      "steps(\(steps.map { "\($0.from)=\($0.rate.scalar)" }.joined(separator: ", ")))"
    }
  }

  static var expectation: String {
    "poisson(800/s), uniform(100/s) or steps(0s=100/s, 60s=800/s) with rising times from 0s"
  }
}
