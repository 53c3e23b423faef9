/// What a copy must find out and get back before it counts again, because its disk has lost what it held.
///
/// ```
///   lost ──▶ three peers that remember have told their promises ──▶ batches are taken
///        └─▶ the writer has told what was durable               ──▶ there is a target
///                          both, and the SCL on disk has reached the target ──▶ the copy counts again
/// ```
///
/// A disk that comes back blank has forgotten three things: the records that were acknowledged, the epoch that
/// was promised, the truncations that were installed. To take it for an empty member that kept its word would
/// lose commits. So until its refill is over, a copy answers no read, tells a peer nothing, and is not counted when
/// recovery looks for the end of the log. It does take new batches, and acknowledges them when they are on its
/// disk, since what it tells is its SCL, which is true as far as it goes.
///
/// Let *k* of six be without memory at once.
/// - A durable record was acknowledged by four. Of the 6 − k that remember, at least 4 − k hold it, and any three
///   of them include one that does, for 3 + (4 − k) > 6 − k. So a read quorum is three *that remember*, whatever k.
/// - A promise is made by four before an opener believes in it (see ``VolumeRecovery``), so three peers that
///   remember know the newest one that this copy may have made, for the same reason.
/// - The writer may count acknowledgements of the lost disk for records that are not durable yet. So it is
///   the writer that ends the refill: it hears of the new disk's generation, strikes out what the older one
///   acknowledged, and only then tells what is durable in the group. That is the target; whatever becomes
///   durable later has four acknowledgements of disks that still hold it. An opener counts nothing that
///   was acknowledged to its predecessors, and tells the tail that it found.
///
/// To promise is different: it takes no memory to refuse older writers from now on, so a copy without one may be
/// the fourth to promise, as long as three that remember are examined. With an AZ and one more node gone for
/// good, disks and all, the other three thus suffice to read, and to write as soon as a new disk is there.
struct Refill: Equatable {
  /// Which peers have told what they promised, by their place among the group's members.
  private var witnesses: UInt64 = 0
  /// What was durable in the group when the writer heard of the new disk; `nil` until it has told.
  fileprivate(set) var target: LSN?

  func knowsPromise(by quorum: Quorum) -> Bool { witnesses.nonzeroBitCount >= quorum.read }

  fileprivate mutating func hear(from member: Int) { witnesses |= 1 << UInt64(member) }
}

extension Segment {
  /// Whether the copy has all that it ever acknowledged, and knows all that it ever promised.
  var remembers: Bool { refill == nil }

  /// Whether the writer must tell what was durable.
  var asksForTarget: Bool { refill.map { $0.target == nil } ?? false }

  /// Whether the copy knows of every promise that it may have made: before, it takes no writer's batches.
  func knowsPromise(by quorum: Quorum) -> Bool { refill?.knowsPromise(by: quorum) ?? true }

  /// The disk has lost what it held.
  mutating func forget() { refill = Refill() }

  /// A peer that remembers has told what it promised.
  ///
  /// - Returns: whether that is news, which must be on disk before anything is acknowledged.
  mutating func hear(promise epoch: VolumeEpoch, from member: Int) -> Bool {
    guard refill != nil else { return false }
    refill?.hear(from: member)
    return epoch > promised && promise(epoch)
  }

  /// The writer whose history the copy goes by tells what it must hold to count again.
  mutating func aim(at target: LSN) { refill?.target = target }

  /// A new history makes another writer the one to tell.
  mutating func loseTarget() { refill?.target = nil }

  /// Ends the refill if nothing is lacking any more.
  ///
  /// - Returns: whether it has ended just now.
  mutating func endRefill(_ quorum: Quorum) -> Bool {
    guard let refill, let target = refill.target, refill.knowsPromise(by: quorum),
      history.epoch == promised, durableLSN >= target
    else { return false }
    self.refill = nil
    return true
  }
}
