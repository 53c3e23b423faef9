import Simulation

/// What a copy knows of the other five, and of its writer.
struct PeerState {
  /// The other members of the group.
  let addresses: [Address]
  /// The highest SCL that a peer has told under the present history.
  var highestHeard = LSN.zero
  var lastPull = Instant.start
  /// Pages being copied from a peer that no longer has the records.
  var hydration: Hydration?
  /// Who sent the last accepted batch.
  var writer: (address: Address, epoch: VolumeEpoch)?

  init(group: Int, geometry: VolumeGeometry, self address: Address) {
    addresses = geometry.members[group].filter { $0 != address }
  }
}

/// Filling holes: a copy asks one peer after another for what it lacks.
///
/// ```
///   pull: my history is of epoch e, my SCL is x ─▶
///                       ◀─ pull answer: my history, my SCL, my floor
///                       ◀─ run: records above x, in the form of a batch
/// ```
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
      let isBehind = segments[copy].hasHole || peers[copy].highestHeard > segments[copy].completeLSN
      let patience = isBehind ? 1 : tuning.idleGossipRatio
      if peers[copy].lastPull + tuning.gossipInterval / 2 * patience <= process.now {
        pull(for: copy)
      }
      giveUpHydration(of: copy)
    }
    considerPass()
    scheduleTick()
  }

  /// Asks a peer, drawn by lot, for what this copy lacks; not more often than makes sense.
  func pull(for copy: Int) {
    let now = process.now
    guard now >= peers[copy].lastPull + Self.shortestPullInterval else { return }
    let peer = peers[copy].addresses[node.random.index(below: peers[copy].addresses.count)]
    pull(for: copy, from: peer)
  }

  func pull(for copy: Int, from peer: Address) {
    peers[copy].lastPull = process.now
    let segment = segments[copy]
    let pull = Pull(
      group: segment.group, historyEpoch: segment.history.epoch,
      segmentCompleteLSN: segment.completeLSN)
    send(pull.encoded(), to: peer)
  }

  func receivePull(_ datagram: Datagram) {
    let pull = datagram.payload.withUnsafeBytes { Message.isIntact($0) ? Pull($0) : nil }
    guard let pull, let copy = copy(of: pull.group) else { return }
    charge(tuning.processorTimePerBatch)
    let segment = segments[copy]
    if pull.historyEpoch > segment.history.epoch {
      self.pull(for: copy, from: datagram.source)
      return
    }
    let answer = PullAnswer(
      group: segment.group, history: segment.history, segmentCompleteLSN: segment.completeLSN,
      floor: segment.floor, volumeDurableLSN: segment.volumeDurableLSN,
      minimumReadPoint: segment.minimumReadPoint)
    send(answer.encoded(), to: datagram.source)
    guard pull.historyEpoch == segment.history.epoch else { return }
    if let run = segments[copy].run(above: pull.segmentCompleteLSN, limit: tuning.runSize) {
      send(run, to: datagram.source)
    }
  }

  func receivePullAnswer(_ datagram: Datagram) {
    let answer = datagram.payload.withUnsafeBytes { Message.isIntact($0) ? PullAnswer($0) : nil }
    guard let answer, let copy = copy(of: answer.group) else { return }
    if answer.history.epoch > segments[copy].history.epoch {
      guard adopt(answer.history, copy) else { return }
      pull(for: copy, from: datagram.source)
      return
    }
    guard answer.history.epoch == segments[copy].history.epoch else { return }
    segments[copy].learn(
      volumeDurableLSN: answer.volumeDurableLSN, minimumReadPoint: answer.minimumReadPoint)
    peers[copy].highestHeard = max(peers[copy].highestHeard, answer.segmentCompleteLSN)
    if answer.floor > segments[copy].completeLSN { hydrate(copy, from: datagram.source) }
  }

  /// A peer has sent records: tell the writer once they are durable, and ask for more if need be.
  func runDidArrive(for copy: Int, from peer: Address) {
    if let writer = peers[copy].writer, writer.epoch == segments[copy].history.epoch {
      afterFlush(.acknowledge(copy: copy, epoch: writer.epoch, to: writer.address))
    } else {
      startFlush()
    }
    if peers[copy].highestHeard > segments[copy].completeLSN { pull(for: copy, from: peer) }
  }
}
