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
    /// The share of the seeds whose run is made twice, in two processes, and compared.
    public var replayShare: Percentage
    /// Whether the engine's own fault points are armed, and its tunables drawn.
    public var armsFaultPoints = false

    public init(
      horizon: Interval, warmup: Interval = .zero, seeds: ClosedRange<UInt64> = 1...20,
      replayShare: Percentage = .zero
    ) {
      (self.horizon, self.warmup, self.seeds) = (horizon, warmup, seeds)
      self.replayShare = replayShare
    }

    /// Whether the run of a seed is one of those that are made twice: always the same ones, whatever the
    /// range of seeds.
    public func isReplayed(_ seed: UInt64) -> Bool {
      let luck = Digest.mix(seed ^ 0x5EED_0F5E_C0D2_1A7E) % 1_000_000_000
      return Int64(luck) < replayShare.partsPerBillion
    }

    /// The number of runs.
    public var count: Int { seeds.count }

    /// As many runs as a campaign can have.
    public static let mostSeeds = 10_000_000

    /// Whether a campaign can have so many runs; the count of all 64-bit numbers is none.
    public static func isCountable(_ seeds: ClosedRange<UInt64>) -> Bool {
      seeds.upperBound - seeds.lowerBound < UInt64(mostSeeds)
    }
  }
}

extension Scenario.Run {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section(["horizon", "warmup", "seeds", "check_replay", "fault_points"])
    let horizonField = try section.required("horizon")
    horizon = try horizonField.value(in: .nanoseconds(1)...Self.longest)
    warmup = try section["warmup"]?.value() ?? .zero
    if warmup >= horizon, let field = section["warmup"] {
      throw field.refusal(expected: "less than the horizon of \(horizon)")
    }
    seeds = try section["seeds"]?.value() ?? 1...20
    if !Self.isCountable(seeds), let field = section["seeds"] {
      throw field.refusal(expected: "a range of at most \(Self.mostSeeds) seeds")
    }
    replayShare = try section["check_replay"]?.value() ?? .zero
    armsFaultPoints = try section["fault_points"]?.choice(Switch.self) == .on
  }

  private static let longest = Interval.minutes(7 * 24 * 60)

  var plan: PlanNode {
    .line([
      ("horizon", .value(horizon)), ("warmup", .value(warmup)), ("seeds", .value(seeds)),
      ("check_replay", .value(replayShare)),
      ("fault_points", armsFaultPoints ? .choice(Switch.on) : nil),
    ])
  }
}
