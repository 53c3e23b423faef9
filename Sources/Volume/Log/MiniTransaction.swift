/// A group of page edits that happens as a whole: the unit of what replicas and recovery may see.
///
/// The engine edits pages in its buffer pool and, in the same breath, notes each edit here. Edits of one
/// page that follow one another make one redo record. When the driver appends the group to the log,
/// the records get contiguous LSNs, and the last one is marked as a consistency point (CPL).
///
/// Source: Verbitski et al., SIGMOD 2017, §4.1.
public struct MiniTransaction {
  struct Record {
    let page: PageNumber
    /// Where the edits begin in ``edits``; they end where the next record's begin.
    let start: Int
    /// Where the page's previous record was in the log.
    let previousOfPage: LSN
  }

  private(set) var records: [Record] = []
  /// The encoded edits of all records, one after another.
  private(set) var edits = GatheringBuffer()

  public init() {}

  public var isEmpty: Bool { records.isEmpty }
  public var recordCount: Int { records.count }
  public func page(at index: Int) -> PageNumber { records[index].page }

  /// Forgets everything and keeps the memory.
  public mutating func removeAll() {
    records.removeAll(keepingCapacity: true)
    edits.removeAll()
  }

  /// Notes that `bytes` were written to a page.
  ///
  /// - Parameter lsn: the page's LSN before this mini-transaction.
  public mutating func noteWrite(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, of page: PageNumber, lsn: LSN
  ) {
    begin(page, lsn)
    edits.append(PageDelta.writeHeaderSize + bytes.count) {
      $0.store(PageDelta.write, at: 0)
      $0.store(UInt16(offset), at: 1)
      $0.store(UInt16(bytes.count), at: 3)
      UnsafeMutableRawBufferPointer(rebasing: $0[PageDelta.writeHeaderSize...])
        .copyMemory(from: bytes)
    }
  }

  /// Notes that `count` bytes were moved within a page.
  public mutating func noteMove(
    from source: Int, to target: Int, count: Int, of page: PageNumber, lsn: LSN
  ) {
    begin(page, lsn)
    edits.append(PageDelta.moveSize) {
      $0.store(PageDelta.move, at: 0)
      $0.store(UInt16(source), at: 1)
      $0.store(UInt16(target), at: 3)
      $0.store(UInt16(count), at: 5)
    }
  }

  /// Notes that a page was cleared, as when it is used for something new.
  public mutating func noteClear(of page: PageNumber, lsn: LSN) {
    begin(page, lsn)
    edits.append(PageDelta.clearSize) { $0.store(PageDelta.clear, at: 0) }
  }

  /// The end of record `index`'s edits.
  func end(of index: Int) -> Int {
    index + 1 < records.count ? records[index + 1].start : edits.count
  }

  private mutating func begin(_ page: PageNumber, _ lsn: LSN) {
    if records.last?.page == page { return }
    records.append(Record(page: page, start: edits.count, previousOfPage: lsn))
  }
}
