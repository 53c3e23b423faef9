import ControlPlane
import Database
import Simulation

/// What one instance was when, from what its engine, its host and its agent told.
///
/// | told | is then |
/// |---|---|
/// | ``EngineStateChanged``: available | writer or reader |
/// | ``EngineStateChanged``: starting, recovering, fenced | starting: it runs, and is not open for clients |
/// | ``EngineStateChanged``: stopped; ``HostWentDown``, ``EngineCrashed``, ``EngineHung`` | down |
///
/// An instance and its host have the same name.
struct InstanceHistory {
  struct Change: Equatable {
    let instant: Instant
    /// The place of its cause in the trace; orders changes of one instant.
    let place: Int
    let role: InstanceResult.Role
    /// The volume epoch of an open writer or reader; `nil` if it was not told.
    let epoch: UInt32?
  }

  let instance: String
  /// In order of time; neighbours differ in role, or are openings as writer under different epochs.
  private(set) var changes: [Change] = []

  init(of instance: String, from events: [TraceEvent]) {
    self.instance = instance
    for (place, event) in events.enumerated() {
      guard let role = Self.role(of: instance, told: event.payload) else { continue }
      let epoch = (event.payload as? EngineStateChanged)?.epoch
      note(Change(instant: event.instant, place: place, role: role, epoch: epoch))
    }
  }

  /// What it is at `instant`, what happens then included.
  func role(at instant: Instant) -> InstanceResult.Role {
    changes.last { $0.instant <= instant }?.role ?? .down
  }

  /// The change after this one, if it came by `end`.
  func change(after index: Int, by end: Instant) -> Change? {
    let next = index + 1
    return next < changes.count && changes[next].instant <= end ? changes[next] : nil
  }

  /// Consecutive from `start` to `end`; none if that is no time.
  func spans(from start: Instant, to end: Instant) -> [InstanceResult.RoleSpan] {
    var spans: [InstanceResult.RoleSpan] = []
    func add(_ role: InstanceResult.Role, until instant: Instant) {
      let begun = spans.last?.end ?? start
      guard instant > begun else { return }
      if spans.last?.role == role {
        spans[spans.count - 1].end = instant
      } else {
        spans.append(InstanceResult.RoleSpan(role: role, start: begun, end: instant))
      }
    }
    var role = role(at: start)
    for change in changes where change.instant > start && change.instant < end {
      add(role, until: change.instant)
      role = change.role
    }
    add(role, until: end)
    return spans
  }

  private mutating func note(_ change: Change) {
    if let last = changes.last, last.role == change.role {
      guard change.role == .writer, let epoch = change.epoch, epoch != last.epoch else { return }
    }
    changes.append(change)
  }

  /// - Returns: `nil` if the event says nothing about what the instance is.
  private static func role(
    of instance: String, told event: any TracePayload
  ) -> InstanceResult.Role? {
    switch event {
    case let event as EngineStateChanged where event.instance == instance:
      switch event.state {
      case .available: event.role == .writer ? .writer : .reader
      case .stopped: .down
      case .starting, .recovering, .fenced: .starting
      }
    case let event as HostWentDown where event.host == instance: .down
    case let event as EngineCrashed where event.instance == instance: .down
    case let event as EngineHung where event.instance == instance: .down
    default: nil
    }
  }
}
