import Simulation

@testable import Database
@testable import Volume

/// A volume in memory: a log, and pages made from it at any LSN.
///
/// The log becomes durable some time after it was appended, in order; pages take some time to read.
final class MemoryStore: WritableVolume, EventTarget {
  struct Record {
    let page: PageNumber
    let edits: [UInt8]
    let isConsistencyPoint: Bool
  }

  let process: Process
  private(set) var log: [Record]
  /// Every mini-transaction as it would travel to readers.
  private(set) var encoded: [(last: LSN, bytes: [UInt8])] = []
  private(set) var volumeDurableLSN: LSN
  private(set) var readCount = 0
  private(set) var redoBytes = 0
  private var byPage = LookupTable<PageNumber, [Int]>()
  private var images = LookupTable<PageNumber, [UInt8]>()
  private var waiting: [(lsn: LSN, token: WaitToken)] = []
  private var waitingForRoom: [WaitToken] = []
  /// Records that are not durable: beyond the first number large transactions wait, beyond the second all.
  var limits = (crowded: Int.max, full: Int.max)
  /// The most records that were not durable at once.
  private(set) var mostUndurable = 0
  private let readLatency: Interval
  private let commitLatency: Interval
  private let random: RandomStream
  var onDurable: ((LSN) -> Void)?
  /// Forgets to apply this edit when pages are made: a planted defect.
  var lostRecord: Int?

  /// - Parameter log: of an earlier store, as far as it was durable.
  init(
    process: Process, log: [Record] = [], readLatency: Interval = .microseconds(500),
    commitLatency: Interval = .milliseconds(1)
  ) {
    self.process = process
    self.log = log
    self.readLatency = readLatency
    self.commitLatency = commitLatency
    volumeDurableLSN = LSN(UInt64(log.count))
    random = RandomStream(seed: 1).fork("store/\(log.count)")
    for (index, record) in log.enumerated() { byPage[record.page, default: []].append(index) }
  }

  func append(_ miniTransaction: MiniTransaction) -> ClosedRange<LSN> {
    let first = LSN(UInt64(log.count + 1))
    var bytes: [UInt8] = []
    let count = miniTransaction.recordCount
    for (index, record) in miniTransaction.records.enumerated() {
      let edits = miniTransaction.edits.withUnsafeBytes {
        [UInt8]($0[record.start..<miniTransaction.end(of: index)])
      }
      byPage[record.page, default: []].append(log.count)
      let lsn = first + UInt64(index)
      precondition(
        record.previousOfPage == lastLSN(of: record.page, before: lsn), "the page's chain broke")
      log.append(
        Record(page: record.page, edits: edits, isConsistencyPoint: index == count - 1))
      redoBytes += LogRecord.headerSize + edits.count
      var encodedRecord = [UInt8](repeating: 0, count: LogRecord.headerSize + edits.count)
      encodedRecord.withUnsafeMutableBytes { target in
        edits.withUnsafeBytes {
          LogRecord.encode(
            lsn: lsn, previousInGroup: .zero, previousOfPage: record.previousOfPage,
            page: record.page, isConsistencyPoint: index == count - 1, edits: $0, into: target)
        }
      }
      bytes += encodedRecord
    }
    let last = LSN(UInt64(log.count))
    mostUndurable = max(mostUndurable, undurable)
    encoded.append((last, bytes))
    process.schedule(after: commitLatency, self, token: last.value)
    return first...last
  }

  private func lastLSN(of page: PageNumber, before lsn: LSN) -> LSN {
    let indexes = byPage[page] ?? []
    return indexes.last { $0 + 1 < Int(lsn.value) }.map { LSN(UInt64($0 + 1)) } ?? .zero
  }

  func fire(_ token: UInt64) {
    volumeDurableLSN = max(volumeDurableLSN, LSN(token))
    onDurable?(volumeDurableLSN)
    let woken = waiting.filter { $0.lsn <= volumeDurableLSN }
    waiting.removeAll { $0.lsn <= volumeDurableLSN }
    for waiter in woken { process.wake(waiter.token) }
    for token in waitingForRoom { process.wake(token) }
    waitingForRoom.removeAll()
  }

  private var undurable: Int { log.count - Int(volumeDurableLSN.value) }
  var isCrowded: Bool { undurable > limits.crowded }
  var isFull: Bool { undurable > limits.full }

  func waitForRoom(isLarge: Bool, _ register: (WaitToken) -> Void) async throws {
    try await process.suspend {
      waitingForRoom.append($0)
      register($0)
    }
  }

  func waitUntilDurable(_ lsn: LSN) async throws {
    while volumeDurableLSN < lsn {
      try await process.suspend { waiting.append((lsn, $0)) }
    }
  }

  func read(_ page: PageNumber, at readPoint: LSN) async throws -> [UInt8] {
    precondition(readPoint <= volumeDurableLSN, "a read above the VDL")
    readCount += 1
    let jitter = Interval.nanoseconds(Int64(random.integer(below: 200_000)))
    try await process.sleep(for: readLatency + jitter)
    return image(of: page, at: readPoint)
  }

  /// The page as of an LSN.
  func image(of page: PageNumber, at lsn: LSN) -> [UInt8] {
    var image = images[page] ?? [UInt8](repeating: 0, count: Page.size)
    var done = image.withUnsafeBytes { Page.lsn(of: $0) }
    if done > lsn {
      image = [UInt8](repeating: 0, count: Page.size)
      done = .zero
    }
    for index in byPage[page] ?? [] where index + 1 > Int(done.value) && index < Int(lsn.value) {
      if index == lostRecord { continue }
      image.withUnsafeMutableBytes { image in
        log[index].edits.withUnsafeBytes { edits in
          do { try PageDelta.apply(edits, to: image) } catch { preconditionFailure("\(error)") }
        }
        Page.setLSN(LSN(UInt64(index + 1)), of: image)
      }
    }
    images[page] = image
    return image
  }

  /// The log up to and with a consistency point.
  func prefix(_ count: Int) -> [Record] { Array(log[..<count]) }

  /// Lengths of the log at which it may be cut.
  var consistencyPoints: [Int] {
    log.indices.filter { log[$0].isConsistencyPoint }.map { $0 + 1 }
  }
}
