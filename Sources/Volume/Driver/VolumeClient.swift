import DequeModule
public import Simulation

/// The driver of a volume in its writer's process: the log goes out, pages come in.
///
/// ```
///   append(mtr) ─▶ LSNs ─▶ one buffer per group ─▶ six copies each
///                                                      │ acknowledgements with SCLs
///   waitUntilDurable(lsn) ◀─ VDL ◀─ VCL ◀─ PGCL ◀──────┘
///   waitForRoom ◀─ LogFlow ◀──┘
/// ```
///
/// Whoever appends asks ``isCrowded`` or ``isFull`` first, and waits if there is much that is not durable yet: a
/// large statement goes at the volume's pace, and what waits in memory here stays bounded.
///
/// Nothing here is durable but what the copies hold: a driver that is lost loses nothing, and its
/// successor finds the end of the log by asking the copies (``VolumeRecovery``).
///
/// Source: Verbitski et al., SIGMOD 2017, §4.1 and §4.2; SIGMOD 2018, §2.
public final class VolumeClient {
  public let process: Process
  public let geometry: VolumeGeometry
  public let tuning: VolumeTuning
  public let epoch: VolumeEpoch
  let meters: DriverMeters

  /// Called with the LSNs and the encoded bytes of each mini-transaction, as it is appended.
  public var onAppend: ((ClosedRange<LSN>, [UInt8]) -> Void)?
  /// Called with the new durable LSN whenever it advances, before waiting tasks wake.
  public var onDurable: ((LSN) -> Void)?
  /// Called once, when another opener turns out to have taken over.
  public var onFenced: ((VolumeEpoch) -> Void)?

  /// No read on any instance is or will be issued at a lower read point (PGMRPL): the copies may
  /// make pages up to here, and forget older versions. Who owns the read views sets it, and never
  /// back. While it stays at zero, the hot logs only fill.
  public var minimumReadPoint = LSN.zero

  public private(set) var isFenced = false
  private var isHalted = false
  private(set) var fencedBy = VolumeEpoch.none
  /// The last LSN that was allocated, or the end of the range that recovery annulled.
  public private(set) var lastLSN: LSN

  let port: UInt16
  var groups: [GroupDriver]
  /// Where a mini-transaction is encoded.
  private var encoding = GatheringBuffer(capacity: 4096)
  private(set) var durability: DurabilityTracker
  private var consistency: ConsistencyTracker
  let fetcher: PageFetcher
  /// What the copies that have not installed our history yet are sent.
  let recovery: VolumeRecovery
  /// The LSN above which this driver began.
  let start: LSN
  var flow: LogFlow
  private var waiting = Deque<(lsn: LSN, token: WaitToken)>()
  private(set) var waitingForRoom: [(token: WaitToken, isLarge: Bool)] = []
  var isRetransmissionScheduled = false
  var isPumpScheduled = false
  var heartbeats = 0

  enum Token {
    static let retransmit: UInt64 = 1 << 32
    static let heartbeat: UInt64 = 2 << 32
    static let pump: UInt64 = 3 << 32
  }

  /// Takes over a volume that recovery has opened; see ``open(process:geometry:opener:tuning:)``.
  init(
    process: Process, geometry: VolumeGeometry, tuning: VolumeTuning,
    port: UInt16, recovery: VolumeRecovery
  ) {
    (self.process, self.geometry, self.tuning) = (process, geometry, tuning)
    (self.port, self.recovery) = (port, recovery)
    meters = DriverMeters(of: process)
    let outcome = recovery.outcome
    epoch = recovery.epoch
    start = outcome.start
    lastLSN = outcome.start
    groups = outcome.tails.map { GroupDriver(tail: $0) }
    flow = LogFlow(geometry)
    groupTails = outcome.tails
    durability = DurabilityTracker(
      quorum: geometry.quorum, tails: outcome.tails, completeThrough: outcome.volumeDurableLSN,
      startingAfter: outcome.start)
    consistency = ConsistencyTracker(durableThrough: outcome.volumeDurableLSN)
    fetcher = PageFetcher(
      process: process, geometry: geometry, tuning: tuning, port: port, epoch: recovery.epoch)
    for group in outcome.tails.indices {
      groups[group].generations = recovery.generations[group]
      for copy in 0..<geometry.quorum.copies {
        let lsn = recovery.completeLSN(of: copy, in: group)
        durability.acknowledge(completeThrough: lsn, from: copy, of: group)
        fetcher.note(completeThrough: lsn, copy: copy, of: group)
      }
    }
    process.schedule(after: tuning.heartbeatInterval, self, token: Token.heartbeat)
  }

