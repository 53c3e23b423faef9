import Simulation

/// What a copy knows of the other five, and of its writer.
struct PeerState {
  /// The members of the group, and the others among them.
  let members: [Address]
  let addresses: [Address]
  /// The last record that is known to exist under the present history, from a peer's SCL or a read.
  private(set) var highestHeard = LSN.zero
  /// Records through here were known to exist at the last look, and so should be here by now; `nil`
  /// as long as nothing has been heard under the present history.
  private(set) var overdue: LSN?
  var lastPull = Instant.start
  /// Pages being copied from a peer that no longer has the records.
  var hydration: Hydration?
  /// Who sent the last accepted batch.
  private(set) var writer: (address: Address, epoch: VolumeEpoch)?

  init(group: Int, geometry: VolumeGeometry, self address: Address) {
    members = geometry.members[group]
    addresses = geometry.members[group].filter { $0 != address }
  }

  /// Notes who sent a batch that was accepted.
  ///
  /// - Returns: whether it is another one than the last time.
  mutating func noteWriter(_ address: Address, of epoch: VolumeEpoch) -> Bool {
    if let writer, writer.epoch == epoch, writer.address == address { return false }
    writer = (address, epoch)
    return true
  }

  mutating func noteHeard(_ lsn: LSN) { highestHeard = max(highestHeard, lsn) }

  /// Notes that records through `lsn` exist, and that nobody will send them unless asked.
  mutating func noteOverdue(_ lsn: LSN) {
    noteHeard(lsn)
    overdue = max(overdue ?? .zero, lsn)
  }

  /// Another history holds from now on.
  mutating func forgetWhatWasHeard() {
    (highestHeard, overdue, hydration) = (.zero, nil, nil)
  }
}

/// Filling holes: a copy asks one peer after another for what it lacks.
///
/// ```
///   pull: my history is of epoch e, my SCL is x, I lack what is above it through y ─▶
///                       ◀─ pull answer: my history, my SCL, my floor
///                       ◀─ run: records above x through y, in the form of a batch
/// ```
///
/// Batches overtake one another all the time, so a hole that has just come into being is not asked
/// about: only what was known to exist at one look and has not arrived by the next. What lies behind
/// the hole is here already, and is not asked for either.
extension StorageIncarnation {
  private static let shortestPullInterval = Interval.milliseconds(2)

  func scheduleTick() {
    let half = tuning.gossipInterval / 2
    process.schedule(
      after: node.random.interval(in: half...(half + tuning.gossipInterval)), self,
      token: Token.tick)
  }

  func tick() {
    for copy in segments.indices {
      let isBehind = isOverdue(copy)
      let patience = isBehind ? 1 : tuning.idleGossipRatio
      if peers[copy].lastPull + tuning.gossipInterval / 2 * patience <= process.now {
        pull(for: copy)
      }
      peers[copy].noteOverdue(max(peers[copy].highestHeard, segments[copy].highestHeld))
      attendHydration(of: copy)
    }
    attendRepairs()
    scrub()
    considerPass()
    scheduleTick()
  }

  /// Whether records are lacking that should have come by now.
  private func isOverdue(_ copy: Int) -> Bool {
    (peers[copy].overdue ?? .zero) > segments[copy].completeLSN
  }

  /// Asks a peer, drawn by lot, for what this copy lacks; not more often than makes sense. Asks all of them
  /// as long as the copy does not know what it promised.
  func pull(for copy: Int) {
    let now = process.now
    if process.has(VolumeDefect.neverGossips) { return }
    guard now >= peers[copy].lastPull + Self.shortestPullInterval else { return }
    guard segments[copy].knowsPromise(by: node.geometry.quorum) else {
      for peer in peers[copy].addresses { pull(for: copy, from: peer) }
      return
    }
    let peer = peers[copy].addresses[node.random.index(below: peers[copy].addresses.count)]
    pull(for: copy, from: peer)
  }

