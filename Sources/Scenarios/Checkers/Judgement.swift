/// What a run has to say of one invariant.
struct Judgement {
  let invariant: Invariant
  var violations: [Violation]
  /// Whether anything was seen that could have broken it. Without that, no violation means nothing.
  var wasJudged: Bool
  /// What it was judged by, such as `1,234 audits`; or why it could not be.
  var evidence: String

  init(
    _ invariant: Invariant, violations: [Violation] = [], wasJudged: Bool, evidence: String
  ) {
    (self.invariant, self.violations) = (invariant, violations)
    (self.wasJudged, self.evidence) = (wasJudged, evidence)
  }
}
