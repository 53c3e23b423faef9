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
    return Judgement(
      .copiesAgree, violations: violations, wasJudged: checker.pageCount > 0,
      evidence: "\(FixedPoint.grouped(checker.pageCount)) pages compared in all copies")
  }
}

extension Scenario.ClaimedInvariant {
  public static let copiesAgree = Self(.copiesAgree)
}
