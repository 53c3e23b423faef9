import Simulation

/// Follows what each copy of one protection group has acknowledged.
public struct QuorumTracker: Sendable {
  public let quorum: Quorum
  /// The SCL last reported by each copy, by its place in the group.
  private var segmentCompleteLSNs: [LSN]
  /// Protection Group Complete LSN: the highest LSN that a write quorum has reached.
  public private(set) var protectionGroupCompleteLSN: LSN

  /// - Parameter lsn: what a write quorum is known to hold already.
  public init(quorum: Quorum, completeThrough lsn: LSN = .zero) {
    self.quorum = quorum
    segmentCompleteLSNs = Array(repeating: .zero, count: quorum.copies)
    protectionGroupCompleteLSN = lsn
  }

  public func segmentCompleteLSN(of copy: Int) -> LSN { segmentCompleteLSNs[copy] }

  /// What all copies have reached.
  public var allCompleteLSN: LSN { segmentCompleteLSNs.min() ?? .zero }

  /// Strikes out what a copy has acknowledged; what had its quorum by then was durable, and stays so.
  public mutating func forget(_ copy: Int) { segmentCompleteLSNs[copy] = .zero }

  /// Notes that `copy` is complete through `lsn`; acknowledgements may overtake one another.
  ///
  /// - Returns: whether the PGCL advanced.
  @discardableResult
  public mutating func acknowledge(completeThrough lsn: LSN, from copy: Int) -> Bool {
    guard lsn > segmentCompleteLSNs[copy] else { return false }
    segmentCompleteLSNs[copy] = lsn
    guard lsn > protectionGroupCompleteLSN else { return false }
    // Fewer than a write quorum were above the PGCL until now. If this copy completes one, then all of
    // it has reached what the lowest of them has: that is the new PGCL.
    var reached = 0
    var lowest = lsn
    for other in segmentCompleteLSNs where other > protectionGroupCompleteLSN {
      reached += 1
      lowest = min(lowest, other)
    }
    guard reached >= quorum.write else { return false }
    protectionGroupCompleteLSN = lowest
    paranoid(
      segmentCompleteLSNs.count { $0 >= lowest } >= quorum.write,
      "\(lowest) is taken for complete without a write quorum")
    return true
  }
}
