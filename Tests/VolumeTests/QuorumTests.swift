import Testing

@testable import Volume

@Suite struct `A quorum` {
  /// Every subset of six copies, as bits.
  private static let subsets = 0..<(1 << 6)

  private func meets(_ quorum: Quorum) -> (reads: Bool, writes: Bool) {
    var reads = true
    var writes = true
    for write in Self.subsets where write.nonzeroBitCount == quorum.write {
      for other in Self.subsets where other & write == 0 {
        if other.nonzeroBitCount == quorum.read { reads = false }
        if other.nonzeroBitCount == quorum.write { writes = false }
      }
    }
    return (reads, writes)
  }

  @Test func `of four and three of six lets every read and every write meet every write`() {
    #expect(meets(.aurora) == (true, true))
    #expect(Quorum.aurora.overlaps)
  }

  @Test(arguments: 1...6, 1...6)
  func `overlaps exactly when the enumeration of all subsets says so`(write: Int, read: Int) {
    let quorum = Quorum(copies: 6, write: write, read: read)
    let (reads, writes) = meets(quorum)
    #expect(quorum.overlaps == (reads && writes))
  }

  /// Whatever was written by four, three members that remember know of it, however many do not.
  @Test func `of three that remember meets every write`() {
    for forgetful in Self.subsets where forgetful.nonzeroBitCount <= 3 {
      var meets = true
      for write in Self.subsets where write.nonzeroBitCount == Quorum.aurora.write {
        for read in Self.subsets where read.nonzeroBitCount == Quorum.aurora.read {
          if read & forgetful == 0, read & write == 0 { meets = false }
        }
      }
      #expect(meets)
    }
  }

  @Test func `survives a zone and one more copy for reads, a zone for writes`() {
    for zone in 0..<3 {
      let left = Self.subsets.last.map { $0 & ~(0b11 << (zone * 2)) } ?? 0
      #expect(left.nonzeroBitCount >= Quorum.aurora.write)
      for copy in 0..<6 where left >> copy & 1 == 1 {
        #expect((left & ~(1 << copy)).nonzeroBitCount >= Quorum.aurora.read)
      }
    }
  }
}

@Suite struct `The consistency points` {
  @Test func `are those of the paper's example`() {
    // LSNs 100 to 107, odd ones in group 0, even ones in group 1. Source: SIGMOD 2018, Figure 3.
    var tracker = DurabilityTracker(
      quorum: .aurora, tails: [LSN(98), LSN(99)], completeThrough: LSN(99),
      startingAfter: LSN(99))
    for lsn in 100...107 as ClosedRange<UInt64> {
      tracker.note(LSN(lsn), in: lsn % 2 == 1 ? 0 : 1, startsPiece: true)
    }
    for copy in 0..<4 {
      tracker.acknowledge(completeThrough: LSN(103), from: copy, of: 0)
      tracker.acknowledge(completeThrough: LSN(104), from: copy, of: 1)
    }
    for copy in 0..<3 { tracker.acknowledge(completeThrough: LSN(105), from: copy, of: 0) }
    for copy in 0..<2 { tracker.acknowledge(completeThrough: LSN(106), from: copy, of: 1) }
    #expect(tracker.protectionGroupCompleteLSN(of: 0) == LSN(103))
    #expect(tracker.protectionGroupCompleteLSN(of: 1) == LSN(104))
    #expect(tracker.volumeCompleteLSN == LSN(104))
  }

  @Test func `end at the last mini-transaction that is complete`() {
    // Source: SIGMOD 2017, §4.1.
    var tracker = ConsistencyTracker(durableThrough: LSN(800))
    for point in [900, 1000, 1100] as [UInt64] { tracker.note(LSN(point)) }
    let advances = [1007, 1099, 1100].map { lsn in
      (tracker.advance(to: LSN(lsn)), tracker.volumeDurableLSN.value)
    }
    #expect(advances.map(\.0) == [true, false, true])
    #expect(advances.map(\.1) == [1000, 1000, 1100])
  }

