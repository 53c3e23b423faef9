/// Points in the engine's own code where it can be made to take a rare but legal way: to flush late, to
/// answer that it is busy, to send a batch of one record.
///
/// ```
///   if process.buggify() { … the rare way … }          by lot, when the run is armed
///   if process.isForced("dns.stale") { … }              by a fault that names the point
/// ```
///
/// Two coins decide: one for the run, whether the site is live at all, so that runs differ in kind; and one
/// for each passage. Both come from a stream keyed by the source location, so that a new site leaves the
/// draws of all others alone.
///
/// Source: FoundationDB's `BUGGIFY`, described in Zhou et al., SIGMOD 2021, section 4.
public final class FaultPoints {
  /// Whether coins are tossed at all; a run without chaos never takes the rare way.
  public var isArmed = false
  private unowned(unsafe) let simulation: Simulation
  private var sites = LookupTable<String, Site>()
  private var forced = LookupTable<String, Int>()
  private var forcedCount = 0
  private var passed = LookupTable<String, Int>()

  private struct Site {
    let isLive: Bool
    let random: RandomStream
  }

  /// The share of the sites that are live in a run.
  private static let liveShare = 0.25

  init(simulation: Simulation) { self.simulation = simulation }

  /// Tosses the coins of a site.
  func strikes(_ site: String, chance: Double) -> Bool {
    guard isArmed else { return false }
    if sites[site] == nil {
      let random = simulation.random("buggify/\(site)")
      sites[site] = Site(isLive: random.chance(Self.liveShare), random: random)
    }
    guard let found = sites[site], found.isLive, found.random.chance(chance) else { return false }
    passed[site, default: 0] += 1
    return true
  }

  /// A setting, or one of its extremes if the run is armed and its lot says so.
  public func tunable<Value>(_ name: String, _ value: Value, extremes: [Value]) -> Value {
    guard isArmed, !extremes.isEmpty else { return value }
    let random = simulation.random("tunable/\(name)")
    let isExtreme = random.chance(Self.liveShare)
    let choice = random.index(below: extremes.count)
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

  /// How often a site, or a named point, took the rare way.
  public func passages(of name: String) -> Int { passed[name, default: 0] }
}

extension Process {
  /// Whether to take the rare way at this place of the source, now.
  ///
  /// - Parameter chance: from 0 to 1, in a run in which the site is live.
  @inline(__always)
  public func buggify(
    _ chance: Double = 0.05, file: StaticString = #fileID, line: UInt = #line
  ) -> Bool {
    let points = host.faultPoints
    return points.isArmed && points.strikes("\(file):\(line)", chance: chance)
  }

  /// Whether a fault forces the point of this name on this host.
  public func isForced(_ name: String) -> Bool {
    host.faultPoints.isForced(name, on: host)
  }
}
