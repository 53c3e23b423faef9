import Simulation
import Volume

/// The pages of one instance that are in memory.
///
/// ```
///                    ┌──────────── resident ◀───────────┐
///   frame(of:) ──────┤                                  │ install
///                    └─ PageMiss ─▶ fetch ─▶ read ──────┘
///                                     ▲
///                       others who miss the same page wait for the one read
/// ```
///
/// Nothing is ever written back: the log is the database. A page may therefore be dropped as soon as
/// the volume can make it again, which is when all that changed it is durable: page LSN ≤ VDL.
/// (Verbitski et al., SIGMOD 2017, §4.2.3, says "≥"; what it concludes is only true of "≤".) While no page
/// may be dropped, the pool grows beyond its capacity, and shrinks later.
///
/// Frames are taken from others only in asynchronous code, before a read. Code that runs between two
/// awaits may hold as many frames as it likes.
final class BufferPool {
  /// In pages. Shrinking takes effect at the next miss.
  var capacity: Int
  private let process: Process
  private let source: any ReadableVolume
  private var table = PageTable()
  /// All frames that hold a page, in the order in which the clock's hand visits them.
  private var frames: [Frame] = []
  private var spare: [Frame] = []
  private var hand = 0
  private var pending = LookupTable<PageNumber, PendingRead>()
  private let meters: BufferPoolMeters
  /// As of which LSN pages are read, and up to which they may be dropped.
  private let readPoint: () -> LSN

  private final class PendingRead {
    var waiting: [WaitToken] = []
    /// Redo that arrived for the page after the read was sent off, in order.
    var redo: [(lsn: LSN, edits: [UInt8])] = []
    let readPoint: LSN
    init(at readPoint: LSN) { self.readPoint = readPoint }
  }

  init(
    process: Process, source: any ReadableVolume, capacity: Int, readPoint: @escaping () -> LSN
  ) {
    precondition(capacity > 0, "a buffer pool holds at least one page")
    (self.process, meters) = (process, BufferPoolMeters(of: process))
    self.source = source
    self.capacity = capacity
    self.readPoint = readPoint
  }

  deinit {
    for frame in frames { frame.deallocate() }
    for frame in spare { frame.deallocate() }
  }

  /// The lowest read point of a read that is under way, or that the next read will have.
  var oldestReadPoint: LSN {
    pending.sortedByKey().reduce(readPoint()) { min($0, $1.value.readPoint) }
  }

  // MARK: Between two awaits

  /// The frame that holds `page`.
  @inline(__always)
  func frame(of page: PageNumber) throws(PageMiss) -> Frame {
    guard let frame = table.frame(of: page) else { throw PageMiss(page: page) }
    frame.isReferenced = true
    meters.hits += 1
    return frame
  }

  @inline(__always)
  func resident(_ page: PageNumber) -> Frame? { table.frame(of: page) }

  /// A frame for a page that was never written, and so need not be read.
  func blank(_ page: PageNumber) -> Frame {
    precondition(table.frame(of: page) == nil, "\(page) is in memory already")
    let frame = place(page)
    frame.buffer.initializeMemory(as: UInt8.self, repeating: 0)
    return frame
  }

  /// Keeps a resident page in memory until it is released as often.
  func pin(_ frame: Frame) { frame.pinCount += 1 }

  func unpin(_ page: PageNumber) {
    guard let frame = table.frame(of: page) else {
      preconditionFailure("\(page) was pinned, but is gone")
    }
    frame.pinCount -= 1
  }

  /// Gives every resident page to `body`, in an order that is the same in every run.
  func visitFrames(_ body: (Frame) -> Void) { for frame in frames { body(frame) } }

  // MARK: Across awaits

  /// Runs `body` until it finds all of its pages in memory, fetching what it misses.
  ///
  /// - Parameter body: must change nothing before its last possible miss.
  /// - Throws: what the store throws if a page cannot be read.
  func withPages<Result>(_ body: () throws(PageMiss) -> Result) async throws -> Result {
    if frames.count > capacity { trim() }
    let miss: PageMiss
    do { return try body() } catch { miss = error }
    return try await retry(after: miss, body)
  }

