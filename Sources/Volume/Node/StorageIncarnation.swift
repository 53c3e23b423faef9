import Simulation

/// One run of a storage node's program: it performs what its segments and its journal ask for.
///
/// ```
///   batch ─▶ segment ─▶ journal (disk cache) ─▶ flush ─▶ acknowledge      the foreground
///                                                 │
///   pages ◀─ images ◀─ coalesce ◀─ ring           └─ one flush covers all that came meanwhile
///     └─▶ flush ─▶ superblock ─▶ flush ─▶ journal space is free           the background
/// ```
///
/// Whatever must be durable before something else happens waits in `waiting`; when a flush is done,
/// those that waited when it began go on. Nothing is ever acknowledged from memory alone.
///
/// Source: Verbitski et al., SIGMOD 2017, §3.3 and Figure 4.
final class StorageIncarnation {
  let node: StorageNode
  let process: Process
  var segments: [Segment] = []
  /// The place of each group's segment; negative for groups that are elsewhere.
  private(set) var indexOfGroup: [Int]
  var journal: Journal
  /// Bytes of the hot log that the writer may fill.
  ///
  /// Each copy here may lack what another node let the writer fill with records of the copy's group, and must be
  /// able to get that from peers although nothing can be collected: without a writer no consistency point moves,
  /// and no writer can open the volume before its groups are complete.
  let writersShare: Int
  var store: PageStore
  var images: ImageCache
  /// For each copy: what gossip has found out, and who writes.
  var peers: [PeerState] = []

  // What waits for the disk.
  private var waiting: [Deferred] = []
  private var flushing: [Deferred] = []
  private var isFlushing = false
  /// For each copy the SCL when the current flush began.
  private var flushedThrough: [LSN] = []
  private var superblockSequence: UInt64 = 0
  /// Of the disk; see ``Superblock/generation``.
  private(set) var generation: UInt64 = 0
  /// The place of the newest superblock known to be durable, and of the newest that was written.
  private var durableSuperblock = 0
  private var writtenSuperblock = 0
  /// The place of the newest superblock that the current flush is making durable.
  private var flushedSuperblock = 0
  /// The journal's head when the current flush began.
  private var flushedHead = 0
  var reads: [PendingRead?] = []
  var freeReads: [Int] = []
  var pass: BackgroundPass?
  /// Whether passes follow one another until little is left to coalesce.
  var isSweeping = false
  /// Pages being sent to peers, by the order in which they were asked for.
  var shipments = LookupTable<UInt64, Shipment>()
  var lastShipment: UInt64 = 0
  /// Damaged pages that peers have been asked for.
  var repairs: [Repair] = []
  /// How many of them have been asked for since they were last looked at.
  var askedRepairs = 0
  /// Where scrubbing goes on.
  var scrubbed = (copy: 0, next: PageNumber(0))
  /// What the database has ordered to fail.
  var faults: [ActiveSegmentFault] = []
  private var rebuild: NodeRebuild?
  private var hasRebuiltTwice = false

  /// What happens once everything written before it is durable.
  enum Deferred {
    case acknowledge(copy: Int, epoch: VolumeEpoch, to: Address)
    case answerClaim(copy: Int, epoch: VolumeEpoch, to: Address)
    case answerInstall(copy: Int, epoch: VolumeEpoch, to: Address)
    case finishImages
    case finishImport(copy: Int, [BackgroundPass.Image], ImagesAnswer)
    case settle(BackgroundPass.Image)
    case finishSuperblock(journalTail: Int, place: Int, sequence: UInt64)
  }

  enum Token {
    static let flush: UInt64 = 1
    static let flushed: UInt64 = 2
    static let rebuild: UInt64 = 3
    static let tick: UInt64 = 4
    static let rebuilt: UInt64 = 5
    static let faultEnded: UInt64 = 6
    /// The first token of disk reads.
    static let reads: UInt64 = 16
  }

