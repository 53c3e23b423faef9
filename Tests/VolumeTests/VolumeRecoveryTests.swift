import Simulation
import Testing

@testable import Volume

@Suite struct `Recovery` {
  private let epoch = VolumeEpoch(number: 2, opener: 1)

  /// A copy that is complete up to the last of `records`, of which those in `points` end
  /// mini-transactions, and that knows `durable` to be durable.
  private func state(
    _ records: [UInt64], points: [UInt64], durable: UInt64 = 0,
    history: TruncationHistory = TruncationHistory()
  ) -> CopyState {
    var state = CopyState()
    state.history = history
    state.volumeDurableLSN = LSN(durable)
    state.segmentCompleteLSN = LSN(records.last ?? 0)
    state.lastDurableRecord = LSN(records.last { $0 <= durable } ?? 0)
    state.entries = records.filter { $0 > durable }
      .map { CopyState.Entry(lsn: LSN($0), isConsistencyPoint: points.contains($0)) }
    return state
  }

  private func examine(_ groups: [[CopyState?]]) -> VolumeRecovery.Outcome {
    VolumeRecovery.examine(groups, epoch: epoch, allocationLimit: 1000)
  }

  @Test func `ends the log at the last mini-transaction without a hole`() {
    let points: [UInt64] = [2, 5, 7]
    let outcome = examine([
      [state([1, 3, 5], points: points), nil, state([1, 3], points: points)],
      [state([2, 4, 7], points: points), state([2], points: points)],
    ])
    // 6 is nowhere: 7 cannot count, and 5 is the last consistency point before it.
    #expect(outcome.volumeDurableLSN == LSN(5))
    #expect(outcome.tails == [LSN(5), LSN(4)])
    #expect(outcome.truncatedRecords == 1)
    #expect(
      outcome.history.ranges == [TruncationRange(lower: LSN(5), upper: LSN(1005))])
    #expect(outcome.start == LSN(1005))
  }

  @Test func `leaves a volume that nobody has opened as it is`() {
    let outcome = examine([[state([], points: [])], [state([], points: [])]])
    #expect(outcome.history == TruncationHistory(epoch: epoch))
    #expect(outcome.start == .zero)
  }

  @Test func `goes on over what an earlier recovery annulled`() {
    let history = TruncationHistory(
      epoch: VolumeEpoch(number: 1, opener: 1),
      ranges: [TruncationRange(lower: LSN(5), upper: LSN(1005))])
    let points: [UInt64] = [5, 1006, 1008]
    let outcome = examine([
      [state([5, 1006, 1008], points: points, durable: 5, history: history)],
      [state([4, 1007], points: points, durable: 5, history: history)],
    ])
    #expect(outcome.volumeDurableLSN == LSN(1008))
    #expect(outcome.history.ranges.count == 2)
    #expect(outcome.history.upper == LSN(2008))
  }

  @Test func `reaches above all that a former writer may have allocated`() {
    // The former opener began at 1006 and nothing of it became durable.
    let history = TruncationHistory(
      epoch: VolumeEpoch(number: 1, opener: 1),
      ranges: [TruncationRange(lower: LSN(5), upper: LSN(1005))])
    let outcome = examine([[state([5], points: [5], durable: 5, history: history)]])
    #expect(outcome.history.ranges == [TruncationRange(lower: LSN(5), upper: LSN(2005))])
  }

  @Test func `does not trust records of a copy that missed a truncation`() {
    let history = TruncationHistory(
      epoch: VolumeEpoch(number: 1, opener: 1),
      ranges: [TruncationRange(lower: LSN(5), upper: LSN(1005))])
    let outcome = examine([
      [
        state([3, 4, 5, 6, 7], points: [3, 5, 6, 7], durable: 3),
        state([3, 4, 5], points: [3, 5], durable: 3, history: history),
      ]
    ])
    #expect(outcome.volumeDurableLSN == LSN(5))
    #expect(outcome.tails == [LSN(5)])
  }

  /// The fence stands before the log is cut: four of six have promised.
  @Test func `has its epoch in force once a write quorum has promised`() throws {
    var copies = (0..<6).map { _ in Segment(group: 0, of: 1) }
    var recovery = VolumeRecovery(
      quorum: .aurora, groupCount: 1, opener: 1, allocationLimit: 1000)
    func answer(_ copy: Int) throws {
      guard let request = recovery.requests().first(where: { $0.copy == copy }) else { return }
      _ = try recovery.receive(Self.answer(&copies[copy], request.bytes), from: copy)
    }
    for copy in 0..<3 { try answer(copy) }
    #expect(recovery.phase == .claim && !recovery.isInForce)
    for copy in 0..<3 { try answer(copy) }
    #expect(recovery.phase == .claim && !recovery.isInForce)
    try answer(3)
    #expect(recovery.phase == .install && recovery.isInForce)
    for copy in 0..<4 { try answer(copy) }
    #expect(recovery.phase == .done && recovery.isInForce)
  }

  /// A copy whose disk was lost may be the fourth to promise, but is not counted: of those that are, three
  /// must be heard.
  @Test func `examines three that remember, whoever else has promised`() throws {
    var chain = Chain()
    chain.grow(RandomStream(seed: 1), transactions: 5)
    var copies = (0..<6).map { _ in Segment(group: 0, of: 1) }
    // The last record is on four copies; three of them lose their disks.
    for copy in 0..<6 {
      let count = chain.records.count - (copy < 4 ? 0 : 1)
      _ = copies[copy].take(chain.batch(0..<count))
      copies[copy].noteDurable(through: copies[copy].completeLSN)
    }
    for copy in 0..<3 {
      copies[copy] = Segment(group: 0, of: 1)
      copies[copy].forget()
    }
    var recovery = VolumeRecovery(
      quorum: .aurora, groupCount: 1, opener: 1, allocationLimit: 1000)
    func answer(_ copy: Int) throws {
      guard let request = recovery.requests().first(where: { $0.copy == copy }) else { return }
      _ = try recovery.receive(Self.answer(&copies[copy], request.bytes), from: copy)
    }
    for copy in 3..<6 { try answer(copy) }
    for copy in [0, 1, 2, 4, 5] { try answer(copy) }
    #expect(recovery.phase == .claim && recovery.isInForce)
    try answer(3)
    #expect(recovery.phase == .install)
    #expect(recovery.outcome.volumeDurableLSN == chain.last)
  }

  /// Two openers against six copies, messages in any order and some lost: when both got through, it
  /// was one after the other, the later one knew of the earlier, and that one cannot write any more.
  @Test(arguments: 0..<300 as Range<UInt64>)
  func `lets one of two openers write at most`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    var chain = Chain()
    let other = RandomStream(seed: seed)
    chain.grow(other, transactions: 5)
    var copies = (0..<6).map { _ in Segment(group: 0, of: 1) }
    for index in copies.indices {
      _ = copies[index].take(chain.batch(0..<1 + random.index(below: chain.records.count)))
      copies[index].noteDurable(through: copies[index].completeLSN)
    }
    var openers = (1...2).map {
      VolumeRecovery(quorum: .aurora, groupCount: 1, opener: $0, allocationLimit: 1000)
    }
    var fenced = [false, false]
    for _ in 0..<400 {
      let who = random.index(below: 2)
      Self.gossip(&copies, random)
      guard !fenced[who], let request = openers[who].requests().randomOne(random) else { continue }
      let answer = Self.answer(&copies[request.copy], request.bytes)
      if random.chance(0.2) { continue }
      do {
        _ = try openers[who].receive(answer, from: request.copy)
      } catch { fenced[who] = true }
    }
    #expect(openers.contains { $0.phase == .done } || fenced.contains(true))
    let accepting = openers.map { opener in
      copies.count { $0.promised == opener.epoch && $0.history.epoch == opener.epoch }
    }
    #expect(accepting.count { $0 >= Quorum.aurora.write } <= 1)
    for opener in openers where opener.isInForce {
      // Some may have broken it for a newer epoch since, but nobody for an older one.
      #expect(copies.count { $0.promised >= opener.epoch } >= Quorum.aurora.write)
    }
    #expect(openers.allSatisfy { $0.phase != .done || $0.isInForce })
    guard openers.allSatisfy({ $0.phase == .done }) else { return }
    let later = openers[0].epoch < openers[1].epoch ? 1 : 0
    #expect(openers[later].epoch.number > openers[1 - later].epoch.number)
    #expect(accepting[1 - later] < Quorum.aurora.write)
    #expect(
      openers[later].outcome.volumeDurableLSN >= openers[1 - later].outcome.volumeDurableLSN)
  }

  /// One copy asks another for what it lacks.
  private static func gossip(_ copies: inout [Segment], _ random: RandomStream) {
    let asker = random.index(below: copies.count)
    let peer = random.index(below: copies.count)
    if copies[peer].history.epoch > copies[asker].history.epoch {
      _ = copies[asker].adopt(copies[peer].history)
    } else if let run = copies[peer].run(
      above: copies[asker].completeLSN, through: copies[peer].completeLSN, limit: 1)
    {
      _ = copies[asker].take(run)
    }
    copies[asker].noteDurable(through: copies[asker].completeLSN)
  }

  /// What a node would answer, with a disk that takes no time.
  private static func answer(_ segment: inout Segment, _ bytes: [UInt8]) -> [UInt8] {
    let epoch = bytes.withUnsafeBytes { Message.epoch(of: $0) }
    switch Message.kind(of: bytes) {
    case .claim:
      let isRefusal = !segment.promise(epoch)
      let state = segment.state()
      return RecoveryMessages.answer(
        .claimAnswer, group: 0, epoch: epoch, promised: segment.promised, isRefusal: isRefusal
      ) { if !isRefusal { state.append(to: &$0) } }
    case .install:
      let history = bytes.withUnsafeBytes { bytes -> TruncationHistory in
        var reader = ByteReader(bytes, at: Message.headerSize + 16)
        let ranges = (try? RecoveryMessages.readRanges(&reader)) ?? []
        return TruncationHistory(epoch: epoch, ranges: ranges)
      }
      let isRefusal = !segment.adopt(history)
      return RecoveryMessages.answer(
        .installAnswer, group: 0, epoch: epoch, promised: segment.promised, isRefusal: isRefusal
      ) { $0.append(segment.durableLSN) }
    default:
      return RecoveryMessages.answer(
        .queryAnswer, group: 0, epoch: epoch, promised: segment.promised, isRefusal: false)
    }
  }
}

extension Array {
  /// An element drawn by lot.
  fileprivate func randomOne(_ random: RandomStream) -> Element? {
    isEmpty ? nil : self[random.index(below: count)]
  }
}