  @Test func `do not count what recovery has annulled`() {
    var tracker = DurabilityTracker(
      quorum: .aurora, tails: [LSN(5), LSN(4)], completeThrough: LSN(5), startingAfter: LSN(105))
    tracker.note(LSN(106), in: 0, startsPiece: true)
    tracker.note(LSN(107), in: 1, startsPiece: true)
    for copy in 0..<4 { tracker.acknowledge(completeThrough: LSN(107), from: copy, of: 1) }
    #expect(tracker.volumeCompleteLSN == LSN(5))
    for copy in 0..<4 { tracker.acknowledge(completeThrough: LSN(106), from: copy, of: 0) }
    #expect(tracker.volumeCompleteLSN == LSN(107))
  }

  /// Three copies had it and one of their disks was replaced: a fourth makes three, and not four.
  @Test(arguments: [true, false])
  func `do not count what a copy has lost`(isLost: Bool) {
    var tracker = DurabilityTracker(quorum: .aurora, tails: [.zero, .zero])
    tracker.note(LSN(1), in: 0, startsPiece: true)
    tracker.note(LSN(2), in: 1, startsPiece: true)
    for copy in 0..<4 { tracker.acknowledge(completeThrough: LSN(2), from: copy, of: 1) }
    for copy in 0..<3 { tracker.acknowledge(completeThrough: LSN(1), from: copy, of: 0) }
    if isLost { tracker.forget(2, of: 0) }
    #expect(tracker.segmentCompleteLSN(of: 2, in: 0) == (isLost ? .zero : LSN(1)))
    #expect(tracker.segmentCompleteLSN(of: 2, in: 1) == LSN(2), "another group's copy")
    let advanced = tracker.acknowledge(completeThrough: LSN(1), from: 3, of: 0)
    #expect(advanced == !isLost)
    #expect(tracker.volumeCompleteLSN == (isLost ? .zero : LSN(2)))
    // The new disk is filled from the other copies, and acknowledges in its turn.
    tracker.acknowledge(completeThrough: LSN(1), from: 2, of: 0)
    #expect(tracker.volumeCompleteLSN == LSN(2))
  }

  @Test func `stay where they are when a copy loses what had its quorum`() {
    var tracker = DurabilityTracker(quorum: .aurora, tails: [.zero])
    tracker.note(LSN(1), in: 0, startsPiece: true)
    for copy in 0..<6 { tracker.acknowledge(completeThrough: LSN(1), from: copy, of: 0) }
    for copy in 0..<3 { tracker.forget(copy, of: 0) }
    #expect(tracker.protectionGroupCompleteLSN(of: 0) == LSN(1))
    #expect(tracker.volumeCompleteLSN == LSN(1))
    // But no page is read from it, and no log is let go as if all had it.
    #expect(tracker.segmentCompleteLSN(of: 0, in: 0) == .zero)
    #expect(tracker.allCompleteLSN(of: 0) == .zero)
  }
}

@Suite struct `A quorum tracker` {
  @Test(arguments: 0..<200 as Range<UInt64>, [false, true])
  func `agrees with sorting`(seed: UInt64, losesDisks: Bool) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    let quorum = Quorum(copies: 6, write: 1 + Int(next(6)), read: 3)
    var tracker = QuorumTracker(quorum: quorum)
    var reached = [UInt64](repeating: 0, count: 6)
    for _ in 0..<60 {
      let copy = Int(next(6))
      let lsn = next(100)
      let before = tracker.protectionGroupCompleteLSN
      if losesDisks, next(5) == 0 {
        reached[copy] = 0
        tracker.forget(copy)
        #expect(tracker.protectionGroupCompleteLSN == before)
        continue
      }
      reached[copy] = max(reached[copy], lsn)
      let advanced = tracker.acknowledge(completeThrough: LSN(lsn), from: copy)
      // What was durable once stays so, whoever has lost it since.
      let expected = max(before, LSN(reached.sorted(by: >)[quorum.write - 1]))
      #expect(tracker.protectionGroupCompleteLSN == expected)
      #expect(advanced == (expected > before))
      #expect(tracker.allCompleteLSN == LSN(reached.min() ?? 0))
    }
  }
}
