public import Simulation

/// A term names one writer: the control plane gives it to nobody else, and forgets none that anybody may have heard of.
///
/// A candidate that is elected is a secret of the control plane until its term is durable. So a term may be given
/// anew as long as no promotion was sent under it; afterwards never. Terms that an instance remembers and the control
/// plane does not count as given. Once the control plane's disk has been damaged, none of this can be asked for.
public struct TermChecker: Checker {
  public enum Observation: Sendable {
    /// The control plane has read its disk.
    case started(term: UInt64, writer: String)
    case elected(term: UInt64, instance: String)
    /// The elected instance has been told.
    case promotionSent(term: UInt64, instance: String)
    /// An instance has told of a later term than the control plane knew.
    case learned(term: UInt64)
    /// What the control plane's disk holds may be gone.
    case recordDamaged
  }

  /// Who has been told of each term, in the order of the terms.
  private var holders: [(term: UInt64, instance: String, instant: Instant)] = []
  private var highest: UInt64 = 0
  private var isDamaged = false
  public private(set) var electionCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .recordDamaged: isDamaged = true
    case .started(let term, let writer):
      guard !isDamaged else { return nil }
      if term < highest {
        return violation(now, "the control plane came back in term \(term), after \(highest)")
      }
      if let broken = give(term, to: writer, at: now) { return broken }
    case .elected(let term, let instance):
      electionCount += 1
      guard !isDamaged, term <= highest else { return nil }
      let holder = holders.last { $0.term == term }
      return violation(
        now,
        "\(instance) was elected in term \(term)"
          + (holder.map { ", which \($0.instance) had been given at \($0.instant)" }
            ?? ", after \(highest)"))
    case .promotionSent(let term, let instance):
      guard !isDamaged else { return nil }
      return give(term, to: instance, at: now)
    case .learned(let term): highest = max(highest, term)
    }
    return nil
  }

  private mutating func give(
    _ term: UInt64, to instance: String, at now: Instant
  ) -> Violation? {
    highest = max(highest, term)
    if let holder = holders.last(where: { $0.term == term }) {
      guard holder.instance != instance else { return nil }
      return violation(
        now,
        "term \(term) was given to \(instance), though \(holder.instance) had been given it at"
          + " \(holder.instant)")
    }
    holders.append((term, instance, now))
    return nil
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.termsAreUnique, at: now, evidence: evidence)
  }
}
