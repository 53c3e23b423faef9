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

  /// Passes only if somebody looked and saw something that could have broken it.
  private func judge(_ claim: Scenario.ClaimedInvariant) -> ClaimResult {
    let violations = record.verification.violations.filter(claim.isBroken)
    let end = scenarioTime(record.end)
    if let first = violations.min(by: { $0.instant < $1.instant }) {
      let more = violations.count - 1
      var kinds: [String] = []
      for kind in violations.compactMap(\.anomaly?.rawValue) where !kinds.contains(kind) {
        kinds.append(kind)
      }
      return ClaimResult(
        name: claim.name, kind: .always, passed: false,
        evidence: "\(claim.invariant.label): \(first.evidence)"
          + (more > 0 ? "\nand \(Self.count(more, "more violation"))" : ""),
        manners: kinds, instant: first.instant)
    }
    let evidence = record.verification.evidence.filter { $0.invariant == claim.invariant }
    let wasJudged = !evidence.isEmpty && evidence.allSatisfy(\.wasJudged)
    return ClaimResult(
      name: claim.name, kind: .always, passed: wasJudged ? true : nil,
      evidence: evidence.isEmpty
        ? "nobody checked it" : evidence.map(\.text).joined(separator: "; "),
      instant: end)
  }

  // MARK: Sometimes and never

  /// That something never happens holds in a run that was watched to its end, with or without traffic and
  /// faults, unless the situation has a blind spot.
  private func judge(_ situation: Scenario.Situation, isWanted: Bool) -> ClaimResult {
    let sightings = situation.sightings(self)
      .filter { $0.instant >= record.origin && $0.instant < record.end }
      .sorted { $0.instant < $1.instant }
    let kind = isWanted ? ClaimResult.Kind.sometimes : .never
    guard let first = sightings.first else {
      let blindSpot = isWanted ? nil : situation.blindSpot(self)
      // What a run that was broken off has not seen may have been still to come.
      let isKnown = !isBrokenOff && blindSpot == nil
      return ClaimResult(
        name: situation.name, kind: kind, passed: isKnown ? !isWanted : nil,
        evidence: "not seen in \(Self.text(simulatedTime))"
          + (blindSpot.map { ", but \($0)" } ?? ""), instant: scenarioTime(record.end))
    }
    return ClaimResult(
      name: situation.name, kind: kind, passed: isWanted,
      evidence: sightings.count == 1
        ? first.text : "seen \(FixedPoint.grouped(sightings.count)) times; first, \(first.text)",
      instant: scenarioTime(first.instant))
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

  /// `1 violation`, `2 violations`, `0 copies`
  static func count(_ count: Int, _ noun: String) -> String {
    let plural = noun.hasSuffix("y") ? "\(noun.dropLast())ies" : "\(noun)s"
    return "\(FixedPoint.grouped(count)) \(count == 1 ? noun : plural)"
  }
}