  // MARK: The log

  /// The highest LSN at or below which everything has met its write quorum (VCL).
  public var volumeCompleteLSN: LSN { durability.volumeCompleteLSN }

  /// The last consistency point at or below the VCL (VDL): what commits wait for.
  public var volumeDurableLSN: LSN {
    process.has(VolumeDefect.acknowledgesBeforeDurable)
      ? max(lastLSN, trueDurableLSN) : trueDurableLSN
  }

  var trueDurableLSN: LSN { consistency.volumeDurableLSN }

  /// How many records may be appended before the allocation limit is reached.
  public var allocationHeadroom: Int {
    Int(max(trueDurableLSN, start).value + tuning.allocationLimit - lastLSN.value)
  }

  /// Whether a transaction that appends much should wait (``waitForRoom(isLarge:_:)``) before it goes on.
  public var isCrowded: Bool {
    flow.isCrowded || allocationHeadroom < Int(tuning.allocationLimit / 2) || isFenced
  }

  /// Whether every transaction should wait before it appends more.
  public var isFull: Bool {
    flow.isFull || allocationHeadroom < Int(tuning.allocationLimit / 4) || isFenced
  }

  /// Appends a mini-transaction to the log: its record `i` gets the LSN `lowerBound + i`.
  ///
  /// Returns at once; the records are on their way as soon as somebody waits for them, or a little
  /// later (see ``VolumeTuning/longestStay``). The mini-transaction as a whole is durable when the
  /// VDL reaches the upper bound.
  ///
  /// - Precondition: it is not empty, and within ``allocationHeadroom``.
  public func append(_ transaction: borrowing MiniTransaction) -> ClosedRange<LSN> {
    let count = transaction.recordCount
    precondition(count > 0, "an empty mini-transaction was appended")
    precondition(count <= allocationHeadroom, "no LSN may be above VDL + \(tuning.allocationLimit)")
    let first = lastLSN.next
    let last = LSN(lastLSN.value + UInt64(count))
    guard process.isAlive, !isFenced else {
      // Nobody will ever see it: whoever waits for it is told so.
      lastLSN = last
      return first...last
    }
    let encoded = encode(transaction, from: first)
    lastLSN = last
    consistency.note(last)
    flow.noteAppended(encoded.count)
    meters.miniTransactions += 1
    meters.records += count
    onAppend?(first...last, encoded)
    if process.has(VolumeDefect.acknowledgesBeforeDurable) { durableLSNDidAdvance() }
    return first...last
  }

  /// Encodes the records, and hands each to its group.
  private func encode(_ transaction: borrowing MiniTransaction, from first: LSN) -> [UInt8] {
    let count = transaction.recordCount
    encoding.removeAll()
    for index in 0..<count {
      let record = transaction.records[index]
      let edits = record.start..<transaction.end(of: index)
      let group = geometry.group(of: record.page).index
      let lsn = LSN(first.value + UInt64(index))
      var isFirst = false
      encoding.append(LogRecord.headerSize + edits.count) { target in
        transaction.edits.withUnsafeBytes {
          LogRecord.encode(
            lsn: lsn, previousInGroup: groups[group].tail, previousOfPage: record.previousOfPage,
            page: record.page, isConsistencyPoint: index == count - 1,
            edits: UnsafeRawBufferPointer(rebasing: $0[edits]), into: target)
        }
        isFirst = groups[group].append(UnsafeRawBufferPointer(target), lsn: lsn)
      }
      durability.note(lsn, in: group, startsPiece: isFirst)
      if isFirst { submit(group, after: tuning.longestStay) }
    }
    let largestBatch = flow.largestBatch(of: tuning)
    for group in groups.indices {
      groups[group].noteConsistencyPoint()
      if groups[group].size >= largestBatch
        || process.buggify(VolumeFaultPoint.batchLeavesEarly)
      {
        submit(group)
      }
    }
    return encoding.copy()
  }

