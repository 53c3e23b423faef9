import Simulation

/// Whether the scenario's conditions came true in time.
///
/// Most conditions are looked at about once a second. What a look has seen counts until the next look;
/// looks from before the beginning do not count. Others follow from the record, to the nanosecond, and hold
/// from one instant on.
extension Measurement {
  func judge(_ eventuality: Scenario.Eventuality) -> ClaimResult {
    let words = eventuality.conditions.map(\.name).joined(separator: " and ")
    func result(
      _ passed: Bool?, _ evidence: String, manners: [String] = [], at instant: Instant
    ) -> ClaimResult {
      ClaimResult(
        name: "after \(eventuality.after.name), within \(eventuality.within.scalar): \(words)",
        kind: .eventually, passed: passed, evidence: evidence, manners: manners,
        instant: scenarioTime(instant))
    }
    guard let beginning = beginning(of: eventuality.after) else {
      return result(nil, "\(eventuality.after.name) never came", at: record.end)
    }
    let deadline = beginning + eventuality.within
    var watches = eventuality.conditions.map { ConditionWatch($0) }
    if let seen = firstTruth(
      of: eventuality.conditions, in: &watches, from: beginning, through: min(deadline, record.end))
    {
      let taken = Self.text(seen - beginning)
      return result(true, "true \(taken) after \(eventuality.after.name)", at: seen)
    }
    if let unseen = watches.first(where: { $0.looks == 0 && $0.condition.needsLooks }) {
      return result(nil, "nobody looked at \(unseen.condition.name)", at: record.end)
    }
    for condition in eventuality.conditions {
      guard case .record(let find) = condition.evidence, deadline <= record.end,
        case .unseen(let reason) = find(self, beginning...deadline)
      else { continue }
      return result(nil, reason, at: record.end)
    }
    if deadline > record.end {
      return result(nil, "not true when the run ended, before the deadline", at: record.end)
    }
    let missing = watches.filter { !$0.holds }.map { watch in
      "\(watch.condition.name) \(watch.hasHeld ? "no longer held" : "had not come true")"
    }
    var later = eventuality.conditions.map { ConditionWatch($0) }
    let truth = firstTruth(
      of: eventuality.conditions, in: &later, from: beginning, through: record.end)
    let ending =
      truth.map { "; all was true \(Self.text($0 - beginning)) after \(eventuality.after.name)" }
      ?? "; nor until the run ended"
    return result(
      false,
      "at \(Self.time(scenarioTime(deadline))), \(missing.joined(separator: " and "))" + ending,
      manners: [truth == nil ? "never" : "too late"], at: deadline)
  }

  /// When all conditions were first seen to hold at one and the same instant; `nil` if they never were.
  private func firstTruth(
    of conditions: [Scenario.Condition], in watches: inout [ConditionWatch], from start: Instant,
    through end: Instant
  ) -> Instant? {
    let looks = looks(at: conditions, from: start, through: end)
    for (place, look) in looks.enumerated() {
      for index in watches.indices where watches[index].condition == look.condition {
        watches[index].note(look.holds)
      }
      // All that is seen at one instant is seen together.
      if place + 1 < looks.count, looks[place + 1].instant == look.instant { continue }
      if watches.allSatisfy(\.holds) { return look.instant }
    }
    return nil
  }

  /// One condition on its way through the looks.
  private struct ConditionWatch {
    let condition: Scenario.Condition
    private(set) var looks = 0
    private(set) var holds = false
    private(set) var hasHeld = false

    init(_ condition: Scenario.Condition) { self.condition = condition }

    mutating func note(_ holds: Bool) {
      looks += 1
      self.holds = holds
      if holds { hasHeld = true }
    }
  }

  private typealias Look = (condition: Scenario.Condition, instant: Instant, holds: Bool)

  /// In order of time; at one instant, what follows from the record comes first.
  private func looks(
    at conditions: [Scenario.Condition], from start: Instant, through end: Instant
  ) -> [Look] {
    var looks: [Look] = record.verification.conditions.filter {
      $0.instant >= start && $0.instant <= end
    }
    for condition in conditions {
      guard case .record(let find) = condition.evidence, start <= end,
        case .holds(let since) = find(self, start...end)
      else { continue }
      looks.insert((condition, since, true), at: looks.partitioningIndex { $0.instant >= since })
    }
    return looks
  }

  /// `nil` if it did not come.
  private func beginning(of beginning: Scenario.Eventuality.Beginning) -> Instant? {
    let faults = record.faults
    switch beginning {
    case .firstFaultStart: return faults.compactMap(\.start).min().map(absoluteTime)
    case .lastFaultEnd:
      let ends = faults.compactMap(\.end)
      return ends.count == faults.count ? ends.max().map(absoluteTime) : nil
    case .edge(let edge):
      let fault = faults.first { $0.id == edge.fault }
      return (edge.side == .start ? fault?.start : fault?.end).map(absoluteTime)
    }
  }
}

extension Scenario.Condition {
  /// Whether somebody has to have looked, for it to be known.
  fileprivate var needsLooks: Bool { if case .looks = evidence { true } else { false } }
}
