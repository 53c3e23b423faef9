import Simulation
import Statistics

/// What a run will take of the machine, told before it starts.
///
/// An estimate to plan by, not a promise: rows that are loaded, transactions that may commit, and virtual
/// seconds of everything that is there, times what each was measured to cost. It errs upwards where
/// arrivals are never served, which costs little, and downwards where much breaks: a swarm of faults has taken
/// twice the time.
public struct ScenarioEstimate: Equatable, Sendable {
  /// Rows to load before the scenario begins.
  public let rows: Int
  /// Transactions that clients will want, at most.
  public let transactions: Int
  /// At the end of the run, in bytes.
  public let memory: Int
  /// Of one processor, in seconds of real time.
  public let seconds: Double

  // What release builds took, in seconds of a processor of 2.4 GHz that was busy with other work, too, and
  // resident memory at its largest. All of them are pgbench-tpcb under seed 1; what follows is rounded up.
  //
  //   quiet       2 h, 0.1/s, a writer alone             0.73 s    84 MiB
  //               2 h, 0.1/s, two readers                1.34 s    90 MiB
  //               20 min, 15 readers, 96 nodes,
  //               64 protection groups                   3.11 s    95 MiB
  //   OLTP        4 min at 50/s                          1.69 s   128 MiB
  //               1 min at 500/s                         3.46 s   170 MiB
  //               4 min at 500/s                         14.5 s   288 MiB
  //   accounts    100 000                                2.59 s   199 MiB
  //               400 000                                9.18 s   527 MiB
  //               1 000 000                              20.3 s   876 MiB
  private static let baseMemory = 57_000_000
  /// Rows cost less when there are many; so do transactions. What fills up first was not looked into.
  private static let bytesPerRow = Cost(early: 1_520, count: 300_000, late: 600)
  private static let bytesPerTransaction = Cost(early: 7_400, count: 10_000, late: 1_400)
  /// Series and meters, for each virtual second of a host.
  private static let bytesPerHostSecond = 310
  private static let secondsPerRow = 24e-6
  private static let secondsPerTransaction = 150e-6
  // What goes on in a virtual second when no client wants anything: heartbeats, gossip, scrubbing, meters.
  private static let secondsPerInstanceSecond = 45e-6
  private static let secondsPerNodeSecond = 4.5e-6
  private static let secondsPerSegmentSecond = 4e-6
  /// What a transaction of a closed loop waits for besides its session's thinking; a guess.
  private static let typicalLatency = 0.008

  public init(_ scenario: Scenario) {
    var mixes: [Mix] = []
    for workload in scenario.workloads
    where !mixes.contains(where: { $0.name == workload.mix.name }) {
      mixes.append(workload.mix)
    }
    rows = mixes.reduce(0) { $0 + $1.rowCount }
    let wanted = scenario.workloads.reduce(0.0) { $0 + Self.transactions(of: $1) }
    transactions = Int(min(wanted, 1e15).rounded())
    let volume = scenario.cluster.volume
    let instances = scenario.cluster.instances.count
    let nodes = 3 * volume.storageNodesPerZone
    // The control plane, the name server and the console are three more.
    let hosts = instances + nodes + scenario.clients.reduce(3) { $0 + $1.count }
    let horizon = scenario.run.horizon.seconds
    memory =
      Self.baseMemory + Self.bytesPerRow.total(rows) + Self.bytesPerTransaction.total(transactions)
      + Int(horizon) * hosts * Self.bytesPerHostSecond
    let idle =
      Double(instances) * Self.secondsPerInstanceSecond + Double(nodes) * Self.secondsPerNodeSecond
      + Double(volume.protectionGroups * Scenario.Volume.copies) * Self.secondsPerSegmentSecond
    seconds =
      Double(rows) * Self.secondsPerRow + wanted * Self.secondsPerTransaction + horizon * idle
  }

  /// What many of a thing cost, of which the first cost more than those that follow.
  private struct Cost {
    let early: Int
    let count: Int
    let late: Int

    func total(_ number: Int) -> Int { min(number, count) * early + max(0, number - count) * late }
  }

  private static func transactions(of workload: Scenario.Workload) -> Double {
    switch workload.load {
    case .open(.poisson(let rate), _), .open(.uniform(let rate), _):
      return rate.perSecond * workload.duration.seconds
    case .open(.steps(let steps), _):
      var total = 0.0
      for (place, step) in steps.enumerated() {
        let end = place + 1 < steps.count ? steps[place + 1].from : workload.duration
        let length = min(end, workload.duration) - step.from
        total += step.rate.perSecond * max(0, length.seconds)
      }
      return total
    case .closed(let concurrency, let thinkTime):
      let turn = thinkTime.usual.seconds + typicalLatency
      return Double(concurrency) * workload.duration.seconds / turn
    }
  }

  /// Such as `about 12 000 transactions, 1 011 rows to load: 111 MiB of memory, 1.4 s of a processor`.
  public var description: String {
    "about \(FixedPoint.grouped(transactions)) transactions, \(FixedPoint.grouped(rows)) rows to load: "
      + "\(FixedPoint.bytes(memory)) of memory, \(Self.text(seconds)) of a processor"
  }

  /// What a user should know before so much is begun; empty for a run that any machine carries.
  ///
  /// - Parameters:
  ///   - runs: how many there will be.
  ///   - jobs: how many of them at once.
  ///   - available: memory of the machine, in bytes.
  public func warnings(runs: Int = 1, jobs: Int = 1, available: Int) -> [String] {
    var warnings: [String] = []
    let atOnce = min(runs, jobs)
    if memory > available / 2 / atOnce {
      let each = atOnce > 1 ? " each, \(atOnce) at once" : ""
      warnings.append(
        "it may take \(FixedPoint.bytes(memory)) of memory\(each), and this machine has "
          + "\(FixedPoint.bytes(available)): \(FixedPoint.grouped(rows)) rows take "
          + "\(FixedPoint.bytes(Self.bytesPerRow.total(rows))) and "
          + "\(FixedPoint.grouped(transactions)) transactions "
          + "\(FixedPoint.bytes(Self.bytesPerTransaction.total(transactions))); take fewer rows, "
          + "a lower rate or a shorter horizon" + (atOnce > 1 ? ", or --jobs 1" : ""))
    }
    let total = seconds * Double(runs) / Double(atOnce)
    if total > Self.patience {
      let what = runs > 1 ? "\(FixedPoint.grouped(runs)) runs may take" : "it may take"
      warnings.append(
        "\(what) \(Self.text(total)) of real time: \(description) in each run; take a lower rate, a "
          + "shorter horizon" + (runs > 1 ? " or fewer seeds" : " or fewer rows"))
    }
    return warnings
  }

  /// Real time that nobody needs to be warned of, in seconds.
  private static let patience = 600.0

  private static func text(_ seconds: Double) -> String {
    let most = Interval.minutes(100 * 365 * 24 * 60)
    return seconds < most.seconds
      ? FixedPoint.duration(nanoseconds: Int64(seconds * 1e9)) : "more than a century"
  }
}
