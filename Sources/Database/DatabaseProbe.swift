public import Simulation

/// Rare situations of an instance.
public enum DatabaseProbe: String, Probe {
  /// A reader had to wait for a table before it could go on applying the log.
  case replayWaited = "database.replay_waited"
  /// It cancelled who was in its way.
  case recoveryConflict = "database.recovery_conflict"
  case deadlock = "database.deadlock"
  case interruptedRolledBack = "database.interrupted_transaction_rolled_back"
  case connectionRefused = "database.too_many_connections"
  case readerReattached = "database.reader_attached_again"
  case readerCutOff = "database.reader_cut_off_for_its_queue"
  case lockWaited = "database.lock_waited_for"
}
