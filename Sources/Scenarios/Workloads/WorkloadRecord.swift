import Simulation

/// Everything that the sessions of one workload saw: the raw material of its measurements.
final class WorkloadRecord {
  /// A transaction that somebody wanted, from its arrival to its end.
  struct Request {
    enum Ending {
      /// Nobody has answered yet.
      case waiting
      case committed
      /// The client has made an error of it: it cannot succeed, or was tried often enough.
      case givenUp
      /// The connection broke while the COMMIT was out.
      case inDoubt
      /// The application ended, or was not there: nobody will ever answer.
      case lost
    }
    let arrival: Instant
    /// The client's host.
    let client: String
    fileprivate(set) var ending = Ending.waiting
    /// `nil` if it is waiting.
    fileprivate(set) var end: Instant?

    init(arrival: Instant, client: String, ending: Ending = .waiting, end: Instant? = nil) {
      (self.arrival, self.client, self.ending, self.end) = (arrival, client, ending, end)
    }
  }

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
    /// The number of the session in its workload.
    var number = 0
    /// Whether the transaction wrote: reading may go on while nothing can be written.
    let writes: Bool
  }

  /// An attempt that ended in anything else.
  struct Failure {
    let instant: Instant
    /// A SQLSTATE, or what became of the connection: `connection reset`.
    let kind: String
    /// What the server said with it; empty if it said nothing.
    var text = ""
    /// Whether it may have been committed after all: its COMMIT had been sent.
    let isInDoubt: Bool
    /// Whether it met another transaction, and no fault.
    var isConflict = false
    /// What failed.
    let attempt: Attempt
  }

  /// An attempt to run a transaction on a session: from when, and on whose connection.
  struct Attempt {
    let begun: Instant
    /// The client's host.
    let client: String
    /// The number of the session in its workload.
    let number: Int
    /// When the session was opened, and to which instance's host.
    let session: Instant
    let server: HostID
  }

  /// An attempt to open a session that worked.
  struct SessionOpened {
    let instant: Instant
    let server: HostID
    let client: String
  }

  let workload: Scenario.Workload
  /// In order of their arrivals.
  private(set) var requests: [Request] = []
  private(set) var commits: [Commit] = []
  private(set) var failures: [Failure] = []
  /// In the order in which they began.
  private(set) var connectAttempts: [ConnectAttempt] = []
  /// What each session is running, by its number.
  private(set) var underWay: [Attempt?] = []
  /// What the ledger of commits is to be told.
  private(set) var ledger: [(instant: Instant, observation: CommitLedger.Observation)] = []

  /// - Parameters:
  ///   - commits: those already made, in order of time, as are the other lists.
  init(
    workload: Scenario.Workload, requests: [Request] = [], commits: [Commit] = [],
    failures: [Failure] = [], connectAttempts: [ConnectAttempt] = [], underWay: [Attempt] = []
  ) {
    self.workload = workload
    (self.requests, self.commits, self.failures) = (requests, commits, failures)
    self.connectAttempts = connectAttempts
    for attempt in underWay { begun(attempt) }
  }

  /// Sessions that were opened, in order of time.
  var sessions: [SessionOpened] {
    connectAttempts.compactMap { attempt in
      guard attempt.isOpened, let instant = attempt.ended, let server = attempt.server else {
        return nil
      }
      return SessionOpened(instant: instant, server: server, client: attempt.client)
    }
    .sorted { $0.instant < $1.instant }
  }

  /// Transactions that nobody will ever answer, since there was no application to do it.
  var lost: [Request] { requests.filter { $0.ending == .lost } }

  // MARK: Writing it down

  /// - Returns: the place of the request, for ``ended(_:_:at:)``.
  func arrived(at instant: Instant, from client: String) -> Int {
    requests.append(Request(arrival: instant, client: client))
    return requests.count - 1
  }

  func ended(_ request: Int, _ ending: Request.Ending, at now: Instant) {
    assert(requests[request].ending == .waiting, "a transaction ends once")
    requests[request].ending = ending
    requests[request].end = now
  }

  func connects(_ attempt: ConnectAttempt) { connectAttempts.append(attempt) }

  func begun(_ attempt: Attempt) {
    while underWay.count <= attempt.number { underWay.append(nil) }
    underWay[attempt.number] = attempt
  }

  func committed(
    _ transaction: TransactionAttempt, on connection: DatabaseConnection, _ attempt: Attempt,
    arrival: Instant, at now: Instant
  ) {
    underWay[attempt.number] = nil
    commits.append(
      Commit(
        instant: now, latency: now - arrival, begun: attempt.begun, session: attempt.session,
        server: attempt.server, client: attempt.client, number: attempt.number,
        writes: transaction.writes))
    guard transaction.writes else { return }
    let bytes = connection.transactionBytes
    ledger.append((now, .acknowledged(transaction.token, bytes: bytes, lsn: nil)))
  }

  func failed(
    _ transaction: TransactionAttempt, _ outcome: TransactionOutcome, _ failure: FailureKind,
    _ attempt: Attempt, at now: Instant
  ) {
    underWay[attempt.number] = nil
    let isInDoubt = if case .inDoubt = outcome { true } else { false }
    failures.append(
      Failure(
        instant: now, kind: failure.name, text: failure.text, isInDoubt: isInDoubt,
        isConflict: failure.isConflict,
        attempt: attempt))
    guard transaction.writes else { return }
    ledger.append((now, isInDoubt ? .inDoubt(transaction.token) : .rolledBack(transaction.token)))
  }
}
