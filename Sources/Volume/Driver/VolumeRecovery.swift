import Simulation

/// Opens a volume: finds where the log ends, fences who wrote before, and cuts the ragged edge.
///
/// ```
///   query ──▶ claim ──▶ install ──▶ done
///     │         │          │
///     │         │          └ a write quorum of every group has the new history on disk, and every
///     │         │            record up to the group's tail
///     │         └ a write quorum of every group has promised on disk to refuse older writers, and
///     │           only then told what it holds: from here on nothing older can become durable
///     └ a read quorum of every group told the epoch promised so far: ours is one more
/// ```
///
/// Claims come before the reading of state, not after: were the state read first, a writer that is
/// still alive could commit between the answer and the fence, and the cut would lose that commit.
/// Any write quorum meets any read quorum, so a record that was ever durable is in some answer, and a
/// record that is in none never was.
///
/// A promise is a write, and needs a write quorum: of three that had promised, one could lose its disk, come
/// back, and let the old writer have its fourth acknowledgement. Three of those that promise must remember
/// what they acknowledged; one that does not, since its disk was lost, is not counted when the end of the log is
/// looked for (see ``Refill``). Opening takes no more copies than before, as the installation needs a write
/// quorum anyway.
///
/// Two openers at once: a copy installs only what is of the newest epoch that it has promised, so at
/// most one of them reaches a write quorum; the other is refused and gives up.
///
/// Source: Verbitski et al., SIGMOD 2017, §4.3, and SIGMOD 2018, §2.4. We differ: the epoch is kept by
/// the storage nodes alone, not by a metadata service, and is claimed before the log is examined.
struct VolumeRecovery {
  enum Phase: Equatable { case query, claim, install, done }

  /// A message for one copy of one group.
  struct Request {
    let group: Int
    let copy: Int
    let bytes: [UInt8]
  }

  /// Where the log ends, as found.
  struct Outcome: Equatable {
    var history = TruncationHistory()
    var volumeDurableLSN = LSN.zero
    /// The last record of each group at or below the durable LSN.
    var tails: [LSN] = []
    /// Records that were found above the durable LSN, and are annulled.
    var truncatedRecords = 0

    /// The LSN before the first that the new writer allocates.
    var start: LSN { max(volumeDurableLSN, history.upper) }
  }

  private(set) var phase = Phase.query
  private(set) var outcome = Outcome()
  private(set) var epoch: VolumeEpoch
  private let quorum: Quorum
  private let groupCount: Int
  private let allocationLimit: UInt64
  /// For each group and copy, in the present phase.
  private var answered: [[Bool]]
  private var states: [[CopyState?]]
  private var completeLSNs: [[LSN]]
  /// Which copies have promised themselves to our epoch, in whichever phase.
  private var promised: [[Bool]]
  /// Of the disk of each copy, as far as it has told.
  private(set) var generations: [[UInt64]]

  init(quorum: Quorum, groupCount: Int, opener: UInt32, allocationLimit: UInt64) {
    (self.quorum, self.groupCount) = (quorum, groupCount)
    self.allocationLimit = allocationLimit
    epoch = VolumeEpoch(number: 0, opener: opener)
    answered = Self.table(groupCount, quorum, false)
    states = Self.table(groupCount, quorum, nil)
    completeLSNs = Self.table(groupCount, quorum, .zero)
    promised = Self.table(groupCount, quorum, false)
    generations = Self.table(groupCount, quorum, 0)
  }

  private static func table<Value>(_ groups: Int, _ quorum: Quorum, _ value: Value) -> [[Value]] {
    Array(repeating: Array(repeating: value, count: quorum.copies), count: groups)
  }

  /// Whether the epoch holds: a write quorum of every group has promised to refuse older writers. It does
  /// before the log has been cut, so that fencing and recovery can be told apart.
  var isInForce: Bool { promised.allSatisfy { copies in copies.count { $0 } >= quorum.write } }

  /// The SCL that a copy has told since it installed the new history; zero if it has not yet.
  func completeLSN(of copy: Int, in group: Int) -> LSN { completeLSNs[group][copy] }

  /// What to send now to those that have not answered, or have not caught up.
  func requests() -> [Request] {
    var requests: [Request] = []
    for group in 0..<groupCount {
      for copy in 0..<quorum.copies where !isSettled(copy, in: group) {
        requests.append(Request(group: group, copy: copy, bytes: message(for: copy, in: group)))
      }
    }
    return requests
  }

  private func message(for copy: Int, in group: Int) -> [UInt8] {
    switch phase {
    case .query: RecoveryMessages.request(.query, group: group, epoch: epoch)
    case .claim: RecoveryMessages.request(.claim, group: group, epoch: epoch)
    case .install, .done:
      RecoveryMessages.install(
        outcome.history, group: group, tail: outcome.tails[group],
        generation: generations[group][copy])
    }
  }

  private func isSettled(_ copy: Int, in group: Int) -> Bool {
    guard answered[group][copy] else { return false }
    return phase != .install || completeLSNs[group][copy] >= outcome.tails[group]
  }

  /// Takes in an answer.
  ///
  /// - Returns: whether there is something else to send now.
  /// - Throws: ``VolumeError/fenced(by:)`` if a copy has promised itself to a newer epoch.
  mutating func receive(_ bytes: [UInt8], from copy: Int) throws(VolumeError) -> Bool {
    let before = (phase, epoch)
    let refusal = bytes.withUnsafeBytes { take($0, from: copy) }
    if let refusal { throw .fenced(by: refusal) }
    if phase != .done, (0..<groupCount).allSatisfy(hasQuorum) { advance() }
    return (phase, epoch) != before
  }

