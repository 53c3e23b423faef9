import Simulation
import Wire

/// One session of a simulated application with the database: a driver, as applications have.
///
/// It speaks the protocol of real clients over a simulated connection, prepares a statement when it first
/// needs it, and gives up on an answer that does not come within the socket timeout.
final class DatabaseConnection {
  /// What the session was opened to: an instance's host.
  let host: HostID
  /// Its own end.
  var local: Address { connection.local }
  let established: Instant
  /// Whether a COMMIT has been sent whose answer has not come: if the connection breaks now, nobody
  /// can tell whether the transaction is committed.
  private(set) var isCommitPending = false
  private(set) var status = TransactionStatus.idle
  /// How long the application does something else before it commits its next transaction.
  var idling = Interval.zero
  /// Bytes that the current transaction has sent.
  private(set) var transactionBytes = 0

  private let connection: Connection
  private let process: Process
  private let timeout: Interval
  private var decoder = BackendDecoder()
  private var writer = FrontendWriter()
  private var prepared: [StaticString] = []
  /// Names this session to who wants to cancel its statement.
  private var key: BackendKey?

  /// One answer to one statement.
  struct Answer {
    var rows: [MessageFields] = []
    var tag = ""

    /// The number of rows that a command concerned, or returned.
    var count: Int { CommandTag(tag).rows ?? 0 }

