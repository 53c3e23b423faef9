public import Simulation

/// Replaces a writer that is gone: the mind of a failover.
///
/// ```
///   watching ── writer suspected, or an operator asks ──▶ elect
///      ▲                                                   │    │ nobody
///      │                                       candidate   │    ▼
///      │                                                   │  waiting ── somebody is there ──▶ elect
///      │                                                   │    │ the writer is back: same term
///      │                                                   ▼    └──────────────────────┐
///      │                                    recording: the term must outlive us        │
///      │                                                   │ durable                   │
///      │                  too late, or gone ── promoting ◀─┘                           │
///      │                         │                 │ open as writer of this term       │
///      │                         ▼                 ▼                                   │
///      │             elect another reader,     publishing ◀────────────────────────────┘
///      │             the old writer last
///      └──────────── name servers have it ─────────┘
/// ```
///
/// What it may trust: heartbeats, and what it has made durable. It never learns whether the old writer is
/// really dead, and need not: the new writer's opening of the volume fences whoever wrote before. So two
/// instances may believe themselves the writer for a while, but only one can commit, and the cluster
/// endpoint names one only.
///
/// The term is recorded before the promotion is sent. A control plane that crashed in between would
/// otherwise come back with the old term and elect somebody else under the number of the first.
public struct FailoverCoordinator: Sendable {
  public enum Action: Hashable, Sendable {
    /// Make this durable, then call ``confirmRecorded(term:at:)`` if it is a new term.
    case record(ClusterTopology)
    /// Give every instance its role in ``topology``.
    case assignRoles
    /// Bring the endpoints up to date, then call ``confirmPublished()``.
    case publish
    case announce(Milestone)
  }

  /// What a failover has come to; the stuff of trace and events.
  public enum Milestone: Hashable, Sendable {
    case started(writer: String, isPlanned: Bool)
    case elected(String, attempt: Int, place: Place)
    case promotionSent(String)
    case attemptFailed(String, attempt: Int, term: UInt64)
    /// There is nobody to promote.
    case waiting(writer: String)
    case promoted(String, epoch: UInt32)
    case completed(writer: String, attempts: Int)
    /// The writer came back by itself while nobody was there to replace it.
    case returned(writer: String)
    /// Somebody knew of a later term than the disk did.
    case remembered(by: String)
  }

  /// Where the elected instance stands, as seen from the writer that it is to replace.
  public enum Place: Hashable, Sendable {
    case sameZone
    case otherZone
    /// It is that writer itself: every reader has failed.
    case previousWriter
  }

  enum Phase: Hashable, Sendable {
    case watching
    case recording
    case promoting(until: Instant)
    case waiting
    case publishing
  }

  public private(set) var topology: ClusterTopology
  private(set) var phase: Phase
  private let timing: ClusterTiming
  /// Promotions tried in the failover under way.
  private var attempts = 0
  /// Since when nobody has been open as writer of this term; `nil` while somebody is.
  private var absentSince: Instant?
  /// Whether ``topology`` says who was elected in its term. Roles are nothing to be assigned otherwise.
  public private(set) var knowsWriter = true
  private var tried: [String] = []

  /// Begins where `topology` says: watching, or in the middle of a failover whose candidate may or may
  /// not have heard of it.
  public init(topology: ClusterTopology, timing: ClusterTiming, at now: Instant) {
    self.topology = topology
    self.timing = timing
    phase = .watching
    if topology.writer != topology.endpoint {
      attempts = 1
      phase = .promoting(until: now + timing.promotionTimeout)
    }
  }

  public var isFailingOver: Bool { phase != .watching }

  /// When ``advance(_:at:)`` has something to do even if nothing is heard.
  public var deadline: Instant {
    switch phase {
    case .promoting(let deadline): deadline
    case .watching, .publishing:
      absentSince.map { $0 + patience } ?? .distantFuture
    case .recording, .waiting: .distantFuture
    }
  }

  /// Looks at the members and the clock.
  ///
  /// - Parameter members: in order of creation.
  public mutating func advance(_ members: [ClusterMember], at now: Instant) -> [Action] {
    let writer = members.first { $0.id == topology.writer }
    switch phase {
    case .watching, .publishing:
      guard isLost(writer, at: now) else { return [] }
      attempts = 0
      tried = []
      return [.announce(.started(writer: topology.writer, isPlanned: false))]
        + elect(members, at: now)
    case .recording: return []
    case .promoting(let deadline):
      if let writer, writer.isOpenWriter(of: topology.term) {
        return open(writer)
      }
      guard now >= deadline || writer?.health == .suspected(.silent) else { return [] }
      tried.append(topology.writer)
      let failed = Milestone.attemptFailed(
        topology.writer, attempt: attempts, term: topology.term)
      return [.announce(failed)]
        + elect(members, at: now)
    case .waiting:
      if let writer, writer.isOpenWriter(of: topology.term) {
        if attempts > 0 { return open(writer) }
        phase = .publishing
        return [.announce(.returned(writer: topology.writer)), .publish]
      }
      return elect(members, at: now)
    }
  }

