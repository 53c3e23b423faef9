public import Simulation

extension Scenario {
  /// How long each run lasts, and how many there are.
  public struct Run: Equatable, Codable, Sendable {
    /// Virtual time from the first client to the end; more than zero.
    public var horizon: Interval
    /// The first part of the horizon, which no measurement counts; less than the horizon.
    public var warmup: Interval
    /// One run for each, both ends included.
    public var seeds: ClosedRange<UInt64>

    public init(horizon: Interval, warmup: Interval = .zero, seeds: ClosedRange<UInt64> = 1...20) {
      (self.horizon, self.warmup, self.seeds) = (horizon, warmup, seeds)
    }

    /// The number of runs.
    public var count: Int { seeds.count }
  }
}

extension Scenario.Run {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section(["horizon", "warmup", "seeds"], later: ["check_replay"])
    let horizonField = try section.required("horizon")
    horizon = try horizonField.value(in: .nanoseconds(1)...Self.longest)
    warmup = try section["warmup"]?.value() ?? .zero
    if warmup >= horizon, let field = section["warmup"] {
      throw field.refusal(expected: "less than the horizon of \(horizon)")
    }
    seeds = try section["seeds"]?.value() ?? 1...20
  }

  private static let longest = Interval.minutes(7 * 24 * 60)

  var plan: PlanNode {
    .line([
      ("horizon", .value(horizon)), ("warmup", .value(warmup)), ("seeds", .value(seeds)),
    ])
  }
}
