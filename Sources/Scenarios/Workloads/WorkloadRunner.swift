import DequeModule
import Simulation
import Wire

/// Runs one workload from the hosts of its client.
///
/// Closed loop: so many sessions, each of which thinks, runs a transaction, and again. Open loop:
/// transactions arrive on their own; one that finds all sessions busy waits for one, and its latency
/// counts from its arrival.
///
/// What a transaction does is drawn from a stream's place of its own, by its number among the arrivals on its
/// host or in its closed loop. So the same transactions come at the same instants to two variants of a cluster,
/// whichever session is idle, and however often one is tried.
///
/// A transaction that failed without a doubt is tried again as a new attempt: after a lost connection
/// on a new one, after a serialization failure or a deadlock up to ten times. One in doubt is not.
///
/// An application that goes down with its host loses the transactions under way and those that wait; when it is back,
/// its sessions connect anew and go on. What arrives meanwhile is not served; see ``ArrivalStream``.
final class WorkloadRunner {
  let record: WorkloadRecord
  private let workload: Scenario.Workload
  private let script: any TransactionScript
  private let hosts: [ClientHost]
  /// The number of this workload among all: part of a transaction's token.
  private let number: Int
  private let end: Instant

  private static let attemptsAfterConflict = 10

  /// - Parameter origin: the instant that the scenario calls zero.
  init(
    workload: Scenario.Workload, number: Int, script: any TransactionScript, hosts: [ClientHost],
    origin: Instant
  ) {
    (self.workload, self.number, self.script, self.hosts) = (workload, number, script, hosts)
    record = WorkloadRecord(workload: workload)
    end = origin + workload.end
    start(at: origin + workload.start)
  }

  private func start(at start: Instant) {
    switch workload.load {
    case .closed(let concurrency, let thinkTime):
      let thinkTime = LatencyDistribution(thinkTime)
      let sessions = (0..<concurrency).map { session($0, draws: "\($0)") }
      for host in hosts {
        let own = sessions.filter { $0.host === host }
        host.run { [unowned self] process in
          for session in own { loop(session, in: process, from: start, thinkTime) }
        }
      }
    case .open(let arrivals, let connections):
      let sessions = (0..<max(connections, hosts.count)).map { index in
        session(index, draws: hosts[index % hosts.count].host.name)
      }
      for host in hosts {
        let own = sessions.filter { $0.host === host }
        let stream = ArrivalStream(
          arrivals, from: start, to: end, share: hosts.count, of: record, at: host.host)
        host.run { [unowned self] process in
          serve(stream.queue(in: process), with: own, in: process)
        }
      }
    }
  }

  /// One session of a closed loop, for as long as the application runs. When it is started anew, the session goes
  /// on with the transaction after the one that it was lost with.
  private func loop(
    _ session: Session, in process: Process, from start: Instant, _ thinkTime: LatencyDistribution
  ) {
    session.connection = nil
    process.spawn { [self] in
      try await process.sleep(until: start)
      while process.now < end {
        session.random.seek(to: session.transactions)
        session.transactions += 1
        try await process.sleep(for: thinkTime.draw(from: session.random))
        if process.now >= end { break }
        try await perform(
          session, record.arrived(at: process.now, from: session.host.host.name))
      }
      session.connection?.close()
    }
  }

  /// Gives each arrival to an idle session, for as long as the application runs.
  private func serve(
    _ queue: Mailbox<ArrivalStream.Arrival>, with sessions: [Session], in process: Process
  ) {
    let idle = Mailbox<Session>()
    for session in sessions {
      session.connection = nil
      idle.put(session)
    }
    process.spawn { [self] in
      while true {
        let arrival = try await queue.take(in: process)
        let session: Session
        do {
          session = try await idle.take(in: process)
        } catch {
          record.ended(arrival.request, .lost, at: process.now)
          throw error
        }
        process.spawn { [self] in
          session.random.seek(to: arrival.number)
          try await perform(session, arrival.request)
          idle.put(session)
        }
      }
    }
  }

  // MARK: A session

  /// One connection of the workload, when it has one, and what is counted along it.
  private final class Session {
    /// It holds what its application does, and so this session.
    unowned let host: ClientHost
    /// Part of a transaction's token.
    let client: Int
    /// Among the sessions of the workload.
    let number: Int
    let random: RandomStream
    var connection: DatabaseConnection?
    /// Counts its attempts, over all incarnations of the application: no two have the same token.
    var sequence = 0
    /// Counts the transactions of a closed loop.
    var transactions = 0

    init(host: ClientHost, client: Int, number: Int, random: RandomStream) {
      (self.host, self.client, self.number, self.random) = (host, client, number, random)
    }
  }

  /// - Parameter draws: names the stream of what its transactions do.
  private func session(_ index: Int, draws: String) -> Session {
    let host = hosts[index % hosts.count]
    return Session(
      host: host, client: number * 10_000 + index, number: index,
      random: host.host.simulation.random("workload/\(workload.id)/\(draws)"))
  }

