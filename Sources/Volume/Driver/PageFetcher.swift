import Simulation

/// Reads pages from the copies of their groups: from the fastest one that is complete enough, and
/// from another when that takes too long, refuses or sends something damaged.
///
/// ```
///   choose a copy ─▶ ask ─┬─ image, intact ───────────────▶ done
///        ▲                ├─ refused, damaged ─▶ next copy
///        │                └─ overdue ─▶ next copy, and the first answer counts (hedging)
///        └── all six tried: wait a little, start again
/// ```
///
/// Latencies are followed per copy by a moving average in whole nanoseconds.
///
/// Source: Verbitski et al., SIGMOD 2018, §3.1.
final class PageFetcher {
  private struct CopyState {
    /// Moving average of the time to an answer; zero before the first.
    var latency: Int64 = 0
    var completeLSN = LSN.zero
    /// Whether `completeLSN` has ever been told.
    var isKnown = false

    mutating func note(completeThrough lsn: LSN) {
      completeLSN = max(completeLSN, lsn)
      isKnown = true
    }
  }

  private final class Operation {
    let page: PageNumber
    var token: WaitToken?
    var image: [UInt8]?
    /// Copies that were asked and have not answered, and when they were asked.
    var askedAt: [Instant?]
    var tried: [Bool]
    /// Answers that were of no use, since the last look.
    var failures = 0
    var tooOld = 0

    init(page: PageNumber, copies: Int) {
      self.page = page
      askedAt = Array(repeating: nil, count: copies)
      tried = Array(repeating: false, count: copies)
    }
  }

  private let process: Process
  private let geometry: VolumeGeometry
  private let tuning: VolumeTuning
  private let port: UInt16
  /// Carried by every request.
  var epoch: VolumeEpoch
  private var fencedBy: VolumeEpoch?
  private var copies: [[CopyState]]
  private var operations = LookupTable<UInt64, Operation>()
  private var lastID: UInt64 = 0
  /// Reads that have begun.
  var readCount: Int { Int(lastID) }
  /// Reads that have begun and not ended.
  var pendingReadCount: Int { operations.count }
  private let reads: Meter
  private let hedgedReads: Meter
  private let failedReads: Meter

  init(
    process: Process, geometry: VolumeGeometry, tuning: VolumeTuning, port: UInt16,
    epoch: VolumeEpoch
  ) {
    (self.process, self.geometry, self.tuning) = (process, geometry, tuning)
    (self.port, self.epoch) = (port, epoch)
    reads = process.meter(.readIOs)
    hedgedReads = process.meter(.hedgedReads)
    failedReads = process.meter(.failedReads)
    copies = geometry.members.map { Array(repeating: CopyState(), count: $0.count) }
  }

  /// Notes how complete a copy is.
  func note(completeThrough lsn: LSN, copy: Int, of group: Int) {
    copies[group][copy].note(completeThrough: lsn)
  }

  /// Lets every read fail from now on.
  func fence(by newer: VolumeEpoch) {
    fencedBy = newer
    for (_, operation) in operations.sortedByKey() { wake(operation) }
  }

  // MARK: Reading

  func read(
    _ page: PageNumber, at readPoint: LSN, requiredSCL: LSN
  ) async throws(VolumeError) -> [UInt8] {
    let group = geometry.group(of: page).index
    reads += 1
    lastID += 1
    let id = lastID
    let operation = Operation(page: page, copies: geometry.members[group].count)
    operations[id] = operation
    defer { operations.removeValue(forKey: id) }
    let ask = { [self] (copy: Int) in
      operation.tried[copy] = true
      operation.askedAt[copy] = process.now
      let request = PageRequest(
        group: group, epoch: epoch, id: id, page: page, readPoint: readPoint,
        requiredSCL: requiredSCL)
      process.send(request.encoded(), from: port, to: geometry.members[group][copy])
    }
    var isFirst = true
    while true {
      if let fencedBy { throw .fenced(by: fencedBy) }
      guard let copy = choose(in: group, requiredSCL, except: operation.tried) else {
        if operation.tooOld == operation.tried.count { throw .readPointTooOld(readPoint) }
        process.probe(VolumeProbe.noCopyCouldAnswer)
        try await wait(operation, until: process.now + tuning.readRetryDelay)
        if let image = operation.image { return image }
        for copy in operation.tried.indices { operation.tried[copy] = false }
        operation.tooOld = 0
        continue
      }
      if !isFirst, operation.failures == 0 {
        hedgedReads += 1
        process.probe(VolumeProbe.readHedged)
      }
      operation.failures = 0
      ask(copy)
      if isFirst, id % UInt64(tuning.probeRatio) == 0,
        let other = choose(in: group, requiredSCL, except: operation.tried, isProbe: true)
      {
        ask(other)
      }
      isFirst = false
      let patience =
        process.buggify(VolumeFaultPoint.readIsHedgedAtOnce)
        ? .zero : hedgeDelay(of: copy, in: group)
      try await wait(operation, until: process.now + patience)
      if let image = operation.image { return image }
      penalize(operation, group)
    }
  }

