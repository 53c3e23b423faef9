import Simulation

/// Which seeds to look at first.
extension Campaign {
  /// The outcomes with the gravest verdicts, and among those of one verdict: with the most commits lost, and
  /// then with the longest outage. At most `count`, the worst first.
  ///
  /// - Complexity: linear in the number of outcomes.
  public func worst(_ count: Int) -> [Outcome] {
    var worst: [Outcome] = []
    for outcome in outcomes {
      let place = worst.firstIndex { outcome.isWorse(than: $0) } ?? worst.count
      guard place < count else { continue }
      worst.insert(outcome, at: place)
      if worst.count > count { worst.removeLast() }
    }
    return worst
  }

  /// What the run of a seed came to; `nil` if it has not ended.
  public func outcome(of seed: UInt64) -> Outcome? { outcomes.first { $0.seed == seed } }
}

extension Campaign.Outcome {
  /// Among equals, the smaller seed is the worse one.
  fileprivate func isWorse(than other: Self) -> Bool {
    let (mine, theirs) = (verdict.gravity, other.verdict.gravity)
    if mine != theirs { return mine > theirs }
    if lostCommits != other.lostCommits { return lostCommits > other.lostCommits }
    return (longestOutage ?? .zero) > (other.longestOutage ?? .zero)
  }
}
