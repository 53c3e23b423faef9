import Simulation
import Testing

@testable import Volume

@Suite struct `A segment` {
  private let first = VolumeEpoch(number: 1, opener: 1)
  private let second = VolumeEpoch(number: 2, opener: 2)

  private func chain(_ transactions: Int, seed: UInt64 = 1) -> Chain {
    let random = RandomStream(seed: seed)
    var chain = Chain()
    chain.grow(random, transactions: transactions)
    return chain
  }

  private func take(_ bytes: [UInt8]?, _ segment: inout Segment) -> Segment.Receipt? {
    bytes.flatMap { segment.take($0) }
  }

  /// Delivers one chain in 200 random orders with duplicates; whatever the order, the SCL never
  /// retreats, never passes a hole, and the pages are those of the model.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `makes the same pages whatever the order of arrival`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    var chain = Chain()
    chain.grow(random, transactions: 20)
    var deliveries = chain.batches(random)
    // The same records again, cut into other pieces.
    deliveries += chain.batches(random).filter { _ in random.chance(0.3) }
    random.shuffle(&deliveries)

    var segment = Segment(group: 0, of: 1)
    var arrived: [LSN] = []
    for bytes in deliveries {
      let before = segment.completeLSN
      let receipt = segment.take(bytes)
      #expect(receipt == .accepted || receipt == .known)
      #expect(segment.completeLSN >= before, "the SCL retreated")
      bytes.withUnsafeBytes {
        var offset = BatchHeader.size
        while let record = LogRecord($0, at: offset) {
          arrived.append(record.lsn)
          offset = record.edits.upperBound
        }
      }
      let complete = chain.records.prefix { arrived.contains($0.lsn) }.last?.lsn ?? .zero
      #expect(segment.completeLSN == complete)
    }
    #expect(segment.completeLSN == chain.last)
    #expect(!segment.hasHole)
    for page in 0..<12 as Range<UInt32> {
      for lsn in chain.records.map(\.lsn) where lsn.value % 7 == 0 || lsn == chain.last {
        let expected = chain.model.image(of: PageNumber(page), at: lsn)
        #expect(segment.image(of: PageNumber(page), at: lsn).contents == expected.contents)
      }
    }
  }

  @Test func `tells a hole from its end and fills it from a peer`() {
    let chain = chain(10)
    var peer = Segment(group: 0, of: 1)
    _ = peer.take(chain.batch(0..<chain.records.count))
    var segment = Segment(group: 0, of: 1)
    _ = segment.take(chain.batch(0..<3))
    do {
      let result = segment.take(chain.batch(5..<8))
      #expect(result == .accepted)
    }
    #expect(segment.hasHole)
    #expect(segment.completeLSN == chain.records[2].lsn)
    let run = peer.run(above: segment.completeLSN, through: chain.last, limit: 1)
    #expect(take(run, &segment) == .accepted)
    #expect(segment.completeLSN == chain.records[3].lsn)
    let rest = peer.run(above: segment.completeLSN, through: chain.last, limit: 1 << 20)
    #expect(take(rest, &segment) == .accepted)
    #expect(segment.completeLSN == chain.last)
    #expect(!segment.hasHole)
  }

  @Test func `asks for what is lacking and overdue, and not for what lies behind the hole`() throws
  {
    let chain = chain(20)
    let lsns = chain.records.map(\.lsn)
    var peer = Segment(group: 0, of: 1)
    _ = peer.take(chain.batch(0..<chain.records.count))
    var segment = Segment(group: 0, of: 1)
    _ = segment.take(chain.batch(0..<3))
    _ = segment.take(chain.batch(9..<12))
    _ = segment.take(chain.batch(14..<16))
    #expect(segment.highestHeld == lsns[15])
    #expect(segment.endOfHole(through: .zero) == lsns[2], "nothing is overdue yet")
    #expect(segment.endOfHole(through: lsns[5]) == lsns[5])
    let end = segment.endOfHole(through: chain.last)
    #expect(end == lsns[8])
    let run = try #require(peer.run(above: segment.completeLSN, through: end, limit: 1 << 20))
    #expect(segment.countMissing(in: run) == 6)
    let all = try #require(
      peer.run(above: .zero, through: chain.last, limit: 1 << 20))
    #expect(segment.countMissing(in: all) == chain.records.count - 8)
    #expect(take(run, &segment) == .accepted)
    #expect(segment.completeLSN == lsns[11])
    #expect(segment.endOfHole(through: chain.last) == lsns[13])
    #expect(segment.countMissing(in: run) == 0)
  }

  /// Pieces behind a hole may be forgotten at any time: whatever comes again makes the same pages.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `loses nothing that counts when it forgets what lies behind a hole`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let chain = chain(30, seed: seed)
    var deliveries = chain.batches(random)
    random.shuffle(&deliveries)
    var segment = Segment(group: 0, of: 1)
    for bytes in deliveries {
      _ = segment.take(bytes)
      guard random.chance(0.1) else { continue }
      let before = segment.completeLSN
      segment.forgetPending()
      #expect(segment.completeLSN == before)
      #expect(!segment.needs(journalledThrough: chain.last) || segment.completeLSN == chain.last)
    }
    for bytes in chain.batches(random) { _ = segment.take(bytes) }
    #expect(segment.completeLSN == chain.last)
    for page in 0..<12 as Range<UInt32> {
      let expected = chain.model.image(of: PageNumber(page), at: chain.last)
      #expect(segment.image(of: PageNumber(page), at: chain.last).contents == expected.contents)
    }
  }

  @Test func `counts as durable only what a flush has covered`() {
    let chain = chain(10)
    var segment = Segment(group: 0, of: 1)
    _ = segment.take(chain.batch(0..<4))
    let flushed = segment.completeLSN
    _ = segment.take(chain.batch(4..<8))
    segment.noteDurable(through: flushed)
    #expect(segment.durableLSN == chain.records[3].lsn)
    #expect(segment.state().segmentCompleteLSN == chain.records[3].lsn)
    #expect(segment.state().entries.count == 4)
  }

  @Test func `refuses a writer whose epoch is over`() {
    let chain = chain(6)
    var segment = Segment(group: 0, of: 1)
    do {
      let result = segment.adopt(TruncationHistory(epoch: first))
      #expect(result)
    }
    do {
      let result = segment.take(chain.batch(0..<2, epoch: first))
      #expect(result == .accepted)
    }
    do {
      let result = segment.promise(second)
      #expect(result)
    }
    do {
      let result = segment.take(chain.batch(2..<4, epoch: first))
      #expect(result == .fenced)
    }
    #expect(segment.completeLSN == chain.records[1].lsn)
    do {
      let result = segment.promise(first)
      #expect(!result)
    }
    #expect(segment.promised == second)
  }

  @Test func `refuses a writer whose truncations it has not learnt`() {
    let chain = chain(6)
    var segment = Segment(group: 0, of: 1)
    do {
      let result = segment.adopt(TruncationHistory(epoch: first))
      #expect(result)
    }
    do {
      let result = segment.take(chain.batch(0..<2, epoch: second))
      #expect(result == .behind)
    }
    do {
      let result = segment.adopt(TruncationHistory(epoch: second))
      #expect(result)
    }
    do {
      let result = segment.take(chain.batch(0..<2, epoch: second))
      #expect(result == .accepted)
    }
  }

  @Test func `adopts no history older than its promise`() {
    var segment = Segment(group: 0, of: 1)
    do {
      let result = segment.promise(second)
      #expect(result)
    }
    do {
      let result = segment.adopt(TruncationHistory(epoch: first))
      #expect(!result)
    }
    #expect(segment.history.epoch == .none)
  }

  @Test func `forgets what a new history annuls, and ignores it when it comes late`() {
    let random = RandomStream(seed: 3)
    var chain = chain(10)
    let old = chain
    var segment = Segment(group: 0, of: 1)
    do {
      let result = segment.adopt(TruncationHistory(epoch: first))
      #expect(result)
    }
    _ = segment.take(chain.batch(0..<12, epoch: first))
    let kept = chain.records[7].lsn
    let history = TruncationHistory(epoch: first)
      .truncating(above: kept, allocationLimit: 100, epoch: second)
    do {
      let result = segment.adopt(history)
      #expect(result)
    }
    #expect(segment.completeLSN == kept)
    chain.truncate(above: kept, until: history.upper)
    chain.grow(random, transactions: 3)
    // Late, under the old epoch, from a journal or a peer: all the same.
    let late = old.batch(6..<12, epoch: second, kind: .run)
    do {
      let result = segment.take(late)
      #expect(result == .known)
    }
    #expect(segment.completeLSN == kept)
    do {
      let result = segment.take(chain.batch(8..<chain.records.count, epoch: second))
      #expect(result == .accepted)
    }
    #expect(segment.completeLSN == chain.last)
    for page in 0..<12 as Range<UInt32> {
      let expected = chain.model.image(of: PageNumber(page), at: chain.last)
      #expect(segment.image(of: PageNumber(page), at: chain.last).contents == expected.contents)
    }
  }

  @Test func `coalesces no further than SCL, VDL and lowest read point`() {
    let chain = chain(10)
    let lsns = chain.records.map(\.lsn)
    var segment = Segment(group: 0, of: 1)
    _ = segment.take(chain.batch(0..<9))
    segment.noteDurable(through: segment.completeLSN)
    #expect(segment.coalescingLimit == .zero)
    segment.learn(volumeDurableLSN: lsns[6], minimumReadPoint: .zero)
    #expect(segment.coalescingLimit == .zero)
    segment.learn(volumeDurableLSN: .zero, minimumReadPoint: lsns[4])
    #expect(segment.coalescingLimit == lsns[4])
    segment.learn(volumeDurableLSN: .zero, minimumReadPoint: lsns[8])
    #expect(segment.coalescingLimit == lsns[6])
  }

  @Test func `keeps records until their pages are on disk and every copy has them`() {
    let chain = chain(10)
    var segment = Segment(group: 0, of: 1)
    _ = segment.take(chain.batch(0..<10))
    for record in chain.records.prefix(10) {
      let page = record.bytes.withUnsafeBytes { LogRecord($0, at: 0)?.page } ?? PageNumber(0)
      segment.rebase(page, to: chain.records[9].lsn, slot: 0)
      segment.collectGarbage(isForced: true)
      #expect(segment.floor == .zero, "an image that is only cached let a record go")
    }
    for page in 0..<12 as Range<UInt32> {
      segment.pages[PageNumber(page)].persistedLSN = chain.records[9].lsn
    }
    segment.collectGarbage(isForced: false)
    #expect(segment.floor == .zero, "a copy may still ask for it")
    segment.learn(
      volumeDurableLSN: .zero, minimumReadPoint: .zero, allCompleteLSN: chain.records[4].lsn)
    segment.collectGarbage(isForced: false)
    #expect(segment.floor == chain.records[4].lsn)
    segment.collectGarbage(isForced: true)
    #expect(segment.floor == chain.records[9].lsn)
    #expect(segment.ring.isEmpty)
    #expect(segment.run(above: .zero, through: chain.last, limit: 1000) == nil)
    let page = chain.records[0].bytes.withUnsafeBytes { LogRecord($0, at: 0)?.page }
    #expect(
      segment.source(of: page ?? PageNumber(0), at: chain.records[3].lsn, requiredSCL: .zero)
        == .refused(.tooOld))
  }

  /// A peer's images may be newer than the records that come after them: those are in the pages already,
  /// and must not be looked for when they have been forgotten.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `makes pages from a peer's images and what comes later`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let chain = chain(40, seed: seed)
    let count = chain.records.count
    let leap = 1 + random.index(below: count / 2)
    var segment = Segment(group: 0, of: 1)
    var bases: [[UInt8]] = []
    for number in 0..<12 as Range<UInt32> {
      // Everything up to the leap is in the image, and perhaps more.
      let extent = leap + random.index(below: count - leap)
      let versions = chain.records[0...extent].filter { $0.page == PageNumber(number) }
      let base = versions.last?.lsn ?? .zero
      var image = chain.model.image(of: PageNumber(number), at: base)
      image.withUnsafeMutableBytes { Page.setLSN(base, of: $0) }
      bases.append(image)
      guard base > .zero else { continue }
      segment.rebase(PageNumber(number), to: base, slot: Int(number))
      segment.pages[PageNumber(number)].persistedLSN = base
    }
    segment.leap(to: chain.records[leap].lsn)
    var start = leap + 1
    while start < count {
      let end = min(count, start + 1 + random.index(below: 6))
      #expect(segment.take(chain.batch(start..<end)) == .accepted)
      if random.chance(0.3) { segment.collectGarbage(isForced: true) }
      start = end
    }
    segment.collectGarbage(isForced: true)
    #expect(segment.completeLSN == chain.last)
    for number in 0..<12 as Range<UInt32> {
      let isSound = bases[Int(number)].withUnsafeMutableBytes {
        segment.apply(PageNumber(number), upTo: chain.last, to: $0)
      }
      let expected = chain.model.image(of: PageNumber(number), at: chain.last)
      #expect(isSound && bases[Int(number)].contents == expected.contents, "page \(number)")
    }
  }
}

@Suite struct `A directory of pages` {
  @Test(arguments: 0..<3)
  func `visits what it has from any page on, in order`(group: Int) {
    let geometry = (groups: 3, pages: UInt32(2_000))
    var directory = PageDirectory(group: group, of: geometry.groups)
    let random = RandomStream(seed: UInt64(group))
    var known: [PageNumber] = []
    for page in (0..<geometry.pages).map({ PageNumber($0) })
    where VolumeGeometry.group(of: page, among: geometry.groups) == group && random.chance(0.1) {
      directory[page].slot = Int32(page.value)
      known.append(page)
    }
    for start in (0..<geometry.pages + 100).map({ PageNumber($0) }) {
      var visited: [PageNumber] = []
      directory.visit(from: start) { page, entry in
        #expect(entry.slot == Int32(page.value))
        visited.append(page)
        return visited.count < 3
      }
      #expect(visited == Array(known.filter { $0 >= start }.prefix(3)))
    }
  }
}
