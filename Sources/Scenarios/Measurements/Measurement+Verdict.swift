import Simulation
import Statistics

/// What the run comes to.
extension Measurement {
  /// Fails if anything that was judged failed; is unknown if anything could not be judged, if there was
  /// nothing to judge, or if the run was not the one that the scenario describes, because a fault did not
  /// act, the horizon was not reached or the end state could not be read; and passes otherwise.
  ///
  /// An objective with a confidence is a campaign's to judge. What it came to here is a remark, and no
  /// reason.
  ///
  /// A violation counts whether or not the scenario claims the invariant, and an isolation anomaly also
  /// if a weaker level is claimed than the workload runs at.
  ///
  /// - Returns: the reasons with it, failures first.
  func verdict(
    claims: [ClaimResult], objectives: [ObjectiveJudgement], violations: [Violation]
  ) -> (Verdict, reasons: [String]) {
    var failures = claims.filter { $0.passed == false }.map(Self.reason)
    let claimed = record.scenario.claims.always
    for violation in violations where !claimed.contains(where: { $0.isBroken(by: violation) }) {
      failures.append(
        "\(violation.invariant.label), \(violation.invariant.statement): "
          + Self.firstLine(of: violation.evidence))
    }
    let own = objectives.filter { $0.result.confidence == nil }
    failures += own.filter { $0.result.passed == false }.compactMap(\.reason)

    var doubts: [String] = []
    if isBrokenOff {
      doubts.append(
        "the run was broken off after \(Self.text(simulatedTime)) of "
          + Self.text(record.scenario.run.horizon))
    }
    doubts += faultDoubts
    if !isBrokenOff, record.verification.ledger == nil {
      doubts.append("the end state could not be read")
    }
    if claims.isEmpty, own.isEmpty, !record.verification.evidence.contains(where: \.wasJudged) {
      doubts.append("nothing was claimed, and nothing happened by which an invariant is judged")
    }
    doubts += claims.filter { $0.passed == nil }.map(Self.reason)
    doubts += own.filter { $0.result.passed == nil }.compactMap(\.reason)

    let verdict = !failures.isEmpty ? Verdict.fail : !doubts.isEmpty ? .unknown : .pass
    let remarks = objectives.filter { $0.result.confidence != nil }.compactMap(\.reason)
    return (verdict, failures + doubts + remarks)
  }

  /// Faults that were not seen to act, and those of which there is no record.
  private var faultDoubts: [String] {
    record.scenario.faults.compactMap { fault in
      guard let result = record.faults.first(where: { $0.id == fault.id }) else {
        return isBrokenOff ? nil : "fault \(fault.id) was not carried out"
      }
      return result.tookEffect || fault.mayMiss
        ? nil : "fault \(fault.id) did not act: \(result.evidence)"
    } + injectedFaultDoubts
  }

  /// Faults that statements injected and that struck nothing.
  private var injectedFaultDoubts: [String] {
    record.faults.compactMap { result in
      guard let cause = result.cause, !result.tookEffect else { return nil }
      let mayMiss = record.scenario.faults.contains { $0.id == cause && $0.mayMiss }
      return mayMiss ? nil : "fault \(result.id) did not act: \(result.evidence)"
    }
  }

  private static func reason(_ claim: ClaimResult) -> String {
    let word = claim.passed == nil ? "could not be judged" : "failed"
    return "\(claim.kind.rawValue) \(claim.name) \(word): \(firstLine(of: claim.evidence))"
  }

  private static func firstLine(of text: String) -> String {
    var line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    if line.hasSuffix(":") { line.removeLast() }
    return line
  }
}
