public import ControlPlane
public import Simulation

/// Every step of a failover comes in the time that the cluster's own settings give it, and the candidate is the reader
/// of the lowest tier.
///
/// ```
///   host down ── heartbeat_timeout ──▶ suspected ──▶ elected ──▶ told ── promotion timeout ──▶ promoted, or given up
///                                         │                                                       │
///                                         └─ a reader was open: at once             name servers have it: at once
/// ```
///
/// "At once" is ``slack``. A step is not judged while anything troubles the control plane or the name servers, nor is
/// a candidate that has been troubled, or has not been open for long enough to have been heard of.
public struct FailoverTimeChecker: Checker {
  public enum Observation: Sendable {
    case hostDown(instance: String)
    case hostUp(instance: String)
    case readerOpen(instance: String)
    /// An engine is no reader that is open.
    case readerGone(instance: String)
    /// The control plane has begun, and has heard of nobody.
    case controlPlaneStarted
    case suspected(instance: String, isWriter: Bool)
    case cleared(instance: String)
    /// A failover begins.
    case failoverStarted(writer: String, isPlanned: Bool)
    case elected(instance: String, attempt: Int, term: UInt64)
    case promotionSent(term: UInt64)
    /// The candidate of the term is the writer, or was given up.
    case promotionEnded(term: UInt64, succeeded: Bool)
    /// All name servers have what the control plane last wanted them to.
    case published
  }

  /// For what comes "at once": a write to the control plane's disk, or a message and its answer, sent again once after
  /// ``ClusterTiming/retryInterval``. A guess, and generous.
  private static let slack = Interval.seconds(3)

  private struct Step: Equatable {
    enum What: Equatable {
      case suspicion(of: String)
      case election
      case telling(term: UInt64)
      case ending(term: UInt64)
      case publication
    }
    let what: What
    let start: Instant
    let deadline: Instant
  }

  private let timing: ClusterTiming
  private let tiers: [(instance: String, tier: Int)]
  private let service: [ClosedRange<Instant>]
  private let troubles: [(host: String, interval: ClosedRange<Instant>)]
  private var pending: [Step] = []
  private var down: [String] = []
  private var suspected: [String] = []
  /// Readers that are open, and since when.
  private var open: [(instance: String, since: Instant)] = []
  private var listeningSince = Instant.start
  private var failover: (writer: String, isPlanned: Bool)?
  public private(set) var stepCount = 0

