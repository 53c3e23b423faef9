public import Simulation

/// What can be set about the driver.
public struct VolumeTuning: Sendable {
  /// No LSN may be allocated further than this above the durable LSN (LAL).
  public var allocationLimit: UInt64 = 10_000_000
  /// Between the moment at which somebody begins to wait for a record and that at which the operation that sends
  /// it executes; what is appended meanwhile travels along.
  ///
  /// A model of the submission's own time. Verbitski et al., SIGMOD 2017, Table 1, count 0.95 I/Os
  /// to six copies per transaction at 15,210 transactions a second: one batch in 414 µs.
  public var submissionDelay = Interval.microseconds(250)
  /// What nobody waits for stays in a group's buffer for so long at the most.
  ///
  /// The volume of that table is of 100 GB, and so of ten groups at least: each of them sends one batch in 4.1 ms.
  public var longestStay = Interval.milliseconds(4)
  /// A buffer that has grown to so many bytes is sent at once; sooner if a hot log is small (``LogFlow``).
  ///
  /// A guess: several of them fit into a socket's send buffer and into a tenth of a hot log.
  public var largestBatch = 32 * 1024
  /// After which a batch is sent again to copies that have not acknowledged it, doubling each time.
  public var retransmissionDelay = Interval.milliseconds(20)
  public var longestRetransmissionDelay = Interval.seconds(1)
  /// Groups that nothing is sent to learn the durable LSN this often.
  public var heartbeatInterval = Interval.milliseconds(50)
  /// Every so many heartbeats go out although there is no news, so that an idle writer learns that it
  /// has been fenced.
  public var idleHeartbeatRatio = 20
  /// A read that takes so many times as long as its copy usually does is sent to another as well.
  public var hedgeRatio = 4
  public var shortestHedgeDelay = Interval.milliseconds(1)
  public var longestHedgeDelay = Interval.milliseconds(100)
  /// One in so many reads asks a second copy too, to learn how fast it is now.
  public var probeRatio = 64
  /// Between two attempts when no copy could answer.
  public var readRetryDelay = Interval.milliseconds(5)
  /// Between two attempts of recovery to reach those that have not answered.
  public var recoveryRetryDelay = Interval.milliseconds(10)

  public init() {}

  /// With some settings at their extremes, if the run draws them.
  func drawn(in simulation: Simulation) -> VolumeTuning {
    let points = simulation.faultPoints
    var drawn = self
    drawn.submissionDelay = points.tunable(
      "volume.submission_delay", submissionDelay, extremes: [.zero, .milliseconds(5)])
    drawn.longestStay = points.tunable(
      "volume.longest_stay", longestStay, extremes: [.zero, .milliseconds(40)])
    drawn.largestBatch = points.tunable(
      "volume.largest_batch", largestBatch, extremes: [256, 8 * 1024])
    drawn.retransmissionDelay = points.tunable(
      "volume.retransmission_delay", retransmissionDelay,
      extremes: [.milliseconds(2), .milliseconds(300)])
    drawn.heartbeatInterval = points.tunable(
      "volume.heartbeat_interval", heartbeatInterval,
      extremes: [.milliseconds(5), .milliseconds(400)])
    drawn.allocationLimit = points.tunable(
      "volume.allocation_limit", allocationLimit, extremes: [20_000])
    return drawn
  }
}
