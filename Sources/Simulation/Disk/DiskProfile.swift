/// How fast a disk is when nothing is wrong. A model of a local NVMe SSD.
public struct DiskProfile: Sendable {
  public var read: LatencyDistribution
  /// Into the drive's volatile cache.
  public var write: LatencyDistribution
  public var flush: LatencyDistribution
  /// Bytes per second that one disk moves, reads and writes together.
  public var throughput: Int64
  /// Bytes that it moves faster than that after a rest.
  public var transferBurst: Int64 = 1 << 20
  /// Reads and writes per second.
  public var requestRate: Int64
  /// Requests that it takes at once after a rest: the depth of its queue.
  public var requestBurst: Int64 = 64

  public init(
    read: LatencyDistribution = .lognormal(median: .microseconds(90), p99: .microseconds(350)),
    write: LatencyDistribution = .lognormal(median: .microseconds(20), p99: .microseconds(60)),
    flush: LatencyDistribution = .lognormal(median: .microseconds(120), p99: .microseconds(600)),
    throughput: Int64 = 1_500_000_000, requestRate: Int64 = 200_000
  ) {
    (self.read, self.write, self.flush) = (read, write, flush)
    (self.throughput, self.requestRate) = (throughput, requestRate)
  }
}
