import Simulation

/// Everything that the sessions of one workload saw: the raw material of its measurements.
final class WorkloadRecord {
  /// An acknowledged commit.
  struct Commit {
    let instant: Instant
    /// From the arrival of the transaction to the answer to its COMMIT, failed attempts included.
    let latency: Interval
    /// When the session was opened, and to which instance's host: tells commits before a failover
    /// from commits after it.
    let session: Instant
    let server: HostID
    /// The client's host.
    let client: String
  }

  /// An attempt that ended in anything else.
  struct Failure {
    let instant: Instant
    /// A SQLSTATE, or what became of the connection: `connection reset`.
    let kind: String
  }

  /// An attempt to open a session that worked.
  struct SessionOpened {
    let instant: Instant
    let server: HostID
    let client: String
  }

  let workload: Scenario.Workload
  private(set) var commits: [Commit] = []
  private(set) var failures: [Failure] = []
  private(set) var sessions: [SessionOpened] = []
  private(set) var rolledBackCount = 0
  private(set) var inDoubtCount = 0
  /// What the ledger of commits is to be told.
  private(set) var ledger: [(instant: Instant, observation: CommitLedger.Observation)] = []

  init(workload: Scenario.Workload) { self.workload = workload }

  func opened(_ connection: DatabaseConnection, by client: String) {
    sessions.append(
      SessionOpened(instant: connection.established, server: connection.host, client: client))
  }

  func committed(
    _ attempt: TransactionAttempt, on connection: DatabaseConnection, by client: String,
    arrival: Instant, at now: Instant
  ) {
    commits.append(
      Commit(
        instant: now, latency: now - arrival, session: connection.established,
        server: connection.host, client: client))
    guard attempt.writes else { return }
    let bytes = connection.transactionBytes
    ledger.append((now, .acknowledged(attempt.token, bytes: bytes, lsn: nil)))
  }

  func failed(
    _ attempt: TransactionAttempt, _ outcome: TransactionOutcome, kind: String, at now: Instant
  ) {
    failures.append(Failure(instant: now, kind: kind))
    if case .inDoubt = outcome {
      inDoubtCount += 1
      if attempt.writes { ledger.append((now, .inDoubt(attempt.token))) }
    } else {
      rolledBackCount += 1
      if attempt.writes { ledger.append((now, .rolledBack(attempt.token))) }
    }
  }
}
