import Scenarios
import Simulation
import Testing

private func second(_ count: Int64) -> Instant { .start + .seconds(count) }

@Suite struct `The commit ledger` {
  private static func token(_ sequence: Int) -> TransactionToken {
    TransactionToken(client: 1, sequence: sequence)
  }

  /// Five acknowledged, one in doubt that survives and one that does not; the writer is lost at 10 s.
  private static func ledger(surviving: [Int], complete: Bool = true) -> CommitLedger {
    var ledger = CommitLedger()
    for sequence in 1...5 {
      _ = ledger.observe(
        .acknowledged(token(sequence), bytes: 100, lsn: UInt64(sequence) * 10),
        at: second(Int64(sequence)))
    }
    _ = ledger.observe(.inDoubt(token(6)), at: second(6))
    _ = ledger.observe(.inDoubt(token(7)), at: second(6))
    _ = ledger.observe(.rolledBack(token(8)), at: second(7))
    _ = ledger.observe(.writerLost, at: second(10))
    for sequence in surviving { _ = ledger.observe(.survived(token(sequence)), at: second(60)) }
    if complete { _ = ledger.observe(.survivorsComplete, at: second(60)) }
    return ledger
  }

  @Test func `balances when everything acknowledged survives`() {
    let ledger = Self.ledger(surviving: [1, 2, 3, 4, 5, 6])
    #expect(ledger.finish(at: second(60)).isEmpty)
    let numbers = ledger.ledger(at: second(60))
    #expect(numbers?.acknowledgedCount == 5 && numbers?.survivingCount == 5)
    #expect(numbers?.lostCount == 0 && numbers?.lostTime == .zero)
    #expect(numbers?.inDoubtCount == 2 && numbers?.inDoubtSurvivingCount == 1)
  }

  @Test func `writes great numbers as the report does`() {
    var ledger = CommitLedger()
    for sequence in 1...19_250 {
      _ = ledger.observe(
        .acknowledged(Self.token(sequence), bytes: 1, lsn: nil), at: second(Int64(sequence)))
    }
    _ = ledger.observe(.survivorsComplete, at: second(20_000))
    let evidence = ledger.finish(at: second(20_000)).first?.evidence ?? ""
    #expect(
      evidence.hasPrefix("19\u{202F}250 of 19\u{202F}250 acknowledged commits are missing:"))
    #expect(evidence.hasSuffix("and 19\u{202F}245 more"))
  }

  @Test func `names each acknowledged commit that is missing, and its age at the failure`() {
    let ledger = Self.ledger(surviving: [1, 2, 3])
    #expect(
      ledger.finish(at: second(60)) == [
        Violation(
          .noAcknowledgedCommitLost, at: second(4),
          evidence: """
            2 of 5 acknowledged commits are missing:
              client 1, transaction 4, acknowledged at 4.000000s with LSN 40
              client 1, transaction 5, acknowledged at 5.000000s with LSN 50
            """)
      ])
    let numbers = ledger.ledger(at: second(60))
    #expect(numbers?.lostCount == 2 && numbers?.lostBytes == 200)
    #expect(numbers?.lostTime == .seconds(6))
    #expect(numbers?.lost.map(\.acknowledged) == [second(4), second(5)])
  }

  @Test func `finds a rolled-back transaction that is there`() {
    let violations = Self.ledger(surviving: [1, 2, 3, 4, 5, 8]).finish(at: second(60))
    #expect(violations.map(\.invariant) == [.rolledBackLeavesNothing])
  }

  @Test func `judges nothing before the database was read to its end`() {
    let ledger = Self.ledger(surviving: [], complete: false)
    #expect(ledger.finish(at: second(60)).isEmpty)
    #expect(ledger.ledger(at: second(60)) == nil)
  }
}

@Suite struct `The single-writer checker` {
  private static func judge(_ observations: [(UInt64, String, String)]) -> [Violation] {
    judge(observations.map { .accepted(epoch: $0.0, writer: $0.1, segment: $0.2) })
  }

  /// One observation a second.
  private static func judge(_ observations: [SingleWriterChecker.Observation]) -> [Violation] {
    var checker = SingleWriterChecker()
    return observations.enumerated().compactMap { index, observation in
      checker.observe(observation, at: second(Int64(index)))
    }
  }

