public import Simulation

/// Each volume epoch has at most one writer, and no segment goes back to an older epoch.
///
/// An old writer may be alive for a while after a failover and not know it. What fences it is that
/// a segment which has seen a newer epoch refuses its writes; so the order of epochs is checked
/// segment by segment (another segment may hear of the new epoch later, and a write quorum of the
/// new one keeps the old one from reaching its own), and the writer of an epoch across all of them.
///
/// Source: Verbitski et al., SIGMOD 2018, §2.4.
public struct SingleWriterChecker: Checker {
  /// A segment accepted a write. It is enough to report the first write of each pair of epoch and
  /// instance at each segment, and every change.
  public struct Observation: Sendable {
    public var epoch: UInt64
    /// The instance that sent the write.
    public var writer: String
    /// The segment that accepted it, such as `pg3/c1`.
    public var segment: String

    public init(epoch: UInt64, writer: String, segment: String) {
      self.epoch = epoch
      self.writer = writer
      self.segment = segment
    }
  }

  private struct Claim: Sendable {
    let writer: String
    let segment: String
    let instant: Instant
  }

  private var writers = LookupTable<UInt64, Claim>()
  private var epochs = LookupTable<String, UInt64>()

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    let newest = epochs[observation.segment] ?? 0
    if observation.epoch < newest {
      return Violation(
        .singleWriter, at: now,
        evidence: "segment \(observation.segment) accepted a write of epoch "
          + "\(observation.epoch) from \(observation.writer) after one of epoch \(newest)")
    }
    epochs[observation.segment] = observation.epoch
    guard let first = writers[observation.epoch] else {
      writers[observation.epoch] = Claim(
        writer: observation.writer, segment: observation.segment, instant: now)
      return nil
    }
    if first.writer == observation.writer { return nil }
    return Violation(
      .singleWriter, at: now,
      evidence: "epoch \(observation.epoch) has two writers: \(first.writer), accepted by segment "
        + "\(first.segment) at \(first.instant), and \(observation.writer), accepted by segment "
        + "\(observation.segment)")
  }
}
