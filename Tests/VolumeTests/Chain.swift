import Simulation

@testable import Volume

/// The log of a volume with one group, as its writer makes it, with the pages that it means.
struct Chain {
  struct Record {
    let lsn: LSN
    let previous: LSN
    let bytes: [UInt8]
    let isConsistencyPoint: Bool

    var page: PageNumber? { bytes.withUnsafeBytes { LogRecord($0, at: 0)?.page } }
  }

  private(set) var records: [Record] = []
  var model = PageModel()
  private(set) var last = LSN.zero

  /// Appends mini-transactions of a few records each.
  mutating func grow(_ random: RandomStream, transactions: Int, pages: Int = 12) {
    for _ in 0..<transactions { growOnce(random, pages: pages) }
  }

  private mutating func growOnce(_ random: RandomStream, pages: Int) {
    let (transaction, edits) = model.transaction(random, pages: pages)
    let first = next
    for index in 0..<transaction.recordCount {
      let record = transaction.records[index]
      let isLast = index == transaction.recordCount - 1
      let edits = record.start..<transaction.end(of: index)
      var bytes = [UInt8](repeating: 0, count: LogRecord.headerSize + edits.count)
      bytes.withUnsafeMutableBytes { target in
        transaction.edits.withUnsafeBytes {
          LogRecord.encode(
            lsn: next, previousInGroup: last, previousOfPage: record.previousOfPage,
            page: record.page, isConsistencyPoint: isLast,
            edits: UnsafeRawBufferPointer(rebasing: $0[edits]), into: target)
        }
      }
      records.append(
        Record(lsn: next, previous: last, bytes: bytes, isConsistencyPoint: isLast))
      last = next
      next = next.next
    }
    model.apply(edits, first...last)
  }

  private var next = LSN(1)

  /// Goes on as after a recovery that found `lsn` durable.
  mutating func truncate(above lsn: LSN, until upper: LSN) {
    records.removeAll { $0.lsn > lsn }
    last = records.last?.lsn ?? .zero
    next = upper.next
    model.truncate(above: lsn)
  }

  /// The batch of some of the records.
  func batch(
    _ range: Range<Int>, epoch: VolumeEpoch = .none, durable: LSN = .zero,
    readPoint: LSN = .zero, allComplete: LSN = .zero, kind: MessageKind = .batch
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: BatchHeader.size)
    for record in records[range] { bytes += record.bytes }
    let header = BatchHeader(
      group: 0, epoch: epoch, first: records[range.lowerBound].lsn,
      last: records[range.upperBound - 1].lsn, previousInGroup: records[range.lowerBound].previous,
      volumeDurableLSN: durable, minimumReadPoint: readPoint, allCompleteLSN: allComplete,
      recordCount: range.count)
    bytes.withUnsafeMutableBytes { header.seal(kind, $0) }
    return bytes
  }

  /// The whole chain in batches of random sizes.
  func batches(_ random: RandomStream, epoch: VolumeEpoch = .none) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var start = 0
    while start < records.count {
      let end = min(records.count, start + 1 + random.index(below: 6))
      result.append(batch(start..<end, epoch: epoch))
      start = end
    }
    return result
  }
}

extension Segment {
  /// Takes in a message as a node would.
  mutating func take(_ bytes: [UInt8]) -> Receipt? {
    guard let header = bytes.withUnsafeBytes({ Message.isIntact($0) ? BatchHeader($0) : nil })
    else { return nil }
    return Message.kind(of: bytes) == .run
      ? receiveRun(bytes, header) : receiveBatch(bytes, header)
  }

  /// The page as of `lsn`, if it needs no image from disk.
  func image(of page: PageNumber, at lsn: LSN) -> [UInt8] {
    var image = StorageIncarnation.blankPage
    _ = image.withUnsafeMutableBytes { apply(page, upTo: lsn, to: $0) }
    return image
  }
}
