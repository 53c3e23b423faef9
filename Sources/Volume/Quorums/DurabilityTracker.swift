import DequeModule
import Simulation

/// Finds the Volume Complete LSN: everything at or below it has met its group's write quorum.
///
/// ```
///   group 0   101 103 │ 105             PGCL 103, first outstanding 105
///   group 1   100 102 104 │ 106         PGCL 104, first outstanding 106
///                      └── VCL = 104: the LSN before the first that is outstanding anywhere
/// ```
///
/// Records are noted in pieces: consecutive records of one group that are sent together. A piece
/// leaves when the PGCL has reached its end.
///
/// Source: Verbitski et al., SIGMOD 2018, §2.3 and Figure 3.
public struct DurabilityTracker: Sendable {
  private struct Piece {
    let first: LSN
    var last: LSN
  }

  private struct Group {
    var quorum: QuorumTracker
    var outstanding = Deque<Piece>()
    /// No record of this group below this LSN is outstanding; the highest LSN if none is at all.
    var firstOutstanding = LSN(.max)

    mutating func settle() {
      let complete = quorum.protectionGroupCompleteLSN
      while let piece = outstanding.first, piece.last <= complete { outstanding.removeFirst() }
      firstOutstanding = outstanding.first.map { max($0.first, complete.next) } ?? LSN(.max)
    }
  }

  private var groups: [Group]
  /// The last record that has been noted.
  public private(set) var lastLSN: LSN
  public private(set) var volumeCompleteLSN: LSN
  /// After which the numbering began; what lies between the durable end and here is annulled.
  private let start: LSN

  /// - Parameters:
  ///   - tails: the last record of each group; a write quorum has it.
  ///   - lsn: the last durable LSN.
  ///   - start: the LSN before the first that will be noted.
  public init(
    quorum: Quorum, tails: [LSN], completeThrough lsn: LSN = .zero, startingAfter start: LSN = .zero
  ) {
    groups = tails.map { Group(quorum: QuorumTracker(quorum: quorum, completeThrough: $0)) }
    lastLSN = start
    volumeCompleteLSN = lsn
    self.start = start
  }

  public func protectionGroupCompleteLSN(of group: Int) -> LSN {
    groups[group].quorum.protectionGroupCompleteLSN
  }

  public func segmentCompleteLSN(of copy: Int, in group: Int) -> LSN {
    groups[group].quorum.segmentCompleteLSN(of: copy)
  }

  /// What all copies of a group have.
  public func allCompleteLSN(of group: Int) -> LSN { groups[group].quorum.allCompleteLSN }

  /// Strikes out what a copy has acknowledged: its disk has lost it.
  public mutating func forget(_ copy: Int, of group: Int) { groups[group].quorum.forget(copy) }

  /// Notes that a record is on its way to the copies of a group.
  ///
  /// - Parameter startsPiece: whether it is sent later than the group's record before it.
  /// - Precondition: it is the highest LSN so far.
  public mutating func note(_ lsn: LSN, in group: Int, startsPiece: Bool) {
    precondition(lsn > lastLSN, "record \(lsn) was noted after \(lastLSN)")
    lastLSN = lsn
    let last = groups[group].outstanding.count - 1
    if startsPiece || last < 0 {
      groups[group].outstanding.append(Piece(first: lsn, last: lsn))
      if last < 0 { groups[group].firstOutstanding = lsn }
    } else {
      groups[group].outstanding[last].last = lsn
    }
  }

  /// Notes that a copy of a group is complete through `lsn`.
  ///
  /// - Returns: whether the group's PGCL advanced, and with it, perhaps, the VCL.
  /// - Complexity: O(groups), and amortised O(1) per piece.
  @discardableResult
  public mutating func acknowledge(
    completeThrough lsn: LSN, from copy: Int, of group: Int
  ) -> Bool {
    guard groups[group].quorum.acknowledge(completeThrough: lsn, from: copy) else { return false }
    groups[group].settle()
    var first = lastLSN.next
    for group in groups.indices { first = min(first, groups[group].firstOutstanding) }
    let complete = LSN(first.value - 1)
    if complete > start { volumeCompleteLSN = max(volumeCompleteLSN, complete) }
    paranoid(
      volumeCompleteLSN <= max(lastLSN, start),
      "VCL \(volumeCompleteLSN) is beyond all that was sent")
    return true
  }
}
