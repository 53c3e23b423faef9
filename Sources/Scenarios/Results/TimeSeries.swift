public import Simulation

/// Every curve of a run, on one axis of equal buckets.
///
/// Bucket `i` covers the time from `i * bucket` up to but not including `(i + 1) * bucket` after the
/// start of the run; the last one may be cut short by the end. Each array has `count` elements.
/// Counts are kept rather than rates, so that buckets can be merged without rounding; `nil` means
/// that there was nothing to measure, which a chart shows as a gap and not as zero.
public struct TimeSeries: Codable, Equatable, Sendable {
  /// The curves of one workload.
  public struct Workload: Codable, Equatable, Sendable {
    public var id: String
    /// Commits acknowledged in the bucket.
    public var committed: [Int]
    /// Failed attempts in the bucket, of every class, those at sessions included.
    public var errors: [Int]
    /// Attempts to open a session that ended in the bucket, those of them that were refused, and those that ran
    /// out of time.
    public var connects: [Int] = []
    public var connectsRefused: [Int] = []
    public var connectsTimedOut: [Int] = []
    /// Transactions that had arrived and were not answered at the end of the bucket, and the age of the oldest.
    public var waiting: [Int] = []
    public var oldest: [Interval?] = []
    /// Latency of the commits acknowledged in the bucket.
    public var p50: [Interval?]
    public var p99: [Interval?]

    public init(
      id: String, committed: [Int], errors: [Int], p50: [Interval?], p99: [Interval?]
    ) {
      self.id = id
      self.committed = committed
      self.errors = errors
      self.p50 = p50
      self.p99 = p99
    }
  }

  /// The replication lag of one reader.
  public struct Lag: Codable, Equatable, Sendable {
    public var reader: String
    /// The largest lag seen in the bucket; `nil` while the reader is down or is no reader.
    public var highest: [Interval?]

    public init(reader: String, highest: [Interval?]) {
      self.reader = reader
      self.highest = highest
    }
  }

  /// The load of one instance.
  public struct Instance: Codable, Equatable, Sendable {
    public var id: String
    /// Share of its vCPUs that was busy, from 0 to 1; `nil` while it is down.
    public var processorUse: [Double?]
    /// ACU at the end of the bucket; empty for an instance that is not serverless.
    public var capacity: [Double?]

    public init(id: String, processorUse: [Double?], capacity: [Double?]) {
      self.id = id
      self.processorUse = processorUse
      self.capacity = capacity
    }
  }

  /// The width of a bucket, the last one included.
  public var bucket: Interval
  /// How many buckets there are.
  public var count: Int
  public var workloads: [Workload]
  public var lag: [Lag]
  public var instances: [Instance]

  /// An axis without curves.
  public init(bucket: Interval, count: Int) {
    precondition(bucket > .zero, "a bucket has to have a width")
    self.bucket = bucket
    self.count = count
    workloads = []
    lag = []
    instances = []
  }

  /// Where bucket `index` begins.
  public func start(of index: Int) -> Instant {
    Instant(nanoseconds: bucket.nanoseconds * Int64(index))
  }
}
