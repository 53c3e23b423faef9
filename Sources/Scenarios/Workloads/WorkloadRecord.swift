import Simulation

/// Everything that the sessions of one workload saw: the raw material of its measurements.
final class WorkloadRecord {
  /// An acknowledged commit.
  struct Commit {
    let instant: Instant
    /// From the arrival of the transaction to the answer to its COMMIT, failed attempts included.
    let latency: Interval
    /// When the attempt that succeeded was begun.
    let begun: Instant
    /// When the session was opened, and to which instance's host: tells commits before a failover
    /// from commits after it.
    let session: Instant
    let server: HostID
    /// The client's host.
    let client: String
    /// Whether the transaction wrote: reading may go on while nothing can be written.
    let writes: Bool
  }

  /// An attempt that ended in anything else.
  struct Failure {
    let instant: Instant
    /// A SQLSTATE, or what became of the connection: `connection reset`.
    let kind: String
    /// Whether it may have been committed after all: its COMMIT had been sent.
    let isInDoubt: Bool
  }

  /// An attempt to open a session that worked.
  struct SessionOpened {
    let instant: Instant
    let server: HostID
    let client: String
  }

  /// A transaction that arrived and was never begun, as there was no application to begin it.
  struct Unserved {
    let arrival: Instant
    /// When it was turned away.
    let instant: Instant
  }

  let workload: Scenario.Workload
  private(set) var unserved: [Unserved] = []
  private(set) var commits: [Commit] = []
  private(set) var failures: [Failure] = []
  private(set) var sessions: [SessionOpened] = []
  /// What the ledger of commits is to be told.
  private(set) var ledger: [(instant: Instant, observation: CommitLedger.Observation)] = []

  /// - Parameters:
  ///   - commits: those already made, in order of time, as are the other lists.
  init(
    workload: Scenario.Workload, commits: [Commit] = [], failures: [Failure] = [],
    sessions: [SessionOpened] = []
  ) {
    self.workload = workload
    (self.commits, self.failures, self.sessions) = (commits, failures, sessions)
  }

  func opened(_ connection: DatabaseConnection, by client: String) {
    sessions.append(
      SessionOpened(instant: connection.established, server: connection.host, client: client))
  }

  func unserved(_ arrival: ArrivalStream.Arrival, at now: Instant) {
    unserved.append(Unserved(arrival: arrival.instant, instant: now))
  }

  func committed(
    _ attempt: TransactionAttempt, on connection: DatabaseConnection, by client: String,
    arrival: Instant, at now: Instant
  ) {
    commits.append(
      Commit(
        instant: now, latency: now - arrival, begun: attempt.invoked,
        session: connection.established,
        server: connection.host, client: client, writes: attempt.writes))
    guard attempt.writes else { return }
    let bytes = connection.transactionBytes
    ledger.append((now, .acknowledged(attempt.token, bytes: bytes, lsn: nil)))
  }

  func failed(
    _ attempt: TransactionAttempt, _ outcome: TransactionOutcome, kind: String, at now: Instant
  ) {
    let isInDoubt = if case .inDoubt = outcome { true } else { false }
    failures.append(Failure(instant: now, kind: kind, isInDoubt: isInDoubt))
    guard attempt.writes else { return }
    ledger.append((now, isInDoubt ? .inDoubt(attempt.token) : .rolledBack(attempt.token)))
  }
}
