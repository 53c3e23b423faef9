import Simulation

/// The tables that the writer's transactions have locked for themselves alone, locked on a reader, too.
///
/// ```
///   writer:  ALTER TABLE t ──▶ locked t ──▶ records … ──▶ durable ──▶ unlocked t
///                                 │
///   reader:  who reads t may go on for a while; then the statement is cancelled.
///            Who comes later waits. Until the lock is had, nothing that follows is applied.
/// ```
///
/// So a statement on a reader never meets a table that changes its shape under it. What it pays for is the
/// reader's lag.
///
/// Rows are another matter: a reader tells the writer which of their versions its statements may need, as
/// with `hot_standby_feedback`, and no statement is cancelled for their sake.
///
/// Source: PostgreSQL documentation, 27.4.2 (handling query conflicts); 27.4.5 for the parameter.
final class ReplayLocks {
  private let process: Process
  private let engine: StorageEngine
  private let server: SessionServer
  /// Has all the locks; messages about deadlocks name it by the number that no session has.
  private let replay = Transaction(isolation: .readCommitted, processID: 1_000)

  /// Between two attempts to cancel what is in the way, as in PostgreSQL.
  private static let retryInterval = Interval.milliseconds(5)

  init(process: Process, engine: StorageEngine, server: SessionServer) {
    (self.process, self.engine, self.server) = (process, engine, server)
  }

  /// Locks a table.
  ///
  /// - Returns: the request that must be waited for; `nil` if nobody is in the way.
  func lock(_ table: UInt32) -> Int32? {
    let name = LockManager.name(ofTable: table)
    switch engine.locks.request(name, .accessExclusive, for: replay, table: table) {
    case .granted: return nil
    case .waits(let number): return number
    case .deadlock: preconditionFailure("what is replayed has no other lock on the table")
    }
  }

  func unlock(_ table: UInt32) { engine.locks.release(table: table, of: replay, after: 0) }

  /// Waits until a table is locked; in the end, cancels who is in the way.
  ///
  /// - Parameter received: when the lock was heard of.
  func wait(for number: Int32, since received: Instant) async throws {
    process.probe(DatabaseProbe.replayWaited)
    var deadline = received + server.standbyDelay
    while !engine.locks.isGranted(number) {
      if deadline > process.now {
        try await engine.locks.pause(number, until: deadline)
      } else {
        process.probe(DatabaseProbe.recoveryConflict)
        for transaction in engine.locks.blockers(of: number) { server.cancel(transaction) }
        deadline = process.now + Self.retryInterval
      }
    }
  }
}