  /// - Returns: the newer epoch, if the message is a refusal.
  private mutating func take(_ bytes: UnsafeRawBufferPointer, from copy: Int) -> VolumeEpoch? {
    guard Message.isIntact(bytes), let kind = MessageKind(rawValue: bytes[0]) else { return nil }
    let group = Message.group(of: bytes)
    guard group < groupCount, Message.epoch(of: bytes) == epoch else { return nil }
    var reader = ByteReader(bytes, at: Message.headerSize)
    do {
      let newest = try reader.readEpoch()
      switch (phase, kind) {
      case (.query, .queryAnswer):
        seen = max(seen, newest.number)
      case (.claim, .claimAnswer):
        if bytes[1] != 0 { return newest }
        let state = try CopyState(from: &reader)
        promised[group][copy] = true
        generations[group][copy] = state.generation
        // One that does not remember yet is asked again: it may by then.
        guard state.remembers else { return nil }
        states[group][copy] = state
      case (.install, .claimAnswer):
        // Too late to be examined, but a promise all the same.
        if bytes[1] == 0 { promised[group][copy] = true }
        return nil
      case (.install, .installAnswer), (.done, .installAnswer):
        if bytes[1] != 0 { return newest }
        promised[group][copy] = true
        completeLSNs[group][copy] = max(completeLSNs[group][copy], try reader.readLSN())
      default: return nil
      }
      answered[group][copy] = true
    } catch {
      // Cut short although its checksum is right: no answer.
    }
    return nil
  }

  /// The highest epoch number that any copy has promised itself to.
  private var seen: UInt32 = 0

  private func hasQuorum(_ group: Int) -> Bool {
    let settled = (0..<quorum.copies).count { isSettled($0, in: group) }
    return switch phase {
    case .query: settled >= quorum.read
    case .claim: settled >= quorum.read && promised[group].count { $0 } >= quorum.write
    case .install, .done: settled >= quorum.write
    }
  }

  private mutating func advance() {
    switch phase {
    case .query:
      epoch = VolumeEpoch(number: seen + 1, opener: epoch.opener)
      phase = .claim
    case .claim:
      // Somebody got through with our number after the query: take the next one.
      let installed = states.joined().compactMap { $0?.history.epoch.number }.max() ?? 0
      if installed >= epoch.number {
        epoch = VolumeEpoch(number: installed + 1, opener: epoch.opener)
        states = Self.table(groupCount, quorum, nil)
        promised = Self.table(groupCount, quorum, false)
        break
      }
      outcome = Self.examine(states, epoch: epoch, allocationLimit: allocationLimit)
      phase = .install
    case .install, .done:
      phase = .done
      return
    }
    answered = Self.table(groupCount, quorum, false)
  }

  // MARK: Examining

  /// Computes from what the copies hold where the log ends.
  ///
  /// A log record is there if some copy that answered is complete up to it. The VCL is reached by
  /// walking record by record from what is durable for certain; the VDL is the last consistency
  /// point on that walk.
  static func examine(
    _ states: [[CopyState?]], epoch: VolumeEpoch, allocationLimit: UInt64
  ) -> Outcome {
    var history = TruncationHistory()
    var durable = LSN.zero
    for state in states.joined().compactMap(\.self) {
      if state.history.epoch > history.epoch { history = state.history }
      durable = max(durable, state.volumeDurableLSN)
    }
    var records: [CopyState.Entry] = []
    for group in states {
      records += available(in: group, under: history).filter { $0.lsn > durable }
    }
    records.sort { $0.lsn < $1.lsn }

    var outcome = Outcome()
    var expected = history.successor(of: durable)
    for record in records {
      guard record.lsn == expected else { break }
      expected = history.successor(of: record.lsn)
      if record.isConsistencyPoint { durable = record.lsn }
    }
    outcome.volumeDurableLSN = durable
    outcome.truncatedRecords = records.count { $0.lsn > durable }
    outcome.tails = states.map { group in
      let last = group.compactMap { $0?.lastDurableRecord }.max() ?? .zero
      let found = available(in: group, under: history).last { $0.lsn <= durable }
      return max(last, found?.lsn ?? .zero)
    }
    // Nobody has ever opened the volume: there is nothing that could turn up later.
    let isNew = history.epoch == .none && durable == .zero
    outcome.history =
      isNew
      ? TruncationHistory(epoch: epoch)
      : history.truncating(above: durable, allocationLimit: allocationLimit, epoch: epoch)
    return outcome
  }

  /// The records that one group's copies have without holes, in order, each once.
  private static func available(
    in group: [CopyState?], under history: TruncationHistory
  ) -> [CopyState.Entry] {
    var records: [CopyState.Entry] = []
    for state in group.compactMap(\.self) {
      // A copy that goes by an older history is worth what that shares with the newest one.
      let shared = history.divergence(from: state.history)
      records += state.entries.filter { $0.lsn <= state.segmentCompleteLSN && $0.lsn <= shared }
    }
    records.sort { $0.lsn < $1.lsn }
    var unique: [CopyState.Entry] = []
    for record in records where unique.last?.lsn != record.lsn { unique.append(record) }
    return unique
  }
}
