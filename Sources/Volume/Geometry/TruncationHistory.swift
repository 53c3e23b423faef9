/// LSNs that recovery has annulled: a record that lies here counts for nothing, whenever it arrives.
///
/// Source: Verbitski et al., SIGMOD 2017, §4.3.
public struct TruncationRange: Hashable, Sendable {
  /// The durable LSN that recovery found: the last one that is kept.
  public let lower: LSN
  /// The last LSN that is annulled; no writer may have allocated a higher one.
  public let upper: LSN

  public init(lower: LSN, upper: LSN) { (self.lower, self.upper) = (lower, upper) }

  @inline(__always)
  func annuls(_ lsn: LSN) -> Bool { lsn > lower && lsn <= upper }
}

/// Every truncation that the volume has seen, as one opener found and installed it.
///
/// An opener installs the whole list under its own epoch, so that two histories can always be
/// compared: the one with the higher epoch counts, and the copies may differ only above the first
/// range that is not in both.
public struct TruncationHistory: Hashable, Sendable {
  /// Epoch of the opener who installed this list.
  public var epoch: VolumeEpoch
  /// Ascending and disjoint.
  public private(set) var ranges: [TruncationRange]

  public init(epoch: VolumeEpoch = .none, ranges: [TruncationRange] = []) {
    (self.epoch, self.ranges) = (epoch, ranges)
  }

  /// Above every LSN that has been annulled.
  public var upper: LSN { ranges.last?.upper ?? .zero }

  public func annuls(_ lsn: LSN) -> Bool {
    for range in ranges.reversed() {
      if lsn > range.upper { return false }
      if lsn > range.lower { return true }
    }
    return false
  }

  /// The LSN after this one in a log without holes other than the annulled ones.
  func successor(of lsn: LSN) -> LSN {
    let next = lsn.next
    for range in ranges where range.annuls(next) { return range.upper.next }
    return next
  }

  /// Up to where the logs under two histories are the same.
  func divergence(from other: TruncationHistory) -> LSN {
    var index = 0
    while index < min(ranges.count, other.ranges.count), ranges[index] == other.ranges[index] {
      index += 1
    }
    let here = index < ranges.count ? ranges[index].lower : LSN(.max)
    let there = index < other.ranges.count ? other.ranges[index].lower : LSN(.max)
    return min(here, there)
  }

  /// The history of the next opener, who found that the log is durable up to `lsn`.
  ///
  /// The upper bound is above all that a former writer can have allocated: it had to stay within
  /// `allocationLimit` of its own durable LSN, or of the end of the range above which it began.
  func truncating(above lsn: LSN, allocationLimit: UInt64, epoch: VolumeEpoch) -> Self {
    let range = TruncationRange(lower: lsn, upper: max(lsn, upper) + allocationLimit)
    return TruncationHistory(epoch: epoch, ranges: ranges.filter { $0.lower < lsn } + [range])
  }
}
