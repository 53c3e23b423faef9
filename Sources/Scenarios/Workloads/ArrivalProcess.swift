import Simulation

extension Arrivals {
  /// Draws the time from one arrival to the next.
  ///
  /// - Parameters:
  ///   - instant: when the last one was, from the start of the workload.
  ///   - share: among how many hosts the rate is divided.
  func gap(at instant: Interval, share: Int, random: RandomStream) -> Interval {
    switch self {
    case .poisson(let rate): return random.exponential(mean: rate.mean(of: share))
    case .uniform(let rate): return rate.mean(of: share)
    case .steps(let steps):
      // A Poisson process forgets: where the rate changes, it may simply be begun anew.
      var reached = instant
      while true {
        let following = steps.first { $0.from > reached }?.from
        let rate = rate(at: reached)
        if rate > .perSecond(0) {
          let gap = random.exponential(mean: rate.mean(of: share))
          guard let following, reached + gap >= following else { return reached + gap - instant }
        }
        guard let following else { return .forever }
        reached = following
      }
    }
  }
}

extension Rate {
  /// The mean time between events, when the rate is divided among so many.
  fileprivate func mean(of share: Int) -> Interval {
    .nanoseconds(Int64((1e15 / Double(millionthsPerSecond) * Double(share)).rounded()))
  }
}
