public import Simulation

/// Judges from heartbeats, and from their absence, which instances can be relied on.
///
/// ```
///   unheard ──▶ unavailable ◀──▶ healthy        by the engine's state in heartbeats
///      │             │              │
///      │             │ down for     │ silent for
///      │             │ `restartPatience` / `heartbeatTimeout`
///      └─────────────┴──────┬───────┘
///                           ▼
///                       suspected ── `clearingHeartbeats` good ones in a row ──▶ healthy
/// ```
///
/// It learns only from messages: a crash, a partition and a lost datagram look alike until one of them
/// lasts. An agent that says that its engine is down is seeing to it; an agent that is silent is not.
public struct HealthMonitor: Sendable {
  public enum Reason: String, Sendable {
    /// Nothing has been heard from its agent.
    case silent
    /// Its agent has been unable to get the engine open.
    case engineDown
  }

  public enum Health: Hashable, Sendable {
    /// Its agent speaks, and its engine is open.
    case healthy
    /// Its agent speaks or was to be heard a moment ago; its engine is not open.
    case unavailable
    case suspected(Reason)
  }

  public enum Verdict: Hashable, Sendable {
    case suspected(String, Reason, since: Instant)
    case cleared(String)
  }

  private struct Member: Sendable {
    let id: String
    var health = Health.unavailable
    var lastHeard: Instant
    var downSince: Instant?
    var goodInARow = 0
    var heartbeat: Heartbeat?
  }

  private let timing: ClusterTiming
  private var members: [Member]

  /// - Parameter now: from which instances are given the time to be heard for the first time.
  public init(instances: [String], timing: ClusterTiming, at now: Instant) {
    self.timing = timing
    members = instances.map { Member(id: $0, lastHeard: now, downSince: now) }
  }

  public func health(of id: String) -> Health {
    members.first { $0.id == id }?.health ?? .suspected(.silent)
  }

  /// The newest heartbeat of an instance, however old; `nil` if there has been none.
  public func heartbeat(of id: String) -> Heartbeat? { members.first { $0.id == id }?.heartbeat }

  /// Takes in a heartbeat.
  ///
  /// - Returns: `nil` if it is of no member, or no newer than what was known.
  public mutating func receive(_ heartbeat: Heartbeat, at now: Instant) -> [Verdict]? {
    guard let index = members.firstIndex(where: { $0.id == heartbeat.instance }) else {
      return nil
    }
    if let known = members[index].heartbeat {
      guard
        (heartbeat.incarnation, heartbeat.sequence) > (known.incarnation, known.sequence)
      else { return nil }
    }
    let isOpen = heartbeat.engine.state == .available
    members[index].heartbeat = heartbeat
    members[index].lastHeard = now
    members[index].downSince = isOpen ? nil : members[index].downSince ?? now
    members[index].goodInARow = isOpen ? members[index].goodInARow + 1 : 0
    switch members[index].health {
    case .healthy, .unavailable:
      members[index].health = isOpen ? .healthy : .unavailable
    case .suspected:
      if members[index].goodInARow >= timing.clearingHeartbeats {
        members[index].health = .healthy
        return [.cleared(heartbeat.instance)]
      }
      // It speaks again: now its engine has the usual time to open.
      if members[index].health == .suspected(.silent), !isOpen {
        members[index].health = .unavailable
        members[index].downSince = now
        return [.cleared(heartbeat.instance)]
      }
    }
    return []
  }

  /// Looks at the clock.
  public mutating func tick(at now: Instant) -> [Verdict] {
    var verdicts: [Verdict] = []
    for index in members.indices {
      let member = members[index]
      if case .suspected(.silent) = member.health { continue }
      if now >= member.lastHeard + timing.heartbeatTimeout {
        members[index].health = .suspected(.silent)
        members[index].goodInARow = 0
        verdicts.append(.suspected(member.id, .silent, since: member.lastHeard))
      } else if member.health == .unavailable, let downSince = member.downSince,
        now >= downSince + timing.restartPatience
      {
        members[index].health = .suspected(.engineDown)
        members[index].goodInARow = 0
        verdicts.append(.suspected(member.id, .engineDown, since: downSince))
      }
    }
    return verdicts
  }

  /// When ``tick(at:)`` may next have something to say.
  public var deadline: Instant {
    var earliest = Instant.distantFuture
    for member in members {
      if member.health == .suspected(.silent) { continue }
      earliest = min(earliest, member.lastHeard + timing.heartbeatTimeout)
      if member.health == .unavailable, let downSince = member.downSince {
        earliest = min(earliest, downSince + timing.restartPatience)
      }
    }
    return earliest
  }
}
