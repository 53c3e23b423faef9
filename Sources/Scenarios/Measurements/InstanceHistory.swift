import Simulation

/// What one instance was when, from what its engine, its host and its agent told.
///
/// | told | is then |
/// |---|---|
/// | `engine.state` available | writer or reader |
/// | `engine.state` starting, recovering, fenced | starting: it runs, and is not open for clients |
/// | `engine.state` stopped, `host.down`, `agent.engine_crashed`, `agent.engine_hung` | down |
struct InstanceHistory {
  struct Change: Equatable {
    let instant: Instant
    /// The place of its cause in the trace; orders changes of one instant.
    let place: Int
    let role: InstanceResult.Role
    /// The volume epoch of an open writer or reader; `nil` if it was not told.
    let epoch: Int64?
  }

  let instance: String
  /// In order of time; neighbours differ in role, or are openings as writer under different epochs.
  private(set) var changes: [Change] = []

  init(of instance: String, from events: [TraceEvent]) {
    self.instance = instance
    for (place, event) in events.enumerated() where event.subject == instance {
      guard let role = Self.role(told: event) else { continue }
      note(
        Change(instant: event.instant, place: place, role: role, epoch: event.integer("epoch")))
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

  private static func role(told event: TraceEvent) -> InstanceResult.Role? {
    switch event.name {
    case "host.down", "agent.engine_crashed", "agent.engine_hung": return .down
    case "engine.state":
      switch event.text("state") {
      case "available": return event.text("role") == "writer" ? .writer : .reader
      case "stopped": return .down
      default: return .starting
      }
    default: return nil
    }
  }
}