  init(of node: StorageNode, in process: Process) {
    (self.node, self.process) = (node, process)
    let layout = DiskLayout(node.tuning)
    journal = Journal(start: layout.journalStart, size: layout.journalSize)
    writersShare = journal.size / (node.groups.count + 1)
    store = PageStore(start: layout.pagesStart)
    images = ImageCache(capacity: node.tuning.cachedImages)
    indexOfGroup = Array(repeating: -1, count: node.geometry.groupCount)
    for (index, group) in node.groups.enumerated() { indexOfGroup[group] = index }
    node.meters.rebuilds += 1
    process.onEnd { [node] in node.incarnation = nil }
    rebuild = NodeRebuild(groups: node.groups, of: node.geometry.groupCount, layout: layout)
    continueRebuild()
  }

  var tuning: StorageTuning { node.tuning }

  /// The place of a group's segment here, if there is one.
  func copy(of group: Int) -> Int? {
    guard group < indexOfGroup.count, indexOfGroup[group] >= 0 else { return nil }
    return indexOfGroup[group]
  }

  func send(_ bytes: [UInt8], to address: Address) {
    process.send(bytes, from: StorageNode.port, to: address)
  }

  // MARK: Starting

  private func continueRebuild() {
    guard let wanted = rebuild?.wanted else { return flushRebuilt() }
    node.disk.read(
      at: wanted.offset, count: wanted.count, for: process, self, token: Token.rebuild)
  }

  private func takeRebuildRead(_ outcome: DiskOutcome) {
    guard case .bytes(let bytes) = outcome else {
      node.meters.failedDiskOperations += 1
      process.probe(VolumeProbe.diskOperationFailed)
      process.schedule(after: tuning.diskRetryDelay, self, token: Token.rebuild)
      return
    }
    rebuild?.supply(bytes)
    continueRebuild()
  }

  /// What was read may be in the drive's cache only, if it was the program that crashed and not the host.
  private func flushRebuilt() {
    guard !process.has(VolumeDefect.forgetsFlush) else { return finishRebuild() }
    node.disk.flush(for: process, self, token: Token.rebuilt)
  }

  private func rebuiltDidFlush(_ outcome: DiskOutcome) {
    guard case .done = outcome else {
      node.meters.failedDiskOperations += 1
      process.schedule(after: tuning.diskRetryDelay, self, token: Token.rebuild)
      return
    }
    finishRebuild()
  }

  private func finishRebuild() {
    guard let rebuild else { return }
    if rebuild.isImpaired, !hasRebuiltTwice {
      // A read may have gone astray: much is at stake, so look again.
      hasRebuiltTwice = true
      self.rebuild = NodeRebuild(
        groups: node.groups, of: node.geometry.groupCount, layout: DiskLayout(tuning))
      return continueRebuild()
    }
    self.rebuild = nil
    segments = rebuild.segments
    journal = rebuild.journal
    store = rebuild.store
    node.meters.damagedImages += rebuild.damaged.count
    repairs = rebuild.damaged
    superblockSequence = rebuild.superblock.sequence
    generation = rebuild.superblock.generation
    durableSuperblock = rebuild.superblockPlace ?? 0
    if rebuild.isImpaired { replaceDisk() }
    (writtenSuperblock, flushedSuperblock) = (durableSuperblock, durableSuperblock)
    flushedThrough = segments.map(\.completeLSN)
    peers = segments.map { PeerState(group: $0.group, geometry: node.geometry, self: node.address) }
    process.bind(StorageNode.port, to: self)
    node.incarnation = self
    writeSuperblock()
    scheduleTick()
    for copy in segments.indices { pull(for: copy) }
  }

  /// Starts over on a blank or damaged disk: nothing of what is left on it is used.
  private func replaceDisk() {
    process.simulation.emit(StorageDiskLost(node: process.host.name))
    generation = UInt64(process.now.nanoseconds)
    let layout = DiskLayout(tuning)
    journal = Journal(start: layout.journalStart, size: layout.journalSize, generation: generation)
    if process.has(VolumeDefect.trustsBlankDisks) {
      for copy in segments.indices { segments[copy].refill = nil }
    }
  }