  /// Runs one transaction until it is committed, given up or in doubt.
  ///
  /// - Parameter request: its place in the record.
  private func perform(_ session: Session, _ request: Int) async throws {
    do {
      let ending = try await serve(session, arrival: record.requests[request].arrival)
      record.ended(request, ending, at: session.host.now)
    } catch {
      record.ended(request, .lost, at: session.host.now)
      throw error
    }
  }

  private func serve(
    _ session: Session, arrival: Instant
  ) async throws -> WorkloadRecord.Request.Ending {
    var conflicts = 0
    while true {
      let connection: DatabaseConnection
      if let open = session.connection {
        connection = open
      } else {
        connection = try await session.host.connect(for: session.number, telling: record)
        session.connection = connection
      }
      session.sequence += 1
      connection.idling = .zero
      if let idling = workload.idling, session.random.chance(idling.share.fraction) {
        connection.idling = LatencyDistribution(idling.length).draw(from: session.random)
      }
      let transaction = TransactionAttempt(
        token: TransactionToken(client: session.client, sequence: session.sequence),
        workload: workload, random: session.random, invoked: session.host.now)
      let attempt = WorkloadRecord.Attempt(
        begun: transaction.invoked, client: session.host.host.name, number: session.number,
        session: connection.established, server: connection.host)
      record.begun(attempt)
      do {
        try await script.run(transaction, on: connection)
        let now = session.host.now
        script.ended(transaction, .committed, at: now)
        record.committed(transaction, on: connection, attempt, arrival: arrival, at: now)
        return .committed
      } catch let error as ProcessEnded {
        abandon(transaction, on: connection, attempt, at: session.host.now)
        throw error
      } catch {
        let failure = FailureKind(error)
        let outcome: TransactionOutcome =
          connection.isCommitPending && failure.losesConnection ? .inDoubt : .rolledBack
        let now = session.host.now
        script.ended(transaction, outcome, at: now)
        record.failed(transaction, outcome, failure, attempt, at: now)
        try await recover(session, connection, from: failure)
        if case .inDoubt = outcome { return .inDoubt }
        if failure.isConflict { conflicts += 1 }
        if !failure.isRetryable || conflicts >= Self.attemptsAfterConflict || now >= end {
          return .givenUp
        }
      }
    }
  }

  /// Notes what a transaction came to whose application has ended: one whose COMMIT was sent may be committed, and
  /// any other never will be.
  private func abandon(
    _ transaction: TransactionAttempt, on connection: DatabaseConnection,
    _ attempt: WorkloadRecord.Attempt, at now: Instant
  ) {
    let outcome: TransactionOutcome = connection.isCommitPending ? .inDoubt : .rolledBack
    script.ended(transaction, outcome, at: now)
    record.failed(transaction, outcome, FailureKind(ProcessEnded()), attempt, at: now)
  }

  /// Brings a session back into a state in which it can run a transaction.
  private func recover(
    _ session: Session, _ connection: DatabaseConnection, from failure: FailureKind
  ) async throws {
    if !failure.losesConnection {
      do {
        return try await connection.rollBack()
      } catch let error as ProcessEnded {
        throw error
      } catch {
        // It cannot even roll back: the connection goes.
      }
    }
    connection.abandon()
    session.connection = nil
    if failure.isStaleEndpoint {
      // The name still stands for what is a reader now; ask again a little later.
      try await session.host.process.sleep(for: session.host.client.retryBackoff.lowerBound)
    }
  }
}

/// What an error means to an application.
struct FailureKind {
  let name: String
  /// What the server said with it; empty if it said nothing.
  private(set) var text = ""
  /// The session cannot be used any more.
  let losesConnection: Bool
  /// The same transaction may succeed if it is simply run again.
  let isRetryable: Bool
  /// It met another transaction, not a fault.
  let isConflict: Bool
  /// The server is a reader, though the name once stood for the writer.
  let isStaleEndpoint: Bool

  init(_ error: any Error) {
    switch error {
    case let fields as ErrorFields:
      (name, text) = (fields.sqlState, fields.message)
      isStaleEndpoint = fields.sqlState == "25006"
      losesConnection = fields.endsSession || isStaleEndpoint
      isConflict = fields.sqlState.hasPrefix("40")
      isRetryable = isConflict || losesConnection
    case let error as ConnectionError:
      name =
        switch error {
        case .refused: "connection refused"
        case .reset: "connection reset"
        case .closed: "connection closed"
        case .timedOut: "timed out"
        }
      (losesConnection, isRetryable, isConflict, isStaleEndpoint) = (true, true, false, false)
    case is ProcessEnded:
      name = "application ended"
      (losesConnection, isRetryable, isConflict, isStaleEndpoint) = (true, false, false, false)
    default:
      name = "protocol error"
      (losesConnection, isRetryable, isConflict, isStaleEndpoint) = (true, true, false, false)
    }
  }
}
