import Database
import Statistics
import Volume

extension Invariant {
  public static let copiesAgree: Invariant = .init(
    3, "copies_agree", "all copies of a page agree at an LSN at or below the VDL",
    source: "Verbitski et al., SIGMOD 2017, §3.3"
  ) { state in
    guard let durable = state.world.writer?.durableLSN else {
      return Judgement(.copiesAgree, wasJudged: false, evidence: "there was no writer at the end")
    }
    let inspector = VolumeInspector(geometry: state.world.geometry, nodes: state.world.storageNodes)
    var checker = CopiesAgreeChecker(volumeDurableLSN: durable.value)
    var violations: [Violation] = []
    for copy in inspector.copies(at: durable) where copy.isComplete {
      _ = checker.observe(.complete(group: copy.group, copy: copy.copy), at: state.now)
      for page in inspector.pages(of: copy.group, copy: copy.copy, at: durable) ?? [] {
        let violation = checker.observe(
          .page(
            group: copy.group, page: UInt64(page.page.value), copy: copy.copy,
            lsn: page.lsn.value, checksum: page.checksum), at: state.now)
        if let violation { violations.append(violation) }
      }
    }
    violations += checker.finish(at: state.now)
    let counts = (0..<state.world.geometry.groupCount).map { checker.completeCount(of: $0) }
    return Judgement(
      .copiesAgree, violations: violations,
      wasJudged: checker.pageCount > 0 && counts.allSatisfy { $0 > 1 },
      evidence: evidence(pages: checker.pageCount, complete: counts))
  }

  /// - Parameter counts: complete copies, by group.
  private static func evidence(pages: Int, complete counts: [Int]) -> String {
    let lonely = counts.indices.filter { counts[$0] < 2 }
    if let first = lonely.first {
      return "protection group \(first) had \(Measurement.count(counts[first], "complete copy"))"
        + (lonely.count > 1 ? ", and \(FixedPoint.grouped(lonely.count - 1)) more had too few" : "")
        + ", so that there was nothing to compare"
    }
    let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
    return "\(FixedPoint.grouped(pages)) pages compared in"
      + " \(least == most ? "\(least)" : "\(least) to \(most)") complete copies of each"
      + " protection group"
  }
}

extension Scenario.ClaimedInvariant {
  public static let copiesAgree = Self(.copiesAgree)
}