  /// `w` goes on after `r1` has taken over: an answer that was under way is none of its doing.
  @Test func `finds an old writer that commits what began under the new one`() {
    let observations: [SingleWriterChecker.Observation] = [
      .opened(writer: "w"), .committed(writer: "w", begun: second(0)), .opened(writer: "r1"),
      .committed(writer: "w", begun: second(2)), .committed(writer: "r1", begun: second(3)),
      .committed(writer: "w", begun: second(3)), .committed(writer: "w", begun: second(4)),
    ]
    #expect(
      Self.judge(observations).map(\.evidence) == [
        "w acknowledged the commit of a transaction that began at 4.000000s, though r1 had been the"
          + " writer since then or before, and acknowledged a commit at 4.000000s"
      ])
  }

  @Test func `allows a writer that was replaced to be the writer again`() {
    #expect(
      Self.judge([
        .opened(writer: "w"), .committed(writer: "w", begun: second(0)), .opened(writer: "r1"),
        .committed(writer: "r1", begun: second(2)), .opened(writer: "w"),
        .committed(writer: "w", begun: second(4)),
      ]).isEmpty)
  }

  @Test func `finds a commit of somebody who never opened the volume`() {
    #expect(
      Self.judge([
        .opened(writer: "w"), .committed(writer: "r1", begun: second(0)),
      ]).map(\.evidence) == [
        "r1 acknowledged a commit, and never opened the volume as the writer"
      ])
  }

  @Test func `allows one segment to hear of an epoch later than another`() {
    #expect(
      Self.judge([
        (1, "w", "pg0/c0"), (1, "w", "pg0/c1"), (2, "r1", "pg0/c0"), (1, "w", "pg0/c1"),
        (2, "r1", "pg0/c1"),
      ]).isEmpty)
  }

  @Test func `finds two writers in one epoch`() {
    #expect(
      Self.judge([(1, "w", "pg0/c0"), (1, "r1", "pg0/c1")]).map(\.evidence) == [
        "epoch 1 has two writers: w, accepted by segment pg0/c0 at 0.000000s, and r1, accepted by "
          + "segment pg0/c1"
      ])
  }

  @Test func `finds a segment that goes back to an older epoch`() {
    #expect(
      Self.judge([(1, "w", "pg0/c0"), (2, "r1", "pg0/c0"), (1, "w", "pg0/c0")]).map(\.evidence)
        == ["segment pg0/c0 accepted a write of epoch 1 from w after one of epoch 2"])
  }
}

@Suite struct `The checker of copies` {
  /// Six complete copies of two pages, with one change to one of them.
  private static func judge(
    change: (inout (lsn: UInt64, checksum: UInt32)?) -> Void = { _ in }
  ) -> [Violation] {
    var checker = CopiesAgreeChecker(volumeDurableLSN: 100)
    var found: [Violation] = []
    for copy in 0..<6 {
      _ = checker.observe(.complete(group: 0, copy: copy), at: second(60))
      for page in [17, 18] as [UInt64] {
        var version: (lsn: UInt64, checksum: UInt32)? = (90, 0xAB)
        if copy == 3, page == 18 { change(&version) }
        guard let version else { continue }
        let violation = checker.observe(
          .page(
            group: 0, page: page, copy: copy, lsn: version.lsn, checksum: version.checksum),
          at: second(60))
        if let violation { found.append(violation) }
      }
    }
    #expect(checker.pageCount == 2)
    return found + checker.finish(at: second(60))
  }

  @Test func `is content with six equal copies`() { #expect(Self.judge().isEmpty) }

  @Test func `finds one with other contents`() {
    #expect(
      Self.judge { $0?.checksum = 0xCD }.map(\.evidence) == [
        "page 18 of protection group 0: copies 0, 1, 2, 4, 5 have LSN 90 and checksum 000000ab; "
          + "copy 3 has LSN 90 and checksum 000000cd"
      ])
  }

  @Test func `finds one that is missing`() {
    #expect(
      Self.judge { $0 = nil }.map(\.evidence) == [
        "page 18 of protection group 0: copies 0, 1, 2, 4, 5 have LSN 90 and checksum 000000ab; "
          + "copy 3 has no such page"
      ])
  }

  @Test func `finds one beyond the VDL`() {
    let evidence = Self.judge { $0?.lsn = 101 }.map(\.evidence)
    #expect(evidence.count == 2)
    #expect(
      evidence.first
        == "copy 3 of page 18 in protection group 0 is at LSN 101, beyond the VDL 100")
  }
}

@Suite struct `The bank checker` {
  @Test func `finds money that was made or lost, and accounts that are missing`() {
    var checker = BankChecker(accounts: 10, total: 1_000)
    #expect(checker.observe(.init(reader: "a", accounts: 10, total: 1_000), at: second(1)) == nil)
    #expect(
      checker.observe(.init(reader: "client 2 on r1", accounts: 10, total: 1_005), at: second(2))
        == Violation(
          .bankTotalConstant, at: second(2),
          evidence: "client 2 on r1 saw a total of 1\u{202F}005 instead of 1\u{202F}000: +5"))
    #expect(
      checker.observe(.init(reader: "the final read", accounts: 9, total: 1_000), at: second(3))?
        .evidence == "the final read saw 9 accounts of 10")
    #expect(checker.readCount == 3)
  }
}