  /// Pages fetched for an operation stay until it is done: else two operations in a small pool
  /// could take each other's pages for ever.
  private func retry<Result>(
    after first: PageMiss, _ body: () throws(PageMiss) -> Result
  ) async throws -> Result {
    var pinned: [PageNumber] = []
    defer { for page in pinned { unpin(page) } }
    var miss = first
    while true {
      let frame = try await fetch(miss.page)
      pin(frame)
      pinned.append(miss.page)
      do { return try body() } catch { miss = error }
    }
  }

  /// Brings a page into memory.
  ///
  /// - Returns: its frame, good until the next await.
  func fetch(_ page: PageNumber) async throws -> Frame {
    while true {
      if let frame = table.frame(of: page) { return frame }
      if let read = pending[page] {
        try await process.suspend { read.waiting.append($0) }
        continue
      }
      meters.misses += 1
      let read = PendingRead(at: readPoint())
      pending[page] = read
      do {
        let image = try await source.read(page, at: read.readPoint)
        let frame = install(page, image)
        apply(read.redo, to: frame)
        finish(page, read)
        return frame
      } catch {
        // Those who wait try again by themselves, and meet the error themselves if it persists.
        finish(page, read)
        throw error
      }
    }
  }

  private func finish(_ page: PageNumber, _ read: PendingRead) {
    pending[page] = nil
    for token in read.waiting { process.wake(token) }
  }

  private func install(_ page: PageNumber, _ image: [UInt8]) -> Frame {
    precondition(image.count == Page.size, "\(page) came with \(image.count) bytes")
    trim(to: capacity - 1)
    let frame = place(page)
    image.withUnsafeBytes { frame.buffer.copyMemory(from: $0) }
    return frame
  }

  // MARK: Redo, on a reader

  /// Applies one record to its page if that is in memory, and drops it otherwise.
  ///
  /// A page that is being read misses what came after its read point; the record waits for it.
  func apply(_ edits: UnsafeRawBufferPointer, to page: PageNumber, lsn: LSN) {
    if let frame = table.frame(of: page) {
      apply(edits, to: frame, lsn: lsn)
      meters.redoApplied += 1
    } else if let read = pending[page], !process.has(DatabaseDefect.dropsLateRedo) {
      read.redo.append((lsn, [UInt8](edits)))
    } else {
      meters.redoDropped += 1
    }
  }

  private func apply(_ redo: [(lsn: LSN, edits: [UInt8])], to frame: Frame) {
    for record in redo {
      record.edits.withUnsafeBytes { apply($0, to: frame, lsn: record.lsn) }
    }
  }

  private func apply(_ edits: UnsafeRawBufferPointer, to frame: Frame, lsn: LSN) {
    guard lsn > frame.lsn else { return }
    do {
      try PageDelta.apply(edits, to: frame.buffer)
    } catch {
      preconditionFailure("record \(lsn) of \(frame.page) is malformed: \(error)")
    }
    frame.lsn = lsn
  }

  // MARK: Frames

  private func place(_ page: PageNumber) -> Frame {
    let frame = spare.popLast() ?? Frame.allocate()
    frame.page = page
    frame.pinCount = 0
    frame.isReferenced = true
    frame.index = frames.count
    frames.append(frame)
    paranoid(table.frame(of: page) == nil, "\(page) is in memory twice")
    table.set(frame, for: page)
    return frame
  }

  /// Drops pages down to the capacity, as far as that is allowed.
  func trim() {
    trim(to: capacity)
    for frame in spare { frame.deallocate() }
    spare.removeAll()
  }

  /// Second chance: the hand passes a page that was used since it last came by, and drops the next
  /// that was not.
  private func trim(to count: Int) {
    if frames.count <= count { return }
    let durable = readPoint()
    // Two rounds: the first may do no more than clear marks.
    var visits = frames.count * 2
    while frames.count > count, visits > 0 {
      visits -= 1
      if hand >= frames.count { hand = 0 }
      let frame = frames[hand]
      if frame.pinCount > 0 || frame.lsn > durable {
        hand += 1
      } else if frame.isReferenced {
        frame.isReferenced = false
        hand += 1
      } else {
        drop(frame)
      }
    }
  }

  private func drop(_ frame: Frame) {
    paranoid(
      frames[frame.index] == frame && frame.pinCount == 0 && frame.lsn <= readPoint(),
      "\(frame.page) is dropped, though it is pinned or cannot be made again")
    table.set(nil, for: frame.page)
    let last = frames.removeLast()
    if last != frame {
      frames[frame.index] = last
      last.index = frame.index
    }
    spare.append(frame)
    meters.evictions += 1
  }
}
