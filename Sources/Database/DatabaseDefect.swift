public import Simulation

/// Mistakes of an instance.
public enum DatabaseDefect: String, Defect {
  /// A commit is answered as soon as it is in the log's buffer.
  case commitsWithoutWaiting = "database.commits_without_waiting"
  /// A snapshot takes transactions in progress for committed.
  case seesUncommitted = "database.sees_uncommitted"
  /// A rollback leaves a transaction's first change.
  case rollsBackAllButOne = "database.rolls_back_all_but_one"
  /// What a crash interrupted is taken for committed.
  case keepsInterrupted = "database.keeps_interrupted"
  /// A reader leaves out some of the log's records.
  case readerSkipsRecords = "database.reader_skips_records"
  /// A transaction takes a new snapshot for each statement, although it promised one for all.
  case snapshotsMove = "database.snapshots_move"
  /// A transaction that fails takes with it what its session had prepared.
  case forgetsPrepared = "database.forgets_prepared"
  /// An update that has waited for a row works with the values that the row had before.
  case updatesFromSnapshot = "database.updates_from_snapshot"
  /// An update that has waited for a row does not look whether its condition still holds.
  case checksNothingTwice = "database.checks_nothing_twice"
  /// A rollback to a savepoint leaves the first change after it.
  case keepsFirstOfSavepoint = "database.keeps_first_of_savepoint"
  /// A key of a unique index may be taken twice.
  case ignoresTakenKeys = "database.ignores_taken_keys"
  /// An update keeps only the first of a table's indexes.
  case keepsOneIndex = "database.keeps_one_index"
  /// An index that is made leaves out the first row of each batch that it reads.
  case skipsFirstOfBatch = "database.skips_first_of_batch"
  /// A rollback ends after a hundred changes.
  case rollsBackAHundred = "database.rolls_back_a_hundred"
  /// A lock is granted to whoever waits for it when anybody lets go of it.
  case grantsBesideOthers = "database.grants_beside_others"
  /// A row that is deleted leaves its index entries as if it were there.
  case leavesEntriesLive = "database.leaves_entries_live"
  /// A reader that waits for a page does not apply what the log has for it meanwhile.
  case dropsLateRedo = "database.drops_late_redo"
  /// A table or index that is made anew leaves the pages of the one before.
  case keepsReplacedTrees = "database.keeps_replaced_trees"
  /// Purge does not ask which views there are.
  case purgesUnderViews = "database.purges_under_views"
  /// A transaction block goes on after an error as if there had been none.
  case goesOnAfterErrors = "database.goes_on_after_errors"
}
