import ControlPlane
import Database
import Simulation
import Statistics
import Volume

/// Reads the end state through SQL, as a user would, and lets the checkers judge.
final class Verifier {
  private(set) var isDone = false
  private let world: World
  private let scripts: [(mix: Mix, script: any TransactionScript)]
  private let runners: [WorkloadRunner]
  private let origin: Instant
  private var survivors: [TransactionToken] = []
  private var isComplete = false
  /// When the reading began that was read to its end. Who was at the end of a long queue may have been told
  /// of a commit since: whether that is in the reading is luck.
  private var readingStart = Instant.distantFuture

  /// - Parameter origin: the instant that the scenario calls zero.
  init(
    world: World, scripts: [(mix: Mix, script: any TransactionScript)], runners: [WorkloadRunner],
    origin: Instant
  ) {
    (self.world, self.scripts, self.runners, self.origin) = (world, scripts, runners, origin)
  }

  /// Sessions that are still waiting for an answer have this long to get one.
  private static let grace = Interval.seconds(20)

  func start() {
    let console = world.console
    console.process.spawn { [self] in
      try await console.process.sleep(for: Self.grace)
      while !isComplete {
        do {
          survivors.removeAll()
          readingStart = world.simulation.now
          let connection = try await console.connect()
          for (_, script) in scripts {
            survivors += try await script.survivors(through: connection)
          }
          connection.close()
          isComplete = true
        } catch let error as ProcessEnded {
          throw error
        } catch {
          try await console.process.sleep(for: .seconds(1))
        }
      }
      isDone = true
    }
  }

  /// What the checkers say, once the end state has been read; or that it could not be.
  func conclude(
    conditions: [(condition: Scenario.Condition, instant: Instant, holds: Bool)]
  ) -> RunRecord.Verification {
    var verification = RunRecord.Verification()
    verification.conditions = conditions
    judgeLedger(&verification)
    judgeWriters(&verification)
    judgeCopies(&verification)
    for (_, script) in scripts {
      if let bank = script as? BankScript { judge(bank, &verification) }
      if let lists = script as? ListAppendScript { judge(lists, &verification) }
    }
    return verification
  }

  // MARK: Judging

  /// An instant as the scenario counts, which is how checkers are told of it: it may be in what they say.
  private func scenarioTime(_ instant: Instant) -> Instant { .start + (instant - origin) }

  private var now: Instant { scenarioTime(world.simulation.now) }

  private func judgeLedger(_ verification: inout RunRecord.Verification) {
    var ledger = CommitLedger()
    var observations: [(instant: Instant, observation: CommitLedger.Observation)] = []
    for runner in runners {
      observations += runner.record.ledger.filter { $0.instant < readingStart }
    }
    for (instant, engine) in world.simulation.trace.events.all(EngineStateChanged.self)
    where engine.state == .stopped && engine.role == .writer {
      observations.append((instant, .writerLost))
    }
    // A stable order: by instant, then as collected.
    let ordered = observations.enumerated().sorted {
      ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset)
    }
    for (_, entry) in ordered {
      _ = ledger.observe(entry.observation, at: scenarioTime(entry.instant))
    }
    for token in survivors { _ = ledger.observe(.survived(token), at: now) }
    if isComplete { _ = ledger.observe(.survivorsComplete, at: now) }
    verification.violations += ledger.finish(at: now)
    let recoveryPoint = ledger.ledger(at: now)
    verification.ledger = recoveryPoint
    verification.evidence.append(
      (
        .noAcknowledgedCommitLost, isComplete,
        isComplete
          ? "\(FixedPoint.grouped(recoveryPoint?.acknowledgedCount ?? 0)) acknowledged commits looked up"
          : "the database could not be read at the end"
      ))
  }

  private func judgeWriters(_ verification: inout RunRecord.Verification) {
    var checker = SingleWriterChecker()
    var accepted = 0
    for (instant, write) in world.simulation.trace.events.all(FirstWriteAccepted.self) {
      accepted += 1
      let observation = SingleWriterChecker.Observation(
        epoch: UInt64(write.epoch.number) << 16 | UInt64(write.epoch.opener),
        writer: write.writer, segment: write.subject.id)
      if let violation = checker.observe(observation, at: scenarioTime(instant)) {
        verification.violations.append(violation)
      }
    }
    verification.evidence.append(
      (
        .singleWriter, accepted > 0,
        "\(FixedPoint.grouped(accepted)) first writes of an epoch at a segment"
      ))
  }

  private func judge(_ bank: BankScript, _ verification: inout RunRecord.Verification) {
    var checker = bank.checker
    for (instant, observation) in bank.audits {
      if let violation = checker.observe(observation, at: scenarioTime(instant)) {
        verification.violations.append(violation)
      }
    }
    verification.violations += checker.finish(at: now)
    verification.evidence.append(
      (.bankTotalConstant, checker.readCount > 0, "\(FixedPoint.grouped(checker.readCount)) audits")
    )
  }

  /// Judges at the strongest level that the scenario claims or that all of these workloads run at; each
  /// violation tells which level it breaks.
  private func judge(_ lists: ListAppendScript, _ verification: inout RunRecord.Verification) {
    let own =
      runners.map(\.record.workload).filter { $0.mix.name == "list-append" }
      .map(\.isolation.level).min() ?? .readCommitted
    let claimed = world.scenario.claims.always.compactMap { invariant in
      if case .isolation(let level) = invariant { level } else { nil }
    }
    var checker = ListAppendChecker(promise: max(own, claimed.max() ?? own))
    for transaction in lists.history {
      var transaction = transaction
      if transaction.outcome == .committed, let completed = transaction.completed,
        completed >= readingStart
      {
        (transaction.outcome, transaction.completed) = (.inDoubt, nil)
      }
      transaction.invoked = scenarioTime(transaction.invoked)
      transaction.completed = transaction.completed.map(scenarioTime)
      _ = checker.observe(
        .transaction(transaction), at: transaction.completed ?? transaction.invoked)
    }
    for (list, values) in lists.finalReads {
      _ = checker.observe(.finalReading(list: list, values: values), at: now)
    }
    verification.violations += checker.finish(at: now)
    verification.evidence.append(
      (
        .isolation, isComplete && checker.transactionCount > 0,
        "\(FixedPoint.grouped(checker.transactionCount)) list-append transactions, run at "
          + own.rawValue
      ))
  }

  /// Compares the six copies of every page as of the VDL.
  private func judgeCopies(_ verification: inout RunRecord.Verification) {
    guard let durable = world.writer?.durableLSN else {
      return verification.evidence.append((.copiesAgree, false, "there was no writer at the end"))
    }
    let inspector = VolumeInspector(geometry: world.geometry, nodes: world.storageNodes)
    var checker = CopiesAgreeChecker(volumeDurableLSN: durable.value)
    for copy in inspector.copies(at: durable) where copy.isComplete {
      _ = checker.observe(.complete(group: copy.group, copy: copy.copy), at: now)
      for page in inspector.pages(of: copy.group, copy: copy.copy, at: durable) ?? [] {
        let violation = checker.observe(
          .page(
            group: copy.group, page: UInt64(page.page.value), copy: copy.copy,
            lsn: page.lsn.value, checksum: page.checksum), at: now)
        if let violation { verification.violations.append(violation) }
      }
    }
    verification.violations += checker.finish(at: now)
    verification.evidence.append(
      (
        .copiesAgree, checker.pageCount > 0,
        "\(FixedPoint.grouped(checker.pageCount)) pages compared in all copies"
      ))
  }
}
