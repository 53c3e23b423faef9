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
  /// In descending order of count, then by name.
  public var errors: [ErrorCount]
  /// Transactions whose commit was sent but whose answer never came.
  public var inDoubt: Int
  /// From the first statement to the acknowledged commit, committed transactions only.
  public var latency: LatencySummary

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

/// A distribution of times in five numbers.
public struct LatencySummary: Codable, Equatable, Sendable {
  /// How many samples it sums up; the rest is zero if there are none.
  public var count: Int
  public var p50: Interval
  public var p95: Interval
  public var p99: Interval
  public var max: Interval

  public init(count: Int, p50: Interval, p95: Interval, p99: Interval, max: Interval) {
    self.count = count
    self.p50 = p50
    self.p95 = p95
    self.p99 = p99
    self.max = max
  }

  /// The summary of no samples.
  public static let none = LatencySummary(count: 0, p50: .zero, p95: .zero, p99: .zero, max: .zero)
}

/// How far one reader was behind, over the whole run after the warm-up: from the commit on the
/// writer to the instant at which the reader shows it.
public struct LagResult: Codable, Equatable, Sendable {
  public var reader: String
  public var lag: LatencySummary

  public init(reader: String, lag: LatencySummary) {
    self.reader = reader
    self.lag = lag
  }
}