  func pull(for copy: Int, from peer: Address) {
    peers[copy].lastPull = process.now
    let pull = Pull(
      group: segments[copy].group, historyEpoch: segments[copy].history.epoch,
      segmentCompleteLSN: segments[copy].completeLSN,
      through: segments[copy].endOfHole(through: peers[copy].overdue ?? .zero),
      generation: generation, room: room)
    send(pull.encoded(), to: peer)
  }

  // MARK: The window

  /// Bytes that one of the copies which are being filled may ask for at once.
  ///
  /// Each of them has one answer on its way. All of them together are a node's window: so many bytes may come to it in
  /// one moment, and even if one peer sends them all, its socket has room for them.
  var room: Int {
    let askers = segments.indices.count { isOverdue($0) || peers[$0].hydration != nil }
    return tuning.answerWindow / max(1, askers)
  }

  var hydratingCount: Int { peers.count { $0.hydration != nil } }

  /// Page images that fit into the window.
  var mostImages: Int { max(1, (tuning.answerWindow - ImagesAnswer.headerSize) / Page.size) }

  func receivePull(_ datagram: Datagram) {
    let pull = datagram.payload.withUnsafeBytes { Message.isIntact($0) ? Pull($0) : nil }
    guard let pull, let copy = copy(of: pull.group) else { return }
    charge(tuning.processorTimePerBatch)
    let segment = segments[copy]
    if pull.historyEpoch > segment.history.epoch { self.pull(for: copy, from: datagram.source) }
    guard segment.remembers else { return }
    let answer = PullAnswer(
      group: segment.group, history: segment.history, promised: segment.promised,
      generation: pull.generation,
      segmentCompleteLSN: segment.completeLSN,
      floor: segment.floor, volumeDurableLSN: segment.volumeDurableLSN,
      minimumReadPoint: segment.minimumReadPoint)
    send(answer.encoded(), to: datagram.source)
    guard pull.historyEpoch == segment.history.epoch else { return }
    let run = segments[copy].run(
      above: pull.segmentCompleteLSN, through: pull.through,
      limit: min(pull.room, tuning.answerWindow, tuning.journalSize / 16))
    if let run { send(run, to: datagram.source) }
  }

  func receivePullAnswer(_ datagram: Datagram) {
    let answer = datagram.payload.withUnsafeBytes { Message.isIntact($0) ? PullAnswer($0) : nil }
    guard let answer, let copy = copy(of: answer.group) else { return }
    if answer.generation == generation,
      let member = peers[copy].members.firstIndex(of: datagram.source),
      segments[copy].hear(promise: answer.promised, from: member)
    {
      writeSuperblock()
    }
    if answer.history.epoch > segments[copy].history.epoch {
      guard adopt(answer.history, copy) else { return }
    }
    guard answer.history.epoch == segments[copy].history.epoch else { return }
    segments[copy].learn(
      volumeDurableLSN: answer.volumeDurableLSN, minimumReadPoint: answer.minimumReadPoint)
    if peers[copy].overdue == nil {
      // The first news after a start or a recovery: what the peer has was sent long ago.
      peers[copy].noteOverdue(answer.segmentCompleteLSN)
      if isOverdue(copy) { pull(for: copy, from: datagram.source) }
    } else {
      peers[copy].noteHeard(answer.segmentCompleteLSN)
    }
    if answer.floor > segments[copy].completeLSN { hydrate(copy, from: datagram.source) }
  }

  /// A peer has sent records: tell the writer once they are durable, and ask for more if need be.
  func runDidArrive(for copy: Int, from peer: Address) {
    if let writer = peers[copy].writer, writer.epoch == segments[copy].history.epoch {
      afterFlush(.acknowledge(copy: copy, epoch: writer.epoch, to: writer.address))
    } else {
      startFlush()
    }
    if isOverdue(copy) { pull(for: copy, from: peer) }
  }
}
