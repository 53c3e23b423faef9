public import Simulation

// What is counted of DB instances.

extension Meter.Kind {
  public static let statements = Self("statements", .count)
  /// Transactions that were committed, those that wrote nothing included.
  public static let commits = Self("commits", .count)
  public static let rollbacks = Self("rollbacks", .count)
  /// Statements that ended with an error.
  public static let statementErrors = Self("statement_errors", .count)
  /// Requests for a lock that had to wait.
  public static let lockWaits = Self("lock_waits", .count)
  /// Requests for a lock that were refused because of a deadlock.
  public static let deadlocks = Self("deadlocks", .count)
  public static let connectionsAccepted = Self("connections_accepted", .count)
  /// Connections turned away because there were too many, or because the server was ending.
  public static let connectionsRefused = Self("connections_refused", .count)
  /// Looks into the buffer pool that found their page, also right after it had been fetched.
  public static let bufferHits = Self("buffer_hits", .count)
  /// Pages that had to be fetched.
  public static let bufferMisses = Self("buffer_misses", .count)
  public static let bufferEvictions = Self("buffer_evictions", .count)
  /// Records of the writer that changed a page in memory on a reader.
  public static let redoApplied = Self("redo_applied", .count)
  /// Records of the writer that concerned no page in memory on a reader.
  public static let redoDropped = Self("redo_dropped", .count)
}

/// The meters of a session server's instance.
struct SessionMeters {
  let statements: Meter
  let commits: Meter
  let rollbacks: Meter
  let errors: Meter
  let connectionsAccepted: Meter
  let connectionsRefused: Meter

  init(of process: Process) {
    statements = process.meter(.statements)
    commits = process.meter(.commits)
    rollbacks = process.meter(.rollbacks)
    errors = process.meter(.statementErrors)
    connectionsAccepted = process.meter(.connectionsAccepted)
    connectionsRefused = process.meter(.connectionsRefused)
  }
}

/// The meters of a buffer pool's instance.
struct BufferPoolMeters {
  let hits: Meter
  let misses: Meter
  let evictions: Meter
  let redoApplied: Meter
  let redoDropped: Meter

  init(of process: Process) {
    hits = process.meter(.bufferHits)
    misses = process.meter(.bufferMisses)
    evictions = process.meter(.bufferEvictions)
    redoApplied = process.meter(.redoApplied)
    redoDropped = process.meter(.redoDropped)
  }
}
