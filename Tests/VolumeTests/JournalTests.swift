import Simulation
import Testing

@testable import Volume

@Suite struct `The hot log` {
  private func message(_ fill: UInt8, count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: fill, count: Message.headerSize + count)
    Message.seal(&bytes)
    return bytes
  }

  /// Appends a batch, and writes what belongs to it.
  ///
  /// - Returns: where the batch lies.
  @discardableResult
  private func append(
    _ batch: [UInt8], number: UInt64, to journal: inout Journal, _ medium: inout [UInt8]
  ) -> Int {
    func write(_ bytes: [UInt8], at offset: Int) {
      medium.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    if let mark = journal.wrap(for: batch.count) { write(mark.bytes, at: mark.offset) }
    let placement = journal.append(batch, of: 0, last: LSN(number))
    write(placement.header, at: placement.headerOffset)
    write(batch, at: placement.batchOffset)
    return placement.batchOffset
  }

  /// What replay finds on a medium, from a tail on.
  private func replay(_ medium: [UInt8], from tail: Int, size: Int) -> [[UInt8]] {
    var journal = Journal(start: 0, size: size, tail: tail)
    var found: [[UInt8]] = []
    while true {
      let step = medium.withUnsafeBytes {
        journal.step(
          UnsafeRawBufferPointer(
            rebasing: $0[journal.headOffset..<journal.headOffset + journal.rest]))
      }
      switch step {
      case .frame(let batch):
        found.append(batch)
        journal.acceptFrame(count: batch.count, of: 0, last: .zero)
      case .wrap: journal.skipRest()
      case .needs, .end: return found
      }
    }
  }

  /// Frees some of the oldest frames of a journal.
  private func freeSome(
    of kept: inout [(batch: [UInt8], number: UInt64)], in journal: inout Journal,
    _ random: RandomStream
  ) {
    let freed = 1 + random.index(below: kept.count)
    let last = kept[freed - 1].number
    kept.removeFirst(freed)
    journal.release { $0.last > LSN(last) }
    journal.free(upTo: journal.releasableTail)
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `gives back, lap after lap, exactly what was not freed`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let size = 1984
    var medium = [UInt8](repeating: 0, count: size)
    var journal = Journal(start: 0, size: size)
    var kept: [(batch: [UInt8], number: UInt64)] = []
    for number in 1...200 as ClosedRange<UInt64> {
      let batch = message(UInt8(truncatingIfNeeded: number), count: random.index(below: 300))
      while !journal.hasRoom(for: batch.count) {
        freeSome(of: &kept, in: &journal, random)
      }
      append(batch, number: number, to: &journal, &medium)
      kept.append((batch, number))
      #expect(replay(medium, from: journal.tail, size: size) == kept.map(\.batch))
    }
  }

  @Test func `ends at the first frame that is not whole`() {
    let size = 4032
    var medium = [UInt8](repeating: 0, count: size)
    var journal = Journal(start: 0, size: size)
    var offsets: [Int] = []
    for number in 1...5 as ClosedRange<UInt64> {
      let batch = message(UInt8(number), count: 100)
      offsets.append(append(batch, number: number, to: &journal, &medium))
    }
    var torn = medium
    torn[offsets[3] + 60] ^= 1
    #expect(replay(torn, from: 0, size: size).count == 3)
    var headless = medium
    headless[offsets[1] - 5] ^= 1
    #expect(replay(headless, from: 0, size: size).count == 1)
    #expect(replay(medium, from: 0, size: size).count == 5)
  }

  /// Where replay ends, something may have been lost: a frame behind it, or one of the same lap, tells.
  @Test func `tells of more than was found when it is damaged in the midst`() {
    let size = 4032
    var medium = [UInt8](repeating: 0, count: size)
    var journal = Journal(start: 0, size: size, generation: 3)
    var offsets: [Int] = []
    for number in 1...5 as ClosedRange<UInt64> {
      journal.claims = Journal.Claims(durableHead: journal.head, superblock: number)
      let batch = message(UInt8(number), count: 100)
      offsets.append(append(batch, number: number, to: &journal, &medium))
    }
    let lengths = Journal.length(of: Message.headerSize + 100)
    let claims = medium.withUnsafeBytes { journal.claims(in: $0) }
    #expect(claims == Journal.Claims(durableHead: 4 * lengths, superblock: 5))
    #expect(journal.head == 5 * lengths)
    let other = Journal(start: 0, size: size, generation: 2)
    #expect(medium.withUnsafeBytes { other.claims(in: $0) } == Journal.Claims())
    // Of the last frame nothing tells.
    medium[offsets[4] - 20] ^= 1
    let cut = medium.withUnsafeBytes { journal.claims(in: $0) }
    #expect(cut == Journal.Claims(durableHead: 3 * lengths, superblock: 4))
  }

  @Test func `says when it is full, and takes no more`() {
    var journal = Journal(start: 0, size: 1000)
    var taken = 0
    while journal.hasRoom(for: 120) {
      _ = journal.wrap(for: 120)
      _ = journal.append(message(1, count: 104), of: 0, last: LSN(1))
      taken += 1
    }
    #expect(taken == 5)
    journal.release { _ in false }
    #expect(!journal.hasRoom(for: 120), "not before a superblock has said so")
    journal.free(upTo: journal.releasableTail)
    #expect(journal.hasRoom(for: 120))
  }

  /// The frames next to the tail stay, since they tell how far the log had been durable.
  @Test(arguments: 0..<10 as Range<UInt64>)
  func `discards what is free, lap after lap, and nothing else`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let block = 64 * 1024
    let size = 8 * block
    var medium = [UInt8](repeating: 0, count: size)
    var journal = Journal(start: 0, size: size)
    var kept: [(batch: [UInt8], number: UInt64)] = []
    var discarded = 0
    for number in 1...300 as ClosedRange<UInt64> {
      let batch = message(UInt8(truncatingIfNeeded: number), count: random.index(below: 16_000))
      while !journal.hasRoom(for: batch.count) {
        freeSome(of: &kept, in: &journal, random)
        for range in journal.takeDiscardable() {
          medium.replaceSubrange(range, with: repeatElement(0, count: range.count))
          discarded += range.count
        }
        #expect(journal.takeDiscardable().isEmpty)
      }
      append(batch, number: number, to: &journal, &medium)
      kept.append((batch, number))
      #expect(replay(medium, from: journal.tail, size: size) == kept.map(\.batch))
    }
    #expect(journal.tail - discarded >= block)
    #expect(discarded > journal.tail / 4)
  }
}

