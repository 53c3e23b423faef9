public import Simulation
import Volume

/// What a transaction may see of others' work, and what happens when two change the same row.
public enum IsolationLevel: Sendable {
  /// Each statement sees what was committed when it began.
  case readCommitted
  /// All statements see what was committed when the first began; to change a row that another has
  /// changed since is an error. (PostgreSQL's REPEATABLE READ: snapshot isolation.)
  case repeatableRead
}

/// A unit of work on one instance.
///
/// It gets an identifier, and with it a place in the volume, when it first writes.
public final class Transaction {
  enum State {
    case active
    /// Its commit is in the log, but perhaps not durable.
    case committing
    case ended
  }

  /// Fixed once it has a snapshot.
  public internal(set) var isolation: IsolationLevel
  /// The backend that error messages name.
  public let processID: Int32
  public internal(set) var id: TransactionID?
  /// How long it waits for a lock; `nil` for as long as it takes.
  public var lockTimeout: Interval?
  /// How long it waits for a lock before it looks for a deadlock.
  public var deadlockTimeout = Interval.seconds(1)
  var state = State.active
  /// The snapshot of a transaction at REPEATABLE READ.
  var snapshot: Snapshot?
  /// Keeps ``snapshot`` from being purged.
  var snapshotHold: HorizonHold?

  // What it has in the volume.
  var slot: RollbackSlot?
  /// Whether the slot's page says so.
  var isMarked = false
  /// Its newest undo record.
  var lastUndo: UndoPointer?
  /// How many undo records it has.
  var undoCount: UInt32 = 0
  /// Whether purge has more to do for it than to let go of undo.
  var needsPurge = false
  var changesCatalog = false
  /// LSN of the record that ended it, once that is in the log.
  var endLSN: LSN?
  /// The catalog as this transaction has changed it, and the version of what others had committed when it was read.
  var ownCatalog: (contents: CatalogContents, version: UInt64)?

  // What it has in the lock table.
  var firstLock: Int32 = -1
  /// Tables that it has locked without a request.
  var heldTables = TableHolds()
  /// Its place among those who have such tables.
  var holderIndex = -1
  /// How many requests it has made, or others for it.
  var lockSerial: UInt32 = 0
  /// The request it waits for.
  var waitingRequest: Int32 = -1
  /// Wakes it while it waits for room in the log.
  var roomWait: WaitToken?
  /// Marks visits of the search for deadlocks.
  var visitMark: UInt64 = 0

  init(isolation: IsolationLevel, processID: Int32) {
    (self.isolation, self.processID) = (isolation, processID)
  }

  public var hasEnded: Bool { state == .ended }
}

/// A point inside a transaction to which it can be rolled back.
public struct Savepoint: Sendable {
  /// How many undo records the transaction had.
  let undoCount: UInt32
  /// How many locks it had requested.
  let lockSerial: UInt32
}
