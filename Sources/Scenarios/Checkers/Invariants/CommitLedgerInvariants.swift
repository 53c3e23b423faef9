import Statistics

extension Invariant {
  public static let noAcknowledgedCommitLost: Invariant = .init(
    1, "no_acknowledged_commit_lost", "no acknowledged commit is lost",
    source: "Verbitski et al., SIGMOD 2017, §4.2.2"
  ) { state in
    let count = state.ledger.acknowledgedCount
    return judgement(
      of: .noAcknowledgedCommitLost, in: state, by: count,
      "\(FixedPoint.grouped(count)) acknowledged commits looked up",
      without: "no client was told of the commit of a transaction that writes")
  }

  public static let rolledBackLeavesNothing: Invariant = .init(
    6, "rolled_back_leaves_nothing", "a transaction that was rolled back leaves nothing behind",
    source: "ISO/IEC 9075-2, rollback statement"
  ) { state in
    let count = state.ledger.rolledBackCount
    return judgement(
      of: .rolledBackLeavesNothing, in: state, by: count,
      "\(FixedPoint.grouped(count)) transactions that were rolled back looked for",
      without: "no transaction that writes was rolled back")
  }

  private static func judgement(
    of invariant: Invariant, in state: EndState, by count: Int, _ evidence: String,
    without emptiness: String
  ) -> Judgement {
    guard state.reading != nil else {
      return Judgement(
        invariant, wasJudged: false, evidence: "the database could not be read at the end")
    }
    return Judgement(
      invariant,
      violations: state.ledger.finish(at: state.now).filter { $0.invariant == invariant },
      wasJudged: count > 0, evidence: count > 0 ? evidence : emptiness)
  }
}

extension Scenario.ClaimedInvariant {
  public static let noAcknowledgedCommitLost = Self(.noAcknowledgedCommitLost)
  public static let rolledBackLeavesNothing = Self(.rolledBackLeavesNothing)
}