  // MARK: The disk

  /// Lets `action` happen when everything written so far is durable.
  func afterFlush(_ action: Deferred) {
    waiting.append(action)
    startFlush()
  }

  /// Makes what has been written durable, without anything to do afterwards.
  func startFlush() {
    guard !isFlushing else { return }
    isFlushing = true
    swap(&flushing, &waiting)
    flushedSuperblock = writtenSuperblock
    flushedHead = journal.head
    for write in store.changes(generation: generation) {
      node.disk.write(write.bytes, at: write.offset)
    }
    for copy in segments.indices { flushedThrough[copy] = segments[copy].completeLSN }
    issueFlush()
  }

  private func issueFlush() {
    node.meters.flushes += 1
    if process.has(VolumeDefect.forgetsFlush) {
      process.schedule(after: .microseconds(20), self, token: Token.flushed)
    } else {
      node.disk.flush(for: process, self, token: Token.flush)
    }
  }

  private func flushDidComplete(_ outcome: DiskOutcome) {
    guard case .done = outcome else {
      // Nothing is known to be durable: acknowledge nothing, try again.
      node.meters.failedDiskOperations += 1
      process.probe(VolumeProbe.diskOperationFailed)
      process.schedule(after: tuning.diskRetryDelay, self, token: Token.flush)
      return
    }
    if process.finishWork(telling: self, token: Token.flushed) { finishFlush() }
  }

  private func finishFlush() {
    for copy in segments.indices {
      segments[copy].noteDurable(through: flushedThrough[copy])
      if !segments[copy].remembers { considerRefilled(copy) }
    }
    isFlushing = false
    if !process.has(VolumeDefect.forgetsFlush) {
      journal.claims.durableHead = flushedHead
      store.noteDurable()
    }
    var done: [Deferred] = []
    swap(&done, &flushing)
    for index in done.indices { perform(done[index]) }
    // An action may have started the next flush, whose own actions are in `flushing` now.
    if flushing.isEmpty {
      // Most often there is one, and `removeAll(keepingCapacity:)` costs several times as much then.
      while done.popLast() != nil {}
      swap(&done, &flushing)
    }
    if !waiting.isEmpty { startFlush() }
    considerPass()
  }

  private func perform(_ action: Deferred) {
    switch action {
    case .acknowledge(let copy, let epoch, let address): acknowledge(copy, epoch, address)
    case .answerClaim(let copy, let epoch, let address): answerClaim(copy, epoch, address)
    case .answerInstall(let copy, let epoch, let address): answerInstall(copy, epoch, address)
    case .finishImages: finishImages()
    case .finishImport(let copy, let images, let answer): finishImport(copy, images, answer)
    case .settle(let image): settle(image)
    case .finishSuperblock(let journalTail, let place, let sequence):
      durableSuperblock = place
      if !process.has(VolumeDefect.forgetsFlush) { journal.claims.superblock = sequence }
      journal.free(upTo: journalTail)
      for range in journal.takeDiscardable() { node.disk.discard(range) }
    }
  }

  /// Writes what a restart must know; it counts once a flush has made it durable.
  func writeSuperblock() {
    superblockSequence += 1
    var superblock = Superblock()
    superblock.sequence = superblockSequence
    superblock.generation = generation
    superblock.journalTail = journal.releasableTail
    superblock.journalHead = journal.claims.durableHead
    superblock.directoryVersions = store.directories.map(\.durableVersion)
    superblock.copies = segments.map {
      Superblock.Copy(
        group: $0.group, promised: $0.promised, history: $0.history,
        volumeDurableLSN: $0.volumeDurableLSN, minimumReadPoint: $0.minimumReadPoint,
        floor: $0.floor, remembers: $0.remembers)
    }
    let place = (0..<Superblock.places).first {
      $0 != durableSuperblock && !(isFlushing && $0 == flushedSuperblock)
    }
    guard let place else { preconditionFailure("two of three places are in use at most") }
    writtenSuperblock = place
    for offset in Superblock.offsets(of: place) {
      node.disk.write(superblock.encoded(at: offset), at: offset)
    }
    afterFlush(
      .finishSuperblock(
        journalTail: journal.releasableTail, place: place, sequence: superblockSequence))
  }

