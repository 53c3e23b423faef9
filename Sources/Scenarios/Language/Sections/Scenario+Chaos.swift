public import Simulation

extension Scenario {
  /// Faults that each seed draws for itself, and which of the workloads it runs.
  ///
  /// A run unfolds them into faults of the ordinary kind, which stand in its resolved plan; see
  /// ``Scenario/unfolded(seed:)``.
  public struct Chaos: Equatable, Codable, Sendable {
    /// From which each seed picks some, by the keywords of faults.
    public var families: [String]
    /// How many a seed picks: few families at a time reach states that all together would hide.
    public var pick: ClosedRange<Int>
    /// How many of the scenario's workloads a seed runs; `nil` for all. The fewer there are, the more of them
    /// one can afford to list.
    public var workloads: ClosedRange<Int>?
    /// When it goes on.
    public var window: ClosedRange<Interval>
    /// How long one fault lasts.
    public var on: ClosedRange<Interval>
    /// Between two faults of one family.
    public var off: ClosedRange<Interval>
    /// Copies of one protection group that may be away, or be damaged, at one time.
    public var copiesLost: Int
    /// AZs that may be down at one time.
    public var zonesDown: Int
    /// After the window: how long the cluster may take until it writes again, with all healed but an AZ,
    /// which stays away. `nil` for no such phase.
    public var liveness: Interval?
    /// Whether the engine's own fault points are armed, and its tunables drawn.
    public var armsFaultPoints: Bool

    public init(
      families: [String] = Chaos.families, pick: ClosedRange<Int> = 1...4,
      workloads: ClosedRange<Int>? = nil, window: ClosedRange<Interval>,
      on: ClosedRange<Interval> = .milliseconds(500)...(.seconds(5)),
      off: ClosedRange<Interval> = .milliseconds(500)...(.seconds(5)), copiesLost: Int = 2,
      zonesDown: Int = 1, liveness: Interval? = nil, armsFaultPoints: Bool = true
    ) {
      (self.families, self.pick, self.window) = (families, pick, window)
      self.workloads = workloads
      (self.on, self.off) = (on, off)
      (self.copiesLost, self.zonesDown, self.liveness) = (copiesLost, zonesDown, liveness)
      self.armsFaultPoints = armsFaultPoints
    }

    /// All that a cluster has to bear. A Region that is gone is left to scenarios that say so.
    public static let families = ChaosFamily.allCases.map(\.rawValue)
  }
}

extension Scenario.Chaos {
  /// - Parameter workloadCount: how many workloads the scenario lists.
  init(reading field: Field, workloadCount: Int, horizon: Interval) throws(ScenarioError) {
    let section = try field.section([
      "families", "pick", "workloads", "window", "on", "off", "budget", "liveness", "fault_points",
    ])
    let windowField = try section.required("window")
    self.init(window: try windowField.value())
    guard window.upperBound <= horizon else {
      throw windowField.refusal(expected: "a window that ends by the horizon of \(horizon)")
    }
    if let field = section["families"] {
      families = []
      for item in try field.items() {
        families.append(try item.choice(ChaosFamily.self).rawValue)
      }
      guard !families.isEmpty else { throw field.refusal(expected: "at least one family") }
    }
    let most = families.count
    pick = 1...min(4, most)
    if let field = section["pick"] {
      pick = try field.value()
      guard pick.lowerBound >= 1, pick.upperBound <= most else {
        throw field.refusal(expected: "a range from 1 to the number of families, \(most)")
      }
    }
    if let field = section["workloads"] {
      let range: ClosedRange<Int> = try field.value()
      guard range.lowerBound >= 1, range.upperBound <= workloadCount else {
        throw field.refusal(
          expected: "a range from 1 to the number of workloads, \(workloadCount)")
      }
      workloads = range
    }
    on = try section["on"]?.value() ?? on
    off = try section["off"]?.value() ?? off
    if on.lowerBound == .zero, let field = section["on"] {
      throw field.refusal(expected: "faults that last")
    }
    if let budget = try section["budget"]?.section(["copies_lost_per_group", "azs_down"]) {
      copiesLost = try budget["copies_lost_per_group"]?.value(in: 0...Scenario.Volume.copies) ?? 2
      zonesDown = try budget["azs_down"]?.value(in: 0...3) ?? 1
    }
    if let field = section["liveness"] {
      let within: Interval = try field.section(["within"]).required("within").value()
      guard window.upperBound + within <= horizon else {
        throw field.refusal(
          expected: "a time that ends by the horizon, \(horizon - window.upperBound) at most")
      }
      liveness = within
    }
    armsFaultPoints = try section["fault_points"]?.choice(Switch.self) != .off
  }

  var plan: PlanNode {
    .block([
      ("families", .words(families.map { .scalar($0) })), ("pick", .value(pick)),
      ("workloads", workloads.map { .value($0) }), ("window", .value(window)), ("on", .value(on)),
      ("off", .value(off)),
      (
        "budget",
        .line([
          ("copies_lost_per_group", .value(copiesLost)), ("azs_down", .value(zonesDown)),
        ])
      ),
      ("liveness", liveness.map { .line([("within", .value($0))]) }),
      ("fault_points", .choice(armsFaultPoints ? Switch.on : .off)),
    ])
  }
}