    /// A column of a row as a number; `nil` if it is null or no number.
    func integer(row: Int, column: Int) -> Int64? {
      rows[row][column].flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    func text(row: Int, column: Int) -> String? {
      rows[row][column].map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private init(_ connection: Connection, process: Process, timeout: Interval) {
    (self.connection, self.process, self.timeout) = (connection, process, timeout)
    host = connection.remote.host
    established = process.now
  }

  /// Connects and logs in.
  ///
  /// - Parameters:
  ///   - timeout: how long it waits for any one answer.
  ///   - attempt: is told when the transport is connected.
  /// - Throws: `ConnectionError`, `ErrorFields` if the server refuses, `WireError`, `ProcessEnded`.
  static func open(
    to address: Address, from process: Process, as user: DatabaseUser = .application,
    application: String, connectTimeout: Interval, timeout: Interval,
    _ attempt: ConnectAttempt? = nil
  ) async throws -> DatabaseConnection {
    let socket = try await process.connect(to: address, timeout: connectTimeout)
    attempt?.connected = process.now
    let connection = DatabaseConnection(socket, process: process, timeout: timeout)
    connection.writer.startup(
      StartupMessage(parameters: [
        .init(name: "user", value: user.rawValue), .init(name: "database", value: "postgres"),
        .init(name: "application_name", value: application),
      ]))
    do {
      _ = try await connection.exchange()
    } catch {
      socket.abort()
      throw error
    }
    return connection
  }

  /// Opens a second session of the same application with the same server.
  func another() async throws -> DatabaseConnection {
    try await Self.open(
      to: connection.remote, from: process, application: "second session", connectTimeout: timeout,
      timeout: timeout)
  }

  /// Asks the server, on a connection of its own, to cancel what this session does.
  func cancelStatement() async throws {
    guard let key else { return }
    let socket = try await process.connect(to: connection.remote, timeout: timeout)
    var request = FrontendWriter()
    request.cancelRequest(key)
    socket.send(request.take())
    socket.close()
  }

  /// Does two things at a time, and waits for both.
  ///
  /// - Throws: what the first of them has thrown, or else the second.
  func together<First, Second>(
    _ first: @escaping () async throws -> First, and second: () async throws -> Second
  ) async throws -> (First, Second) {
    let answers = Mailbox<Result<First, any Error>>()
    process.spawn {
      do { answers.put(.success(try await first())) } catch { answers.put(.failure(error)) }
    }
    let other: Result<Second, any Error>
    do { other = .success(try await second()) } catch { other = .failure(error) }
    let answer = try await answers.take(in: process)
    return (try answer.get(), try other.get())
  }

  /// Runs statements as one simple query and returns the answer to the last.
  func query(_ text: String) async throws -> Answer {
    writer.query(text)
    return try await exchange()
  }

  /// Runs a prepared statement, preparing it first if this session has not yet.
  func execute(_ statement: StaticString, _ parameters: Int64...) async throws -> Answer {
    try await execute(statement, parameters)
  }

  func execute(_ statement: StaticString, _ parameters: [Int64]) async throws -> Answer {
    let name = try await prepare(statement)
    writer.bind(statement: name, parameters: parameters.count)
    for value in parameters { writer.parameter { $0.append(contentsOf: String(value).utf8) } }
    return try await run()
  }

  /// As ``execute(_:_:)``, with parameters that are text.
  func execute(_ statement: StaticString, texts: [String]) async throws -> Answer {
    let name = try await prepare(statement)
    writer.bind(statement: name, parameters: texts.count)
    for value in texts { writer.parameter { $0.append(contentsOf: value.utf8) } }
    return try await run()
  }

  func begin(_ statement: StaticString) async throws {
    transactionBytes = 0
    _ = try await execute(statement)
  }

  /// Commits; while the answer is out, ``isCommitPending`` is set.
  func commit(_ statement: StaticString = "COMMIT") async throws {
    if idling > .zero { try await process.sleep(for: idling) }
    let name = try await prepare(statement)
    writer.bind(statement: name, parameters: 0)
    isCommitPending = true
    do {
      let answer = try await run()
      isCommitPending = false
      // The server answers the COMMIT of a failed transaction with ROLLBACK.
      if answer.tag != "COMMIT" { throw Self.rolledBack }
    } catch let error as ErrorFields {
      // A fatal error comes from a server that is going down: what became of the commit it does not say.
      if !error.endsSession { isCommitPending = false }
      throw error
    }
  }

  /// Sends nothing for a while: the application does something else.
  func pause(for interval: Interval) async throws { try await process.sleep(for: interval) }

  /// Leaves a transaction behind, whatever state it is in.
  func rollBack() async throws {
    if status != .idle { _ = try await query("ROLLBACK") }
  }

  func close() {
    guard connection.isOpen else { return }
    writer.terminate()
    connection.send(writer.take())
    connection.close()
  }

  /// Drops the connection without a word, as one does that has stopped answering.
  func abandon() { connection.abort() }

  // MARK: Messages

  private static let rolledBack = ErrorFields(
    severity: "ERROR", sqlState: "25P02", message: "the transaction was rolled back")

  /// The name under which the statement is prepared.
  private func prepare(_ statement: StaticString) async throws -> String {
    if let index = prepared.firstIndex(where: { $0.utf8Start == statement.utf8Start }) {
      return Self.names[index]
    }
    precondition(prepared.count < Self.names.count, "a session prepares few statements")
    let name = Self.names[prepared.count]
    writer.parse(statement: name, query: statement.description)
    writer.sync()
    _ = try await exchange()
    prepared.append(statement)
    return name
  }

  private static let names = (0..<32).map { "S\($0)" }

  private func run() async throws -> Answer {
    writer.endBind()
    writer.execute()
    writer.sync()
    return try await exchange()
  }

  /// Sends what has been written and reads up to the next ReadyForQuery.
  private func exchange() async throws -> Answer {
    let request = writer.take()
    transactionBytes += request.count
    connection.send(request)
    let deadline = process.now + timeout
    var answer = Answer()
    var failure: ErrorFields?
    while true {
      while let message = try decoder.next() {
        switch message {
        case .dataRow(let fields): answer.rows.append(fields)
        case .backendKeyData(let key): self.key = key
        case .commandComplete(let tag): answer.tag = tag.text
        case .errorResponse(let fields):
          if fields.endsSession { throw fields }
          failure = failure ?? fields
        case .copyInResponse:
          writer.copyFail("this client has no data to copy")
          connection.send(writer.take())
        case .readyForQuery(let newStatus):
          status = newStatus
          if let failure { throw failure }
          return answer
        default: break
        }
      }
      decoder.feed(try await connection.receive(until: deadline))
    }
  }
}

/// Who logs in.
enum DatabaseUser: String {
  /// The user that a customer creates a cluster with.
  case application = "postgres"
  /// The service's own user, for whom connections are reserved.
  case service = "rdsadmin"
}

extension DatabaseConnection {
  var now: Instant { process.now }

  /// The transactions that have left a row each, by a query for the two parts of their tokens.
  func tokens(_ query: String) async throws -> [TransactionToken] {
    let answer = try await self.query(query)
    return answer.rows.indices.compactMap { row in
      guard let client = answer.integer(row: row, column: 0),
        let sequence = answer.integer(row: row, column: 1)
      else { return nil }
      return TransactionToken(client: Int(client), sequence: Int(sequence))
    }
  }

  /// Inserts rows, a few hundred to a statement.
  ///
  /// - Parameters:
  ///   - target: a table and its columns.
  ///   - row: writes the row of this number as a list of SQL literals in brackets.
  func insert(into target: String, count: Int, _ row: (Int) -> String) async throws {
    let perStatement = 250
    for start in stride(from: 0, to: count, by: perStatement) {
      let rows = (start..<min(start + perStatement, count)).map(row).joined(separator: ",")
      _ = try await query("INSERT INTO \(target) VALUES \(rows)")
    }
  }
}
