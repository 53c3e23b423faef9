import Database
import Statistics

// What is looked at once the end state has been read: all pages of the database, as storage nodes make them, and those in
// the instances' memories.

extension Invariant {
  public static let structuresSound: Invariant = .init(
    18, "structures_sound",
    "at the end every tree, index, undo log and list of free pages is sound",
    source: "the engine's own rules, `Sources/Database/README.md`"
  ) { state in
    guard let report = state.examination?.report else {
      return Judgement(
        .structuresSound, wasJudged: false, evidence: "there was no writer at the end")
    }
    let evidence =
      report.unreadableCount > 0
      ? "no copy had a sound image of \(Measurement.count(report.unreadableCount, "page"))"
      : "\(Measurement.count(report.tableCount, "table")) of"
        + " \(Measurement.count(report.treeCount, "tree")) with"
        + " \(Measurement.count(report.rowCount, "row")) and"
        + " \(Measurement.count(report.entryCount, "index entry")),"
        + " \(Measurement.count(report.pageCount, "page"))"
    return Judgement(
      .structuresSound,
      violations: state.violations(.structuresSound, report.problems, of: report.problemCount),
      wasJudged: report.rowCount > 0 && report.unreadableCount == 0, evidence: evidence)
  }

  public static let cachesAgree: Invariant = .init(
    19, "caches_agree",
    "at the end each page in the memory of an instance is what the volume makes of the log",
    source: "Verbitski et al., SIGMOD 2018, §3.4 (what a replica applies)"
  ) { state in
    guard let cached = state.examination?.cached else {
      return Judgement(.cachesAgree, wasJudged: false, evidence: "there was no writer at the end")
    }
    return Judgement(
      .cachesAgree,
      violations: state.violations(.cachesAgree, cached.problems, of: cached.problemCount),
      wasJudged: cached.pageCount > 0,
      evidence: "\(Measurement.count(cached.pageCount, "page")) in the memory of"
        + " \(cached.instances.joined(separator: ", "))")
  }

  public static let nothingIsLeftOver: Invariant = .init(
    20, "nothing_is_left_over",
    "at the end there is no undo, deleted row or index entry that no view can need, and no lost page",
    source: "the engine's own rules, `Sources/Database/README.md`"
  ) { state in
    guard let (backlog, report) = state.examination.map({ ($0.backlog, $0.report) }) else {
      return Judgement(
        .nothingIsLeftOver, wasJudged: false, evidence: "there was no writer at the end")
    }
    let obstacle: String? =
      if report.unreadableCount > 0 {
        "no copy had a sound image of \(Measurement.count(report.unreadableCount, "page"))"
      } else if backlog.openTransactions > 0 || report.openTransactionCount > 0 {
        "\(Measurement.count(max(backlog.openTransactions, report.openTransactionCount), "transaction")) had not ended"
      } else if backlog.isHeldBack {
        "a view was open that may need what is left"
      } else {
        nil
      }
    if let obstacle {
      return Judgement(.nothingIsLeftOver, wasJudged: false, evidence: obstacle)
    }
    let left = report.remnants
    let found = [
      (backlog.transactions, "ended transaction"), (left.deletedRows, "deleted row"),
      (left.markedEntries, "marked index entry"),
      (left.undoPages, "page of undo more than one to a slot"),
      (left.lostPages, "page that nothing leads to"),
    ].filter { $0.0 > 0 }
    let problems =
      found.map { "\($0.1): \(FixedPoint.grouped($0.0))" } + left.examples
    return Judgement(
      .nothingIsLeftOver,
      violations: problems.isEmpty
        ? []
        : [
          Violation(
            .nothingIsLeftOver, at: state.now,
            evidence: "left \(Verifier.purgePatience) after the last transaction: "
              + problems.joined(separator: "; "))
        ],
      wasJudged: report.rowCount > 0,
      evidence: "\(Measurement.count(report.pageCount, "page")) looked through")
  }
}

extension EndState {
  /// - Parameter count: of all problems, of which some are listed.
  fileprivate func violations(
    _ invariant: Invariant, _ problems: [String], of count: Int
  ) -> [Violation] {
    let more =
      count > problems.count
      ? ["\(FixedPoint.grouped(count - problems.count)) more, \(problems.count) are listed"] : []
    return (problems + more).map { Violation(invariant, at: now, evidence: $0) }
  }
}

extension Scenario.ClaimedInvariant {
  public static let structuresSound = Self(.structuresSound)
  public static let cachesAgree = Self(.cachesAgree)
  public static let nothingIsLeftOver = Self(.nothingIsLeftOver)
}
