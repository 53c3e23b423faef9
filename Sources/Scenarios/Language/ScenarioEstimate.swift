import Simulation
import Statistics

/// What a run will take of the machine, told before it starts.
///
/// An estimate to plan by, not a promise: rows that are loaded and transactions that may commit, times what
/// each was measured to cost. It errs upwards, since an arrival that is never served costs little.
public struct ScenarioEstimate: Equatable, Sendable {
  /// Rows to load before the scenario begins.
  public let rows: Int
  /// Transactions that clients will want, at most.
  public let transactions: Int
  /// At the end of the run, in bytes.
  public let memory: Int
  /// Of one processor, in seconds of real time.
  public let seconds: Double

  // What release builds took on a processor of 2.4 GHz, rounded up: pgbench-tpcb of 400,000 rows, and 300
  // to 500 transactions a second for a minute.
  private static let baseMemory = 45_000_000
  private static let bytesPerRow = 1_500
  private static let bytesPerTransaction = 5_500
  private static let secondsPerRow = 15e-6
  private static let secondsPerTransaction = 100e-6
  private static let secondsPerVirtualSecond = 0.3e-3
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
    memory =
      Self.baseMemory + rows * Self.bytesPerRow + transactions * Self.bytesPerTransaction
    seconds =
      Double(rows) * Self.secondsPerRow + wanted * Self.secondsPerTransaction
      + scenario.run.horizon.seconds * Self.secondsPerVirtualSecond
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
          + "\(FixedPoint.bytes(available)): \(FixedPoint.grouped(rows)) rows of "
          + "\(FixedPoint.bytes(Self.bytesPerRow)) and \(FixedPoint.grouped(transactions)) transactions "
          + "of \(FixedPoint.bytes(Self.bytesPerTransaction)); take fewer rows, a lower rate or a "
          + "shorter horizon" + (atOnce > 1 ? ", or --jobs 1" : ""))
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
