import Scenarios
import Statistics

/// An objective over many runs in words, the same for every reader.
extension PooledObjective {
  /// What its figures are of: `p95 of 118 values in 59 runs`, `mean of the p99 of 20 runs`.
  var measureText: String {
    let statistic = objective.statistic.rawValue
    let runs = Words.count(runs.count, "run")
    switch measure {
    case .values: return "\(statistic) of \(Words.count(valueCount, "value")) in \(runs)"
    case .means: return "mean of the \(statistic) of \(runs)"
    case .runs: return "each of \(runs) by itself"
    }
  }

  func text(_ value: Double?) -> String? { value.map { quantity($0).text(against: bound) } }

  /// The estimate, with its unit; a dash where there is none.
  var estimateText: String {
    if let estimate = text(statistic.estimate) { return estimate }
    return measure != .runs && !runs.isEmpty ? "without limit" : "–"
  }

  /// Where the true value lies: `15.2 s to 22.0 s`.
  var limitsText: String {
    switch (measure, text(statistic.lower), text(statistic.upper)) {
    case (.runs, _, _): "–"
    case (_, let lower?, let upper?): "\(lower) to \(upper)"
    case (_, let lower?, nil): "above \(lower)"
    case (_, nil, let upper?): "below \(upper)"
    case (_, nil, nil): "too few runs"
    }
  }

  var worstText: String {
    guard let worst else { return "–" }
    return (worst.isAtLeast ? "at least " : "") + quantity(worst.value).text(against: bound)
  }

  /// How many runs met it by themselves: `58 of 60, 1 not judged`.
  var tally: String {
    "\(Words.count(met)) of \(Words.count(met + missed + unjudged))"
      + (unjudged > 0 ? ", \(Words.count(unjudged)) not judged" : "")
  }

  /// What the campaign says of the bound.
  var verdict: Verdict { holds.map { $0 ? .pass : .fail } ?? .unknown }

  /// Everything in one line: `p95 of 118 values in 59 runs 18.4 s, 15.2 s to 22.0 s with 95 % confidence each; …`
  var figures: String {
    if runs.isEmpty { return "no run had anything to measure" }
    let share = FixedPoint.string(largestMissingShare * 100, decimals: 1)
    let byRun =
      "met by \(tally) runs, worst \(worstText); with \(percentage) confidence at most \(share) % of all seeds "
      + "miss it by themselves"
    guard measure != .runs else { return byRun }
    let limits =
      statistic.lower == nil && statistic.upper == nil
      ? "too few runs for \(percentage) confidence"
      : "\(limitsText) with \(percentage) confidence each"
    return "\(measureText) \(estimateText), \(limits); \(byRun)"
  }
}