  /// Lets a copy count again if it has got back what its disk had lost.
  func considerRefilled(_ copy: Int) {
    guard segments[copy].endRefill(node.geometry.quorum) else { return }
    process.simulation.emit(
      SegmentRefilled(
        group: segments[copy].group, node: process.host.name,
        durableLSN: segments[copy].durableLSN))
    writeSuperblock()
  }

  /// After an adopted history the SCL may have fallen: the flush under way must not raise it again.
  func limitFlush(of copy: Int) {
    flushedThrough[copy] = min(flushedThrough[copy], segments[copy].completeLSN)
  }

  // MARK: Redo

  /// Charges the host's processor for a message; answers wait for it.
  func charge(_ cost: Interval) {
    process.charge(cost)
  }

  /// Whether the hot log takes so many bytes of records, from the writer or of a peer's run.
  private func hasRoom(for count: Int, _ kind: MessageKind) -> Bool {
    (kind == .run || journal.used <= writersShare) && journal.hasRoom(for: count)
  }

  private var hotLogUse: HotLogUse {
    HotLogUse(used: UInt32(journal.used), share: UInt32(writersShare))
  }

  private func receiveRedo(_ datagram: Datagram, kind: MessageKind) {
    let bytes = datagram.payload
    let header = bytes.withUnsafeBytes {
      Message.isIntact($0) || process.has(VolumeDefect.trustsTheWire) ? BatchHeader($0) : nil
    }
    guard let header, let copy = copy(of: header.group) else { return }
    charge(
      tuning.processorTimePerBatch + tuning.processorTimePerRecord * header.recordCount)
    // A datagram may always be lost at the last moment.
    if process.buggify(VolumeFaultPoint.batchIsLost, chance: 0.01) { return }
    // A heartbeat takes no room, and tells what lets pages be made, which makes room.
    guard header.recordCount == 0 || hasRoom(for: bytes.count, kind) else {
      node.meters.refusedBatches += 1
      process.probe(VolumeProbe.batchRefused)
      considerPass()
      return
    }
    let missing = kind == .run ? segments[copy].countMissing(in: bytes) : 0
    let receipt: Segment.Receipt =
      if kind == .run {
        segments[copy].receiveRun(bytes, header)
      } else if segments[copy].knowsPromise(by: node.geometry.quorum) {
        segments[copy].receiveBatch(bytes, header)
      } else {
        .behind
      }
    switch receipt {
    case .accepted:
      if kind == .batch {
        node.meters.batches += 1
        node.meters.records += header.recordCount
      }
      node.meters.bytesLogged += bytes.count
      if let mark = journal.wrap(for: bytes.count) { node.disk.write(mark.bytes, at: mark.offset) }
      let placement = journal.append(bytes, of: copy, last: header.last)
      node.disk.write(placement.header, at: placement.headerOffset)
      node.disk.write(bytes, at: placement.batchOffset)
    case .known: break
    case .fenced:
      if kind == .batch {
        node.meters.fencedBatches += 1
        process.probe(VolumeProbe.staleEpochRefused)
      }
    case .behind: pull(for: copy)
    }
    if kind == .batch {
      answerBatch(receipt, copy, header, datagram.source)
    } else if receipt == .accepted || receipt == .known {
      node.meters.gossipRecords += missing
      if missing > 0 { process.probe(VolumeProbe.holeFilledByGossip) }
      node.meters.repeatedGossipRecords += header.recordCount - missing
      runDidArrive(for: copy, from: datagram.source)
    }
  }

  private func tellFirstWrite(of header: BatchHeader, from source: Address) {
    process.simulation.emit(
      FirstWriteAccepted(
        group: header.group, node: process.host.name, epoch: header.epoch,
        writer: process.simulation.hosts[source.host.index].name))
  }

