public import Simulation

/// Rare situations of an instance.
public enum DatabaseProbe: String, Probe {
  case deadlock = "database.deadlock"
  case interruptedRolledBack = "database.interrupted_transaction_rolled_back"
  case connectionRefused = "database.too_many_connections"
  case readerReattached = "database.reader_attached_again"
  case lockWaited = "database.lock_waited_for"
}