  /// - Parameters:
  ///   - tiers: of the instances, in the order of their creation.
  ///   - service: when the control plane or a name server was struck by a fault.
  ///   - troubles: when which other host was.
  public init(
    timing: ClusterTiming, tiers: [(instance: String, tier: Int)],
    service: [ClosedRange<Instant>], troubles: [(host: String, interval: ClosedRange<Instant>)]
  ) {
    (self.timing, self.tiers) = (timing, tiers)
    (self.service, self.troubles) = (service, troubles)
  }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    let late = expire(at: now)
    let wrong = take(observation, at: now)
    return late ?? wrong
  }

  public mutating func finish(at end: Instant) -> [Violation] {
    var violations: [Violation] = []
    while let violation = expire(at: end) { violations.append(violation) }
    return violations
  }

  private mutating func take(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .hostDown(let instance):
      down.append(instance)
      if !suspected.contains(instance) {
        expect(
          .suspicion(of: instance), at: now,
          within: timing.heartbeatTimeout + timing.heartbeatInterval)
      }
    case .hostUp(let instance):
      down.removeAll { $0 == instance }
      drop(.suspicion(of: instance))
    case .readerOpen(let instance):
      open.removeAll { $0.instance == instance }
      open.append((instance, now))
    case .readerGone(let instance): open.removeAll { $0.instance == instance }
    case .controlPlaneStarted:
      (listeningSince, pending, suspected, failover) = (now, [], [], nil)
    case .suspected(let instance, let isWriter):
      suspected.append(instance)
      meet(.suspicion(of: instance))
      if isWriter, failover == nil, candidates(at: now, but: instance).first != nil {
        expect(.election, at: now, within: .zero)
      }
    case .cleared(let instance):
      suspected.removeAll { $0 == instance }
      if suspected.isEmpty { drop(.election) }
    case .failoverStarted(let writer, let isPlanned): failover = (writer, isPlanned)
    case .elected(let instance, let attempt, let term):
      meet(.election)
      expect(.telling(term: term), at: now, within: .zero)
      return tierViolation(instance, attempt, at: now)
    case .promotionSent(let term):
      meet(.telling(term: term))
      expect(.ending(term: term), at: now, within: timing.promotionTimeout)
    case .promotionEnded(let term, let succeeded):
      meet(.ending(term: term))
      if succeeded { expect(.publication, at: now, within: timing.retryInterval) }
      failover = nil
    case .published: meet(.publication)
    }
    return nil
  }

  // MARK: Steps

  private mutating func expect(_ what: Step.What, at now: Instant, within time: Interval) {
    drop(what)
    pending.append(Step(what: what, start: now, deadline: now + time + Self.slack))
  }

  private mutating func meet(_ what: Step.What) {
    if pending.contains(where: { $0.what == what }) { stepCount += 1 }
    drop(what)
  }

  private mutating func drop(_ what: Step.What) { pending.removeAll { $0.what == what } }

  /// The first step that is late and was not kept from coming.
  private mutating func expire(at now: Instant) -> Violation? {
    while let place = pending.firstIndex(where: { $0.deadline < now }) {
      let step = pending.remove(at: place)
      let isTroubled = service.contains { $0.overlaps(step.start...step.deadline) }
      if isTroubled { continue }
      stepCount += 1
      return Violation(.failoverIsPrompt, at: step.deadline, evidence: text(of: step))
    }
    return nil
  }

  private func text(of step: Step) -> String {
    let since = "by \(step.deadline)"
    return switch step.what {
    case .suspicion(let instance):
      "the host of \(instance) went down at \(step.start) and was not missed \(since)"
    case .election:
      "the writer was missed at \(step.start), and no reader was elected \(since), though one was open"
    case .telling(let term):
      "a reader was elected in term \(term) at \(step.start), and was not told \(since)"
    case .ending(let term):
      "a reader was to take over in term \(term) from \(step.start), and had neither done so nor been"
        + " given up \(since)"
    case .publication:
      "a writer had taken over at \(step.start), and name servers did not have it \(since)"
    }
  }

  // MARK: Candidates

  /// Readers that the control plane must know to be open, the lowest tiers first.
  private func candidates(at now: Instant, but writer: String) -> [(instance: String, tier: Int)] {
    let memory = timing.heartbeatTimeout + timing.heartbeatInterval * 2
    guard listeningSince + memory <= now else { return [] }
    let known = tiers.filter { member in
      member.instance != writer && !suspected.contains(member.instance)
        && open.contains { $0.instance == member.instance && $0.since + memory <= now }
        && !troubles.contains {
          $0.host == member.instance && $0.interval.overlaps(now - memory...now)
        }
    }
    return known.sorted { $0.tier < $1.tier }
  }

  private func tierViolation(_ elected: String, _ attempt: Int, at now: Instant) -> Violation? {
    guard attempt == 1, let failover, !failover.isPlanned else { return nil }
    let isTroubled = service.contains {
      $0.overlaps(now - timing.heartbeatTimeout - timing.heartbeatInterval * 2...now)
    }
    guard !isTroubled, let best = candidates(at: now, but: failover.writer).first,
      let tier = tiers.first(where: { $0.instance == elected })?.tier, best.tier < tier
    else { return nil }
    return Violation(
      .failoverIsPrompt, at: now,
      evidence:
        "\(elected), of tier \(tier), was elected, though \(best.instance), of tier \(best.tier),"
        + " was open")
  }
}