  private func wait(
    _ operation: Operation, until deadline: Instant
  ) async throws(VolumeError) {
    do {
      let timer = try await process.suspend(until: deadline) { operation.token = $0 }
      process.simulation.loop.cancel(timer)
      operation.token = nil
    } catch { throw .processEnded }
  }

  /// The copy with the lowest latency among those that are complete enough as far as known; others
  /// only when there is none, for what is known may be old.
  private func choose(
    in group: Int, _ requiredSCL: LSN, except tried: [Bool], isProbe: Bool = false
  ) -> Int? {
    var best: Int?
    var bestRank = Int64.max
    for (copy, state) in copies[group].enumerated() where !tried[copy] {
      let isComplete = !state.isKnown || state.completeLSN >= requiredSCL
      // A probe goes to the copy of which least is known to be good.
      let latency = isProbe ? Int64.max / 4 - state.latency : state.latency
      let rank = latency + (isComplete ? 0 : Int64.max / 2)
      if rank < bestRank { (best, bestRank) = (copy, rank) }
    }
    return best
  }

  private func hedgeDelay(of copy: Int, in group: Int) -> Interval {
    let usual = Interval.nanoseconds(copies[group][copy].latency) * tuning.hedgeRatio
    return min(max(usual, tuning.shortestHedgeDelay), tuning.longestHedgeDelay)
  }

  /// Copies that are overdue count as slow as they have been so far.
  private func penalize(_ operation: Operation, _ group: Int) {
    for (copy, asked) in operation.askedAt.enumerated() {
      guard let asked else { continue }
      let elapsed = (process.now - asked).nanoseconds
      copies[group][copy].latency = max(copies[group][copy].latency, elapsed)
    }
  }

  // MARK: Answers

  /// Takes in a reply.
  ///
  /// - Returns: the newer epoch, if a copy says that ours is over.
  func receive(_ datagram: Datagram) -> VolumeEpoch? {
    let bytes = datagram.payload
    let reply = bytes.withUnsafeBytes {
      Message.isIntact($0, upTo: min($0.count, PageReply.headerSize)) ? PageReply($0) : nil
    }
    guard let reply, reply.group < geometry.groupCount,
      let copy = geometry.members[reply.group].firstIndex(of: datagram.source)
    else { return nil }
    note(completeThrough: reply.segmentCompleteLSN, copy: copy, of: reply.group)
    guard let operation = operations[reply.id], operation.page == reply.page else {
      return reply.status == .fenced && reply.epoch > epoch ? reply.epoch : nil
    }
    if let asked = operation.askedAt[copy] {
      operation.askedAt[copy] = nil
      let sample = (process.now - asked).nanoseconds
      let before = copies[reply.group][copy].latency
      copies[reply.group][copy].latency =
        before == 0 ? sample : before + (sample - before) / 8
    }
    switch reply.status {
    case .image:
      let isIntact = bytes.withUnsafeBytes {
        Page.isIntact(
          UnsafeRawBufferPointer(rebasing: $0[PageReply.headerSize...]), as: reply.page)
      }
      if isIntact {
        operation.image = Array(bytes[PageReply.headerSize...])
      } else {
        operation.failures += 1
      }
    case .blank: operation.image = StorageIncarnation.blankPage
    case .tooOld:
      operation.tooOld += 1
      operation.failures += 1
    case .incomplete:
      // It may have lost what it had.
      copies[reply.group][copy].completeLSN = reply.segmentCompleteLSN
      operation.failures += 1
    case .behind, .failed: operation.failures += 1
    case .fenced:
      if reply.epoch > epoch { return reply.epoch }
    }
    if operation.image == nil { failedReads += 1 }
    wake(operation)
    return nil
  }

  private func wake(_ operation: Operation) {
    guard let token = operation.token else { return }
    operation.token = nil
    process.wake(token)
  }
}
