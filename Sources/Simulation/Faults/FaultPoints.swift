/// Points in the engine's own code where it can be made to take a rare but legal way: to flush late, to
/// answer that it is busy, to send a batch of one record.
///
/// ```
///   if process.buggify(SomeFaultPoint.rareWay) { … }   by lot, when the run is armed
///   if process.isForced("dns.stale") { … }             by a fault that names the point
/// ```
///
/// Two coins decide: one for the run, whether the point is live at all, so that runs differ in kind; and one
/// for each passage. Both come from a stream keyed by the point's name, so that a new point, or a line
/// that is added above one, leaves the draws of all others alone.
///
/// Source: FoundationDB's `BUGGIFY`, described in Zhou et al., SIGMOD 2021, section 4.
public final class FaultPoints {
  /// Whether coins are tossed at all; a run without chaos never takes the rare way.
  public var isArmed = false
  private unowned(unsafe) let simulation: Simulation
  private var points = LookupTable<String, Point>()
  private var forced = LookupTable<String, Int>()
  private var forcedCount = 0
  private var passed = LookupTable<String, Int>()
  /// The settings that an armed run has asked for, in the order of the first time, and whether each is at an extreme.
  public private(set) var tunables: [(name: String, isExtreme: Bool)] = []

  private struct Point {
    let isLive: Bool
    let random: RandomStream
  }

  /// The share of the points that are live in a run.
  private static let liveShare = 0.25

  init(simulation: Simulation) { self.simulation = simulation }

  /// Tosses the coins of a point.
  func strikes(_ point: String, chance: Double) -> Bool {
    guard isArmed else { return false }
    if points[point] == nil {
      let random = simulation.random("buggify/\(point)")
      points[point] = Point(isLive: random.chance(Self.liveShare), random: random)
    }
    guard let found = points[point], found.isLive, found.random.chance(chance) else {
      return false
    }
    passed[point, default: 0] += 1
    return true
  }

  /// A setting, or one of its extremes if the run is armed and its lot says so.
  public func tunable<Value>(_ name: String, _ value: Value, extremes: [Value]) -> Value {
    guard isArmed, !extremes.isEmpty else { return value }
    let random = simulation.random("tunable/\(name)")
    let isExtreme = random.chance(Self.liveShare)
    let choice = random.index(below: extremes.count)
    if !tunables.contains(where: { $0.name == name }) { tunables.append((name, isExtreme)) }
    guard isExtreme else { return value }
    simulation.emit(TunableDrawn(tunable: name, value: "\(extremes[choice])"))
    return extremes[choice]
  }

  // MARK: Named points

  func force(_ name: String, on host: Host) {
    forced["\(name)@\(host.name)", default: 0] += 1
    forcedCount += 1
  }

  func release(_ name: String, on host: Host) {
    forced["\(name)@\(host.name)", default: 0] -= 1
    forcedCount -= 1
  }

  /// Whether a fault forces the point on this host; each such look is a passage.
  func isForced(_ name: String, on host: Host) -> Bool {
    guard forcedCount > 0, forced["\(name)@\(host.name)", default: 0] > 0 else { return false }
    passed[name, default: 0] += 1
    return true
  }

  /// How often a point took the rare way.
  public func passages(of name: String) -> Int { passed[name, default: 0] }
}

/// A place at which a module can be made to take a rare way by lot. Each module lists its own as the cases of an
/// enumeration; the name is all that decides when it strikes, and is never given to another one.
public protocol FaultPoint: RawRepresentable<String>, CaseIterable, Sendable {}

extension Process {
  /// Whether to take the rare way at this point, now.
  ///
  /// - Parameter chance: from 0 to 1, in a run in which the point is live.
  @inline(__always)
  public func buggify(_ point: some FaultPoint, chance: Double = 0.05) -> Bool {
    let points = host.faultPoints
    return points.isArmed && points.strikes(point.rawValue, chance: chance)
  }

  /// Whether a fault forces the point of this name on this host.
  public func isForced(_ name: String) -> Bool {
    host.faultPoints.isForced(name, on: host)
  }
}