  // MARK: Durability

  private func receiveAcknowledgement(_ datagram: Datagram) {
    let answer = datagram.payload.withUnsafeBytes {
      Message.isIntact($0) ? Acknowledgement($0) : nil
    }
    guard let answer, answer.epoch == epoch, answer.group < groups.count else { return }
    guard let copy = geometry.members[answer.group].firstIndex(of: datagram.source) else { return }
    guard answer.generation >= groups[answer.group].generations[copy] else { return }
    if answer.generation > groups[answer.group].generations[copy] {
      // The disk was replaced: what the one before acknowledged does not count any more.
      groups[answer.group].generations[copy] = answer.generation
      durability.forget(copy, of: answer.group)
    }
    flow.note(answer.hotLog, copy: copy, of: answer.group)
    switch answer.status {
    case .complete: acknowledge(completeThrough: answer.segmentCompleteLSN, copy, answer.group)
    case .fenced where process.has(VolumeDefect.ignoresFence):
      acknowledge(completeThrough: groups[answer.group].sentTail, copy, answer.group)
    case .fenced: fence(by: answer.newestEpoch)
    case .behind: install(copy, answer.group)
    case .refilling:
      acknowledge(completeThrough: answer.segmentCompleteLSN, copy, answer.group)
      install(copy, answer.group)
    }
    if !waitingForRoom.isEmpty { wakeWhoHasRoom() }
  }

  /// Tells a copy the history, and what is durable in its group.
  private func install(_ copy: Int, _ group: Int) {
    let message = RecoveryMessages.install(
      recovery.outcome.history, group: group,
      tail: durability.protectionGroupCompleteLSN(of: group),
      generation: groups[group].generations[copy])
    send(message, to: geometry.members[group][copy])
  }

  private func acknowledge(completeThrough lsn: LSN, _ copy: Int, _ group: Int) {
    fetcher.note(completeThrough: lsn, copy: copy, of: group)
    guard durability.acknowledge(completeThrough: lsn, from: copy, of: group) else { return }
    groups[group].forgetBatches(through: durability.protectionGroupCompleteLSN(of: group))
    if consistency.advance(to: durability.volumeCompleteLSN) { durableLSNDidAdvance() }
    if !flow.queue.isEmpty { pump() }
  }

  private func durableLSNDidAdvance() {
    let durable = volumeDurableLSN
    flow.noteDurable(trueDurableLSN)
    for group in groups.indices {
      groups[group].noteDurable(trueDurableLSN)
      groupTails[group] = groups[group].durableTail
    }
    onDurable?(durable)
    while let first = waiting.first, first.lsn <= durable {
      waiting.removeFirst()
      process.wake(first.token)
    }
  }

  /// Wakes those for whom there is room again, in the order in which they came.
  private func wakeWhoHasRoom() {
    let (isCrowded, isFull) = (isCrowded, isFull)
    waitingForRoom.removeAll { waiter in
      if waiter.isLarge ? isCrowded : isFull { return false }
      process.wake(waiter.token)
      return true
    }
  }

