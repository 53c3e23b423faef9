import Database
import Simulation

/// What a run has left behind, as those see it who judge its invariants.
struct EndState {
  /// The tables, read to their end through SQL, as a user would.
  struct Reading {
    /// When it began. Who was at the end of a long queue may have been told of a commit since: whether that
    /// is in the reading is luck.
    let start: Instant
    /// The transactions that left something, as the scripts recognise them.
    let survivors: [TransactionToken]
  }

  let world: World
  /// In the order of the scenario.
  let workloads: [WorkloadRecord]
  /// One for each mix.
  let scripts: [(mix: String, script: any TransactionScript)]
  /// In the order of the scenario, in scenario time.
  let faults: [FaultResult]
  /// The instant that the scenario calls zero.
  let origin: Instant
  /// `nil` if the tables could not be read.
  let reading: Reading?
  /// What clients were told, held against what is there.
  let ledger: CommitLedger
  /// Every page, if there is a writer.
  let examination: DatabaseExamination?

  init(
    world: World, workloads: [WorkloadRecord],
    scripts: [(mix: String, script: any TransactionScript)], faults: [FaultResult],
    origin: Instant, reading: Reading?
  ) {
    (self.world, self.workloads, self.origin) = (world, workloads, origin)
    (self.scripts, self.faults, self.reading) = (scripts, faults, reading)
    examination = DatabaseExamination(of: world)
    ledger = Self.ledger(world, workloads, origin, reading)
  }

  /// An instant as the scenario counts, which is how checkers are told of it: it may be in what they say.
  func scenarioTime(_ instant: Instant) -> Instant { .start + (instant - origin) }

  /// Now, as the scenario counts.
  var now: Instant { scenarioTime(world.simulation.now) }

  private static func ledger(
    _ world: World, _ workloads: [WorkloadRecord], _ origin: Instant, _ reading: Reading?
  ) -> CommitLedger {
    func scenarioTime(_ instant: Instant) -> Instant { .start + (instant - origin) }
    var ledger = CommitLedger()
    var observations: [(instant: Instant, observation: CommitLedger.Observation)] = []
    for workload in workloads {
      observations += workload.ledger.filter { $0.instant < reading?.start ?? .distantFuture }
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
    let now = scenarioTime(world.simulation.now)
    for token in reading?.survivors ?? [] { _ = ledger.observe(.survived(token), at: now) }
    if reading != nil { _ = ledger.observe(.survivorsComplete, at: now) }
    return ledger
  }
}
