import Simulation
import Statistics

/// What became of the scenario's claims, each with what it was judged by.
extension Measurement {
  /// In the order of the scenario: always, sometimes, never, eventually.
  var claims: [ClaimResult] {
    let claims = record.scenario.claims
    return claims.always.map(judge)
      + claims.sometimes.map { judge($0, isWanted: true) }
      + claims.never.map { judge($0, isWanted: false) }
      + claims.eventually.map(judge)
  }

  // MARK: Always

  private func judge(_ invariant: Scenario.Invariant) -> ClaimResult {
    let watched = invariant.watched
    let violations = record.verification.violations.filter(invariant.isBroken)
    let end = scenarioTime(record.end)
    if let first = violations.min(by: { $0.instant < $1.instant }) {
      let more = violations.count - 1
      return ClaimResult(
        name: invariant.name, kind: .always, passed: false,
        evidence: "\(watched.label): \(first.evidence)"
          + (more > 0 ? "\nand \(Self.count(more, "more violation"))" : ""),
        instant: first.instant)
    }
    let evidence = record.verification.evidence.filter { $0.invariant == watched }
    let wasJudged = !evidence.isEmpty && evidence.allSatisfy(\.wasJudged)
    return ClaimResult(
      name: invariant.name, kind: .always, passed: wasJudged ? true : nil,
      evidence: evidence.isEmpty
        ? "nobody checked it" : evidence.map(\.text).joined(separator: "; "),
      instant: end)
  }

  // MARK: Sometimes and never

  private func judge(_ situation: Scenario.Situation, isWanted: Bool) -> ClaimResult {
    let sightings = sightings(of: situation)
    let kind = isWanted ? ClaimResult.Kind.sometimes : .never
    guard let first = sightings.first else {
      // What a run that was broken off has not seen may have been still to come.
      return ClaimResult(
        name: situation.rawValue, kind: kind, passed: isBrokenOff ? nil : !isWanted,
        evidence: "not seen in \(Self.text(simulatedTime))", instant: scenarioTime(record.end))
    }
    return ClaimResult(
      name: situation.rawValue, kind: kind, passed: isWanted,
      evidence: sightings.count == 1
        ? first.text : "seen \(FixedPoint.grouped(sightings.count)) times; first, \(first.text)",
      instant: scenarioTime(first.instant))
  }

  /// When a situation occurred within the run, in order of time.
  private func sightings(of situation: Scenario.Situation) -> [(instant: Instant, text: String)] {
    let all: [(instant: Instant, text: String)] =
      switch situation {
      case .failover:
        changesOfWriter(.failover).map { ($0.instant, "\($0.new) was promoted for \($0.old)") }
      case .writerRestart:
        changesOfWriter(.restart).map { ($0.instant, "\($0.new) became the writer again") }
      case .readerRestart: histories.flatMap { readerRestarts(in: $0) }
      case .commitInDoubt:
        record.workloads.flatMap { workload in
          workload.failures.filter(\.isInDoubt).map {
            (
              $0.instant,
              "a session of \(workload.workload.id) lost its connection with a COMMIT under way"
            )
          }
        }
      case .scaleUp: scalings { $0.to > $0.from }
      case .scaleDown: scalings { $0.to < $0.from }
      }
    return all.filter { $0.instant >= record.origin && $0.instant < record.end }
      .sorted { $0.instant < $1.instant }
  }

  private func changesOfWriter(
    _ kind: FailoverResult.Kind
  ) -> [(instant: Instant, old: String, new: String)] {
    succession.interruptions.filter { $0.kind == kind }.compactMap { interruption in
      interruption.opening.map {
        let opening = succession.openings[$0]
        return (opening.instant, interruption.oldWriter, opening.instance)
      }
    }
  }

  /// A reader that was down since the origin and is open as a reader again.
  private func readerRestarts(in history: InstanceHistory) -> [(instant: Instant, text: String)] {
    var restarts: [(instant: Instant, text: String)] = []
    var wasReader = false
    var wasDown = false
    for change in history.changes {
      switch change.role {
      case .reader:
        if wasReader, wasDown {
          restarts.append((change.instant, "\(history.instance) came back as a reader"))
        }
        (wasReader, wasDown) = (true, false)
      case .writer: (wasReader, wasDown) = (false, false)
      case .down: if change.instant >= record.origin { wasDown = true }
      case .starting: break
      }
    }
    return restarts
  }

  private func scalings(
    where predicate: (CapacityHistory.Scaling) -> Bool
  ) -> [(instant: Instant, text: String)] {
    capacities.flatMap { history in
      history.scalings.filter(predicate).map {
        (
          $0.instant, "\(history.instance) went from \(Self.acu($0.from)) to \(Self.acu($0.to))"
        )
      }
    }
  }

  // MARK: Words

  static func text(_ interval: Interval) -> String {
    FixedPoint.duration(nanoseconds: interval.nanoseconds)
  }

  /// An instant of the scenario: `61.234 s`.
  static func time(_ instant: Instant) -> String {
    "\(FixedPoint.seconds(nanoseconds: instant.nanoseconds)) s"
  }

  static func acu(_ milliACU: Int64) -> String {
    "\(FixedPoint.string(scaled: milliACU / 100, decimals: 1)) ACU"
  }

  /// `1 violation`, `2 violations`
  static func count(_ count: Int, _ noun: String) -> String {
    "\(FixedPoint.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }
}

extension Scenario.Invariant {
  /// What the checkers call it.
  var watched: Invariant {
    switch self {
    case .noAcknowledgedCommitLost: .noAcknowledgedCommitLost
    case .singleWriter: .singleWriter
    case .copiesAgree: .copiesAgree
    case .bankTotalConstant: .bankTotalConstant
    case .isolation: .isolation
    }
  }

  /// Whether a violation is one of this; of an isolation level, if that or a weaker one forbids it.
  func isBroken(by violation: Violation) -> Bool {
    guard violation.invariant == watched else { return false }
    if case .isolation(let claimed) = self, let level = violation.level { return level <= claimed }
    return true
  }
}
