import Simulation
import Statistics

/// The report's list of events: one readable line for each trace event that tells something.
///
/// What only repeats another event in other words, such as the RDS API's own events, is left out.
extension Measurement {
  func events(claims: [ClaimResult], failovers: [FailoverResult]) -> [RunEvent] {
    var events: [RunEvent] = []
    var narrator = EventNarrator(
      scenario: record.scenario, faults: record.faults, origin: record.origin)
    var hosts: [String] = []
    var before: TraceEvent?
    for event in record.events where event.instant < record.end {
      // Those of loading are heard, so that changes are told against them, and not told.
      guard let (category, text) = narrator.tell(event), event.instant >= record.origin else {
        continue
      }
      let isDown = event.payload is HostWentDown
      if isDown || event.payload is HostBooted, let before, before.name == event.name,
        before.instant == event.instant, events.last?.category == category
      {
        // An outage takes many hosts at once, and one line.
        hosts.append(event.subject.id)
        events[events.count - 1].text = EventNarrator.text(ofHosts: hosts, isDown: isDown)
      } else {
        hosts = [event.subject.id]
        events.append(
          RunEvent(instant: scenarioTime(event.instant), category: category, text: text))
      }
      before = event
    }
    for outage in failovers.flatMap(\.outages) {
      guard let instant = outage.firstCommit, let duration = outage.duration else { continue }
      events.append(
        RunEvent(
          instant: instant, category: .client,
          text: "\(outage.client) commits again, after \(Self.text(duration))"))
    }
    for claim in claims {
      guard let instant = claim.instant, let text = Self.text(of: claim) else { continue }
      events.append(RunEvent(instant: instant, category: .claim, text: text))
    }
    return events.enumerated()
      .sorted { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }
      .map(\.element)
  }

  /// A claim is an event if it was decided before the end by something that happened.
  private static func text(of claim: ClaimResult) -> String? {
    switch (claim.kind, claim.passed) {
    case (.always, false), (.never, false), (.eventually, false):
      "\(claim.kind.rawValue) \(claim.name): failed"
    case (.sometimes, true): "sometimes \(claim.name): seen"
    case (.eventually, true): "eventually, \(claim.name): true"
    default: nil
    }
  }
}
