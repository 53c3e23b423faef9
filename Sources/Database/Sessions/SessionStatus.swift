public import Simulation
import Wire

/// What a session does at one instant, as `pg_stat_activity` would show it.
public struct SessionStatus: Equatable, Sendable {
  public enum State: String, Sendable {
    case active
    case idle
    case idleInTransaction = "idle in transaction"
    case idleInFailedTransaction = "idle in transaction (aborted)"
  }

  public enum Wait: String, Sendable {
    /// The next message.
    case client
    /// The client to read what it was sent.
    case clientWrite = "client that does not read"
    /// A row or a table that another transaction has locked.
    case lock
    /// The processor, which it shares with others.
    case processor
    /// Its commit record to be durable.
    case durability = "durability of its commit"
    /// The log to have room for more redo.
    case log = "room in the log"
    case sleep
    /// None of these: the volume has a page that it needs.
    case page
  }

  /// `pg_backend_pid()`
  public var processID: Int32
  public var client: Address
  public var state: State
  public var wait: Wait
  /// The statement at hand; while the client says nothing, the last one.
  public var statement: String
}

extension Session {
  var status: SessionStatus {
    let state: SessionStatus.State =
      if isBusy {
        .active
      } else {
        switch block.status {
        case .idle: .idle
        case .inTransaction: .idleInTransaction
        case .failed: .idleInFailedTransaction
        }
      }
    let isLocked = (block.transaction?.waitingRequest ?? -1) >= 0
    let wait: SessionStatus.Wait =
      if isLocked {
        .lock
      } else if block.transaction?.roomWait != nil {
        .log
      } else {
        waitsFor ?? (isBusy ? .page : .client)
      }
    return SessionStatus(
      processID: key.processID, client: connection.remote, state: state, wait: wait,
      statement: statementText)
  }
}