  /// Replaces the writer because an operator wants to.
  ///
  /// - Parameter target: who is to be the writer; `nil` for whoever is elected.
  /// - Throws: ``ManagementFault``; nothing has changed then.
  public mutating func requestFailover(
    to target: String?, members: [ClusterMember], at now: Instant
  ) throws(ManagementFault) -> [Action] {
    guard phase == .watching else { throw .invalidClusterState }
    let readers = members.filter { $0.id != topology.writer && $0.isOpenReader }
    if readers.isEmpty { throw .invalidClusterState }
    let eligible = target.map { id in readers.filter { $0.id == id } } ?? readers
    if eligible.isEmpty { throw .invalidInstanceState }
    attempts = 0
    tried = []
    return [.announce(.started(writer: topology.writer, isPlanned: true))]
      + elect(eligible, inZoneOf: members, at: now)
  }

  /// The topology of this term is durable.
  public mutating func confirmRecorded(term: UInt64, at now: Instant) -> [Action] {
    guard phase == .recording, term == topology.term else { return [] }
    phase = .promoting(until: now + timing.promotionTimeout)
    return [.assignRoles, .announce(.promotionSent(topology.writer))]
  }

  /// The name servers have the endpoints of ``topology``.
  public mutating func confirmPublished() -> [Action] {
    guard phase == .publishing else { return [] }
    phase = .watching
    let count = attempts
    attempts = 0
    tried = []
    return count == 0
      ? [] : [.announce(.completed(writer: topology.writer, attempts: count))]
  }

  /// An instance has obeyed an election that is not remembered here: the disk has lost it.
  ///
  /// Its term is taken over, because older ones are obeyed by nobody. If it was elected in it, that is
  /// that; if it was not, whoever was will speak soon, or there will be another election.
  public mutating func learn(term: UInt64, role: EngineRole.Kind?, of id: String) -> [Action] {
    let isMissing = !knowsWriter && term == topology.term && role == .writer
    guard term > topology.term || isMissing else { return [] }
    topology.term = term
    phase = .watching
    absentSince = nil
    knowsWriter = role == .writer
    if knowsWriter { (topology.writer, topology.endpoint) = (id, id) }
    return [.announce(.remembered(by: id)), .record(topology)]
      + (knowsWriter ? [.assignRoles, .publish] : [])
  }

  // MARK: Steps

  /// Whether the writer is suspected, or has not been the writer for too long although it speaks: an
  /// engine that was fenced comes back as a healthy reader, and the order to promote it may get lost.
  private mutating func isLost(_ writer: ClusterMember?, at now: Instant) -> Bool {
    if let writer, writer.isOpenWriter(of: topology.term) {
      absentSince = nil
      return false
    }
    let since = absentSince ?? now
    absentSince = since
    if knowsWriter, case .suspected = writer?.health { return true }
    return now >= since + patience
  }

  /// How long nobody may be open as the writer although nobody is suspected.
  private var patience: Interval {
    knowsWriter ? timing.restartPatience : timing.heartbeatTimeout
  }

  private mutating func elect(
    _ members: [ClusterMember], inZoneOf all: [ClusterMember]? = nil, at now: Instant
  ) -> [Action] {
    guard let candidate = nextCandidate(among: members) else {
      guard phase != .waiting else { return [] }
      phase = .waiting
      return [.announce(.waiting(writer: topology.writer))]
    }
    let place: Place
    if candidate.id == previousWriter {
      place = .previousWriter
    } else {
      let zone = (all ?? members).first { $0.id == previousWriter }?.zone
      place = candidate.zone == zone ? .sameZone : .otherZone
    }
    attempts += 1
    absentSince = nil
    knowsWriter = true
    topology.term += 1
    topology.writer = candidate.id
    phase = .recording
    return [
      .announce(.elected(candidate.id, attempt: attempts, place: place)),
      .record(topology),
    ]
  }

  /// Whom this failover replaces: the endpoint names it until the new writer is open.
  private var previousWriter: String { topology.endpoint }

  /// The next to have a turn: the readers, each once; when all of them have failed, the writer that is
  /// being replaced; and then everybody anew.
  ///
  /// Source: Aurora User Guide: "promoting previous primary again" is what is left when no reader could be
  /// promoted. Elected before that, it would undo a failover that a reader could have completed.
  private mutating func nextCandidate(among members: [ClusterMember]) -> ClusterMember? {
    let ignoringTiers = attempts >= timing.attemptsByTier
    func candidate(excluding excluded: [String]) -> ClusterMember? {
      Election.candidate(among: members, excluding: excluded, ignoringTiers: ignoringTiers)
    }
    if let reader = candidate(excluding: tried + [topology.writer, previousWriter]) {
      return reader
    }
    let readers = members.map(\.id).filter { $0 != previousWriter }
    if attempts > 0, let previous = candidate(excluding: tried + [topology.writer] + readers) {
      return previous
    }
    tried = []
    return candidate(excluding: [topology.writer, previousWriter])
  }

  private mutating func open(_ writer: ClusterMember) -> [Action] {
    phase = .publishing
    return [.announce(.promoted(writer.id, epoch: writer.engine?.epoch ?? 0))]
      + moveEndpoint() + [.publish]
  }

  private mutating func moveEndpoint() -> [Action] {
    guard topology.endpoint != topology.writer else { return [] }
    topology.endpoint = topology.writer
    return [.record(topology)]
  }
}