@Suite struct `A superblock` {
  private var sample: Superblock {
    var superblock = Superblock()
    superblock.sequence = 7
    superblock.generation = 99
    superblock.journalTail = 123_456
    superblock.journalHead = 234_567
    superblock.directoryVersions = [7, 0, 3]
    for group in 0..<3 {
      superblock.copies.append(
        Superblock.Copy(
          group: group, promised: VolumeEpoch(number: 4, opener: 2),
          history: TruncationHistory(
            epoch: VolumeEpoch(number: 3, opener: 9),
            ranges: [TruncationRange(lower: LSN(10), upper: LSN(1010))]),
          volumeDurableLSN: LSN(10), minimumReadPoint: LSN(9), floor: LSN(8), remembers: group != 1)
      )
    }
    return superblock
  }

  @Test func `is read as it was written`() {
    #expect(Superblock(sample.encoded(at: 0) + [0, 0, 0], at: 0) == sample)
  }

  @Test func `is not taken for one at another place`() {
    let offsets = (0..<Superblock.places).flatMap { Superblock.offsets(of: $0) }
    for here in offsets {
      for there in offsets {
        #expect((Superblock(sample.encoded(at: here), at: there) != nil) == (here == there))
      }
    }
  }

  @Test func `is not taken for one when any byte is wrong`() {
    let bytes = sample.encoded(at: 0)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x40
      #expect(Superblock(damaged, at: 0) == nil)
    }
    #expect(Superblock([UInt8](repeating: 0, count: 4096), at: 0) == nil)
  }
}
