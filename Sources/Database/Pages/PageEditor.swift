import Volume

/// Changes pages, and notes each change in the mini-transaction at hand.
///
/// Nothing else writes to a page. What is done to the bytes in memory and what is written to the log
/// are one act here, so that a page made from the log is the page in memory, byte for byte.
///
/// ```
///   plan: find every page ──▶ edit, edit, edit ──▶ finish(): append to the log, stamp the LSNs
///         may miss                never misses            no other task runs in between
/// ```
final class PageEditor {
  /// `nil` on a reader, which edits nothing.
  private let store: (any WritableVolume)?
  private var miniTransaction = MiniTransaction()
  /// The frame of each record, in the order of the records.
  private var frames: [Frame] = []
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Page.size, alignment: 16)

  init(store: (any WritableVolume)?) { self.store = store }

  deinit { scratch.deallocate() }

  var isIdle: Bool { miniTransaction.isEmpty }

  /// Appends the mini-transaction to the log and stamps its pages.
  ///
  /// - Returns: the LSN of its last record, a consistency point.
  @discardableResult
  func finish() -> LSN {
    guard let store else { preconditionFailure("a reader appends nothing to the log") }
    let range = store.append(miniTransaction)
    precondition(
      range.upperBound.value - range.lowerBound.value + 1 == UInt64(frames.count),
      "\(frames.count) records were given \(range)")
    for index in frames.indices { frames[index].lsn = range.lowerBound + UInt64(index) }
    frames.removeAll(keepingCapacity: true)
    miniTransaction.removeAll()
    return range.upperBound
  }

  // MARK: Bytes

  func write(_ source: UnsafeRawBufferPointer, at offset: Int, of frame: Frame) {
    guard let bytes = source.baseAddress else { return }
    (frame.bytes + offset).copyMemory(from: bytes, byteCount: source.count)
    note(offset, source.count, of: frame)
  }

  @inline(__always)
  func write<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ value: Integer, at offset: Int, of frame: Frame
  ) {
    frame.bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Integer.self)
    note(offset, MemoryLayout<Integer>.size, of: frame)
  }

  /// Notes that the bytes which are at `offset` now were written there.
  @inline(__always)
  func note(_ offset: Int, _ count: Int, of frame: Frame) {
    miniTransaction.noteWrite(
      frame.slice(offset, count), at: offset, of: frame.page, lsn: frame.lsn)
    follow(frame)
  }

  func move(from source: Int, to target: Int, count: Int, of frame: Frame) {
    if count == 0 { return }
    (frame.bytes + target).copyMemory(from: frame.bytes + source, byteCount: count)
    miniTransaction.noteMove(
      from: source, to: target, count: count, of: frame.page, lsn: frame.lsn)
    follow(frame)
  }

  /// Makes everything behind the volume's header zero.
  func clear(_ frame: Frame) {
    (frame.bytes + Page.headerSize).initializeMemory(
      as: UInt8.self, repeating: 0, count: Page.size - Page.headerSize)
    miniTransaction.noteClear(of: frame.page, lsn: frame.lsn)
    follow(frame)
  }

  /// Replaces bytes by as many others, and logs only the runs that differ.
  ///
  /// Runs nearer to each other than an edit's header is long are logged as one.
  func overwrite(_ source: UnsafeRawBufferPointer, at offset: Int, of frame: Frame) {
    let editHeader = 5
    let target = frame.bytes + offset
    var index = 0
    while index < source.count {
      if source[index] == target.load(fromByteOffset: index, as: UInt8.self) {
        index += 1
        continue
      }
      var last = index
      var probe = index + 1
      while probe < source.count, probe - last <= editHeader {
        if source[probe] != target.load(fromByteOffset: probe, as: UInt8.self) { last = probe }
        probe += 1
      }
      let run = UnsafeRawBufferPointer(rebasing: source[index...last])
      write(run, at: offset + index, of: frame)
      index = last + 1
    }
  }

  /// Room for bytes that are put together before they are written; good until the next call.
  func withScratch(
    _ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) -> UnsafeRawBufferPointer {
    let buffer = UnsafeMutableRawBufferPointer(rebasing: scratch[..<count])
    fill(buffer)
    return UnsafeRawBufferPointer(buffer)
  }

  @inline(__always)
  private func follow(_ frame: Frame) {
    if miniTransaction.recordCount > frames.count {
      // The chain of a page's records leads from one mini-transaction to the next.
      assert(!frames.contains(frame), "\(frame.page) has two records in one mini-transaction")
      frames.append(frame)
    }
  }
}