  /// Waits until everything up to `lsn` is durable; those that wait are woken in order of LSNs.
  ///
  /// - Throws: ``VolumeError/fenced(by:)`` if another opener took over first;
  ///   ``VolumeError/processEnded`` if the process ends.
  public func waitUntilDurable(_ lsn: LSN) async throws(VolumeError) {
    if volumeDurableLSN < lsn { hasten() }
    while volumeDurableLSN < lsn {
      if isFenced { throw .fenced(by: fencedBy) }
      do {
        try await process.suspend { token in
          var index = waiting.count
          while index > 0, waiting[index - 1].lsn > lsn { index -= 1 }
          waiting.insert((lsn, token), at: index)
        }
      } catch { throw .processEnded }
    }
  }

  /// Waits until there may be room again, or until somebody else wakes the task; look again afterwards.
  ///
  /// Only the VDL is waited for, and it waits for nobody: no lock or page that a waiter holds can be in its way.
  ///
  /// - Parameters:
  ///   - isLarge: whether the transaction has appended much, and waits while the volume ``isCrowded``; others wait while
  ///     it ``isFull``.
  ///   - register: is given what wakes the task earlier.
  /// - Throws: ``VolumeError/fenced(by:)`` if another opener took over;
  ///   ``VolumeError/processEnded`` if the process ends.
  public func waitForRoom(
    isLarge: Bool, _ register: (WaitToken) -> Void
  ) async throws(VolumeError) {
    if isFenced { throw .fenced(by: fencedBy) }
    process.probe(VolumeProbe.writerWaitedForRoom)
    hasten()
    do {
      try await process.suspend { token in
        waitingForRoom.append((token, isLarge))
        register(token)
      }
    } catch { throw .processEnded }
  }

  /// Stops for good, as when the component that speaks for the engine has crashed: nothing is sent or
  /// taken in any more, and nobody is told.
  public func halt() {
    isHalted = true
    process.unbind(port)
  }

  private func fence(by newer: VolumeEpoch) {
    guard !isFenced, newer > epoch, !process.has(VolumeDefect.ignoresFence) else { return }
    isFenced = true
    fencedBy = newer
    process.probe(VolumeProbe.writerFenced)
    fetcher.fence(by: newer)
    process.simulation.emit(WriterFenced(host: process.host.name, epoch: epoch, newer: newer))
    onFenced?(newer)
    for waiter in waiting { process.wake(waiter.token) }
    waiting.removeAll()
    for waiter in waitingForRoom { process.wake(waiter.token) }
    waitingForRoom.removeAll()
  }

  // MARK: Pages

  /// The last record of each group at or below the durable LSN: how complete a copy must be to show
  /// pages as of that LSN.
  public private(set) var groupTails: [LSN]

  /// As ``groupTails``; what is required for the durable LSN is enough for older read points too.
  ///
  /// - Precondition: `readPoint` is not above the durable LSN.
  public func groupTails(at readPoint: LSN) -> [LSN] {
    precondition(readPoint <= volumeDurableLSN, "read point \(readPoint) is not durable")
    return groupTails
  }

  /// Reads a page as it was at a read point; a page that nobody has written is all zero.
  ///
  /// Waits until some copy answers, however long that takes.
  ///
  /// - Returns: ``Page/size`` bytes, checked; their LSN is at or below the read point.
  public func read(
    _ page: PageNumber, at readPoint: LSN
  ) async throws(VolumeError) -> [UInt8] {
    let required = groups[geometry.group(of: page).index].durableTail
    return try await fetcher.read(page, at: readPoint, requiredSCL: required)
  }

}

extension VolumeClient: EventTarget {
  public func fire(_ token: UInt64) {
    if isHalted { return }
    switch token {
    case Token.retransmit: retransmit()
    case Token.heartbeat: beat()
    case Token.pump: pumpIsDue()
    default: submit(Int(token))
    }
  }
}

extension VolumeClient: DatagramHandler {
  public func receive(_ datagram: Datagram) {
    switch Message.kind(of: datagram.payload) {
    case .acknowledgement: receiveAcknowledgement(datagram)
    case .pageReply:
      if let newer = fetcher.receive(datagram) { fence(by: newer) }
    default: break
    }
  }
}