  private func answerBatch(
    _ receipt: Segment.Receipt, _ copy: Int, _ header: BatchHeader, _ source: Address
  ) {
    switch receipt {
    case .accepted, .known:
      if peers[copy].noteWriter(source, of: header.epoch) {
        tellFirstWrite(of: header, from: source)
      }
      if header.recordCount == 0 { peers[copy].noteHeard(header.last) }
      let isDurable = segments[copy].durableLSN == segments[copy].completeLSN
      if receipt == .known, isDurable, !segments[copy].hasHole {
        acknowledge(copy, header.epoch, source)
      } else {
        afterFlush(.acknowledge(copy: copy, epoch: header.epoch, to: source))
      }
    case .fenced: refuse(.fenced, copy, header.epoch, source)
    case .behind: refuse(.behind, copy, header.epoch, source)
    }
  }

  private func acknowledge(_ copy: Int, _ epoch: VolumeEpoch, _ address: Address) {
    // Claimed for somebody else while the disk was busy: the claim's answer counts, not this one.
    let promised = segments[copy].promised
    if epoch < promised { return refuse(.fenced, copy, epoch, address) }
    var complete = segments[copy].durableLSN
    if process.has(VolumeDefect.acknowledgesPastHoles) {
      complete = max(complete, segments[copy].highestHeld)
    }
    let answer = Acknowledgement(
      status: segments[copy].asksForTarget ? .refilling : .complete, group: segments[copy].group,
      epoch: epoch, segmentCompleteLSN: complete, newestEpoch: promised, generation: generation,
      hotLog: hotLogUse)
    send(answer.encoded(), to: address)
  }

  private func refuse(
    _ status: Acknowledgement.Status, _ copy: Int, _ epoch: VolumeEpoch, _ address: Address
  ) {
    let answer = Acknowledgement(
      status: status, group: segments[copy].group, epoch: epoch,
      segmentCompleteLSN: segments[copy].durableLSN,
      newestEpoch: max(segments[copy].promised, segments[copy].history.epoch),
      generation: generation, hotLog: hotLogUse)
    send(answer.encoded(), to: address)
  }
}

extension StorageIncarnation: DatagramHandler {
  func receive(_ datagram: Datagram) {
    guard let kind = Message.kind(of: datagram.payload) else { return }
    if faults.isEmpty || passesFaults(datagram, kind) { take(datagram, kind) }
  }

  /// Takes in a message that no fault holds up.
  func take(_ datagram: Datagram, _ kind: MessageKind) {
    switch kind {
    case .batch, .run: receiveRedo(datagram, kind: kind)
    case .pageRequest: receivePageRequest(datagram)
    case .query, .claim: receiveClaim(datagram, kind: kind)
    case .install: receiveInstall(datagram)
    case .pull: receivePull(datagram)
    case .pullAnswer: receivePullAnswer(datagram)
    case .imagesRequest: receiveImagesRequest(datagram)
    case .imagesAnswer: receiveImagesAnswer(datagram)
    case .pageReply: receivePageReply(datagram)
    case .segmentFault: receiveFaultOrder(datagram)
    case .acknowledgement, .queryAnswer, .claimAnswer, .installAnswer, .segmentFaultAnswer: break
    }
  }
}

extension StorageIncarnation: DiskClient {
  func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome) {
    switch token {
    case Token.flush: flushDidComplete(outcome)
    case Token.rebuild: takeRebuildRead(outcome)
    case Token.rebuilt: rebuiltDidFlush(outcome)
    default: readDidComplete(Int(token - Token.reads), outcome)
    }
  }
}

extension StorageIncarnation: EventTarget {
  func fire(_ token: UInt64) {
    switch token {
    case Token.flush: issueFlush()
    case Token.flushed: finishFlush()
    case Token.rebuild: continueRebuild()
    case Token.faultEnded: endFaults()
    default: tick()
    }
  }
}
