public import Simulation

/// What one workload got done after the warm-up.
public struct WorkloadResult: Codable, Equatable, Sendable {
  /// How often an error of one class was seen.
  public struct ErrorCount: Codable, Equatable, Sendable {
    /// An SQLSTATE with its name, or a connection error, such as `connection reset`.
    public var kind: String
    public var count: Int

    public init(kind: String, count: Int) {
      self.kind = kind
      self.count = count
    }
  }

  public var id: String
  /// The mix, such as `pgbench-tpcb`.
  public var mix: String
  /// The client that carries it.
  public var client: String
  public var committed: Int
  /// Transactions rolled back by the database or the client, retries included.
  public var aborted: Int
  /// Of attempts at transactions, and at sessions for them; in descending order of count, then by name.
  public var errors: [ErrorCount]
  /// Transactions whose commit was sent but whose answer never came.
  public var inDoubt: Int
  /// From the arrival to the answer; of what was not answered, at least its age.
  public var latency: LatencySummary
  /// Transactions that were not answered when the run ended, and had waited for over a second.
  public var unserved = 0
  /// Transactions that a closed loop did not begin because its sessions were kept waiting; `nil` for an open loop.
  public var omitted: Int?
  /// The same outside, during and after faults; empty without faults.
  public var windows: [Window] = []
  public var connections = Connections()

  /// What a workload came to in a part of the run.
  public struct Window: Codable, Equatable, Sendable {
    /// In words, such as `outside faults`.
    public var name: String
    public var latency: LatencySummary
    public var unserved: Int
    public var errors: Int

    public init(name: String, latency: LatencySummary, unserved: Int, errors: Int) {
      (self.name, self.latency, self.unserved, self.errors) = (name, latency, unserved, errors)
    }
  }

  /// Attempts to open sessions.
  public struct Connections: Codable, Equatable, Sendable {
    public var attempts = 0
    public var refused = 0
    public var timedOut = 0
    public var broken = 0
    /// By SQLSTATE, or what happened; in descending order of count, then by name.
    public var failures: [ErrorCount] = []
    /// From the wish for a session to the session.
    public var time = LatencySummary.none

    public init() {}
  }

  public init(
    id: String, mix: String, client: String, committed: Int, aborted: Int, errors: [ErrorCount],
    inDoubt: Int, latency: LatencySummary
  ) {
    self.id = id
    self.mix = mix
    self.client = client
    self.committed = committed
    self.aborted = aborted
    self.errors = errors
    self.inDoubt = inDoubt
    self.latency = latency
  }
}

/// A distribution of times in six numbers.
public struct LatencySummary: Codable, Equatable, Sendable {
  /// How many samples it sums up; the rest is zero if there are none.
  public var count: Int
  public var mean: Interval
  public var p50: Interval
  public var p95: Interval
  public var p99: Interval
  public var max: Interval
  /// How many of the samples are only known to be at least so much, since nobody had answered when the run ended.
  public var unanswered = 0

  public init(
    count: Int, mean: Interval, p50: Interval, p95: Interval, p99: Interval, max: Interval
  ) {
    (self.count, self.mean) = (count, mean)
    self.p50 = p50
    self.p95 = p95
    self.p99 = p99
    self.max = max
  }

  /// Whether the quantile may be larger than it says, since too many samples had not come to their end.
  public func isAtLeast(_ quantile: Double) -> Bool {
    Int((Double(count) * quantile).rounded(.up)) > count - unanswered
  }

  /// The summary of no samples.
  public static let none = LatencySummary(
    count: 0, mean: .zero, p50: .zero, p95: .zero, p99: .zero, max: .zero)
}

/// How far one reader was behind, over the whole run after the warm-up: for each commit, from its durability on the
/// writer to the instant at which the reader shows it.
public struct LagResult: Codable, Equatable, Sendable {
  public var reader: String
  public var lag: LatencySummary

  public init(reader: String, lag: LatencySummary) {
    self.reader = reader
    self.lag = lag
  }
}
