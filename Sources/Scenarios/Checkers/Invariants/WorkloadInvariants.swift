// Promises that are a mix's own, judged by its script.

extension Invariant {
  public static let tpcbSumsAgree: Invariant = .init(
    7, "tpcb_sums_agree",
    "each account, teller and branch of pgbench has the sum of its history",
    source: "TPC Benchmark B, clause 2.3, consistency conditions",
    impossibility: { $0.missesMix(TPCBMix.name) }, judge: nil)

  public static let noLostUpdate: Invariant = .init(
    8, "no_lost_update",
    "a counter that is counted up under a lock, or if it is unchanged, loses no step",
    source: "PostgreSQL documentation, 13.2.1 and 13.3.2",
    impossibility: { $0.missesMix(CounterMix.name) }, judge: nil)

  public static let partialRollbackExact: Invariant = .init(
    9, "partial_rollback_exact",
    "of a transaction that rolled back to savepoints exactly the rest is kept",
    source: "PostgreSQL documentation, ROLLBACK TO SAVEPOINT",
    impossibility: { $0.missesMix(SavepointMix.name) }, judge: nil)

  public static let uniqueKeysHold: Invariant = .init(
    10, "unique_keys_hold", "no two rows have the same unique key at any instant",
    source: "PostgreSQL documentation, 5.5.3",
    impossibility: { $0.missesMix(RegistryMix.name) }, judge: nil)

  public static let indexesAgreeWithTables: Invariant = .init(
    11, "indexes_agree_with_tables", "what an index gives is what the table gives",
    source:
      "PostgreSQL documentation, 62.4: an index has an entry for every row that may be visible",
    impossibility: { $0.missesMix(RegistryMix.name) }, judge: nil)

  public static let largeTransactionsWhole: Invariant = .init(
    12, "large_transactions_whole",
    "what a large transaction has written is seen whole or not at all",
    source: "ISO/IEC 9075-2, atomicity of transactions",
    impossibility: { $0.missesMix(BatchMix.name) }, judge: nil)

  public static let definitionsAreAtomic: Invariant = .init(
    17, "definitions_are_atomic",
    "tables and indexes are made and dropped with their transaction, and an index has every row",
    source: "PostgreSQL documentation, 13.5 and CREATE INDEX",
    impossibility: { $0.missesMix(DefinitionMix.name) }, judge: nil)

  public static let snapshotsStandStill: Invariant = .init(
    21, "snapshots_stand_still",
    "what a transaction reads again in its snapshot is the same, and adds up",
    source: "PostgreSQL documentation, 13.2.2",
    impossibility: { $0.missesMix(ReportMix.name) }, judge: nil)

  public static let answersHold: Invariant = .init(
    22, "answers_hold",
    "whoever errs, gives up or is in the way is told what becomes of his transaction",
    source: "PostgreSQL documentation, 13.3.4, 55.2.2.1 and 55.2.8",
    impossibility: { $0.missesMix(ImpatientMix.name) }, judge: nil)
}

extension Scenario.ClaimedInvariant {
  public static let tpcbSumsAgree = Self(.tpcbSumsAgree)
  public static let noLostUpdate = Self(.noLostUpdate)
  public static let partialRollbackExact = Self(.partialRollbackExact)
  public static let uniqueKeysHold = Self(.uniqueKeysHold)
  public static let indexesAgreeWithTables = Self(.indexesAgreeWithTables)
  public static let definitionsAreAtomic = Self(.definitionsAreAtomic)
  public static let snapshotsStandStill = Self(.snapshotsStandStill)
  public static let answersHold = Self(.answersHold)
  public static let largeTransactionsWhole = Self(.largeTransactionsWhole)
}
