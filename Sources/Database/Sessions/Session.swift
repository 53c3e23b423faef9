import SQL
import Simulation
import Volume
import Wire

/// One client's session: reads its messages, runs its statements, answers.
///
/// ```
///   bytes ──▶ decoder ──▶ message ──▶ handler ──▶ writer ──(Sync, Flush, end of a query)──▶ bytes
///                                       │                       │
///                                       └─ run: a statement      └─ first the processor is charged
/// ```
///
/// A session is a task of the instance's process and does one thing at a time. What must reach it
/// from outside (a cancellation, a shutdown, a timeout) is left with ``interrupt(_:)`` and thrown at
/// the next place where the session looks.
///
/// Source: PostgreSQL documentation, "Message Flow".
final class Session {
  let server: SessionServer
  let connection: Connection
  let key: BackendKey
  let engine: StorageEngine
  var process: Process { server.process }

  var writer = BackendWriter()
  private var decoder = FrontendDecoder()
  var parameters = SessionParameters()
  private(set) var user = ""
  private(set) var database = ""
  var block = TransactionBlock()
  private(set) lazy var run = StatementRun(engine: engine, host: self)
  var statements = LookupTable<String, PreparedStatement>()
  var portals = LookupTable<String, Portal>()
  /// After an error in the extended protocol, everything up to the next Sync is passed over.
  var skipsToSync = false

  /// Whether something has been done that was not charged yet.
  var hasUnchargedWork = false
  /// Whether the client waits for an answer.
  private(set) var isBusy = false
  /// The statement at hand or, while the client says nothing, the last one.
  var statementText = ""
  /// What the session is known to wait for, beside locks and clients.
  var waitsFor: SessionStatus.Wait? {
    didSet { if let lanes { lanes.note(waitsFor) } }
  }
  /// What is written down of this session; `nil` unless somebody asked for it.
  let lanes: SessionLanes?
  private var pendingInterrupt: SQLError?
  private var sleeper: WaitToken?
  /// Of the processor, for a statement that has not ended.
  private var computation: WaitToken?
  private var clientWait: WaitToken?
  private var statementAlarm: TimerID?

  /// Larger results are sent in pieces, in bytes.
  private static let flushLimit = 1 << 18

  init(server: SessionServer, connection: Connection, key: BackendKey) {
    self.server = server
    self.connection = connection
    self.key = key
    engine = server.engine
    lanes = SessionLanes(of: key.processID, server.process)
  }

  // MARK: The conversation

  /// Serves the client until it leaves, or is made to.
  func serve() async {
    do {
      if try await start() {
        while let message = try await nextMessage() { try await handle(message) }
      }
      connection.close()
    } catch let error as SQLError {
      sayGoodbye(error)
    } catch let error as WireError {
      sayGoodbye(error.sqlError)
    } catch {
      // The client is gone, or this process: there is nobody to tell.
      if connection.isOpen { connection.abort() }
    }
    await leave()
  }

  private func sayGoodbye(_ error: SQLError) {
    writer.errorResponse(ErrorFields(fatal: error))
    send()
    connection.close()
  }

  /// Gives back what the session holds.
  private func leave() async {
    server.dismiss(self)
    disarmStatementTimeout()
    run.end()
    portals.removeAll()
    guard let transaction = block.transaction, process.isAlive else { return }
    block.transaction = nil
    guard transaction.state == .active, !block.isLost else { return }
    do {
      try await engine.rollback(transaction)
    } catch {
      // Without the volume nothing can be taken back here; whoever opens it next does that.
    }
  }

  /// The next message; `nil` when the client says goodbye.
  func nextMessage() async throws -> FrontendMessage? {
    while true {
      if let message = try decoder.next() {
        isBusy = true
        if case .terminate = message { return nil }
        return message
      }
      if let interrupt = pendingInterrupt, interrupt.endsSession { throw interrupt }
      decoder.feed(try await receive())
    }
  }

  private func receive() async throws -> [UInt8] {
    waitsFor = .client
    defer { waitsFor = nil }
    guard block.isOpen, let timeout = parameters.idleInTransactionTimeout else {
      return try await connection.receive()
    }
    do {
      return try await connection.receive(until: process.now + timeout)
    } catch ConnectionError.timedOut where connection.isOpen {
      throw SQLError.idleInTransaction
    }
  }

  private func handle(_ message: FrontendMessage) async throws {
    switch message {
    case .sync: return try await sync()
    case .copyData, .copyDone, .copyFail:
      // Left over from a copy that failed.
      return
    default: break
    }
    if skipsToSync, message.isExtended { return }
    do {
      switch message {
      case .query(let text): try await query(text)
      case .parse(let message): try await parse(message)
      case .bind(let message): try await bind(message)
      case .describe(let prepared): try await describe(prepared)
      case .execute(let message): try await execute(message)
      case .close(let prepared): close(prepared)
      case .flush: try await flush()
      default: throw SQLError.protocolViolation("unexpected message in the middle of a session")
      }
    } catch {
      try await fail(error)
      if message.isExtended { skipsToSync = true } else { try await ready() }
    }
  }

  // MARK: Answering

  /// Sends what has been written, after the work for it has been charged.
  func flush() async throws {
    try await charge()
    send()
    if connection.isCongested { try await waitForClient() }
  }

  /// Waits until the client has read most of what it was sent.
  ///
  /// Only what ends the session ends this wait, as in PostgreSQL: a cancelled statement would have to say so behind what
  /// the client does not read. Source: `ProcessClientWriteInterrupt` in PostgreSQL's tcop/postgres.c.
  private func waitForClient() async throws {
    waitsFor = .clientWrite
    defer {
      waitsFor = nil
      clientWait = nil
    }
    while connection.isCongested {
      if let interrupt = pendingInterrupt, interrupt.endsSession {
        connection.close()
        throw ConnectionError.closed
      }
      try await connection.waitForRoom { clientWait = $0 }
    }
  }

  /// Sends what has been written if it has become much.
  func flushIfLarge() async throws {
    if writer.count >= Self.flushLimit { try await flush() }
  }

  /// Says that the client may go on, and sends everything.
  func ready() async throws {
    for index in parameters.takeUnreported() {
      writer.parameterStatus(name: SessionParameter.all[index].name, value: parameters[index])
    }
    writer.readyForQuery(block.status)
    try await flush()
    isBusy = false
    // A cancellation that came too late concerns nothing any more.
    if let interrupt = pendingInterrupt, !interrupt.endsSession { pendingInterrupt = nil }
  }

  private func send() {
    if writer.count > 0 { connection.send(writer.take()) }
  }

  /// Lets the processor spend what the work since the last time costs.
  ///
  /// - Parameter exchanges: answers that are about to be sent.
  func charge(exchanges: Int = 1) async throws {
    guard hasUnchargedWork else { return }
    let cost = run.work.cost(under: server.costs, exchanges: exchanges)
    run.work = WorkCounter()
    hasUnchargedWork = false
    waitsFor = .processor
    defer { waitsFor = nil }
    try await process.compute(cost)
    // The operating system may run something else first.
    if process.buggify(DatabaseFaultPoint.sessionIsPreempted, chance: 0.01) {
      try await process.sleep(for: .milliseconds(20))
    }
  }

  func spend(_ work: WorkCounter) async throws {
    try checkForInterrupt()
    waitsFor = .processor
    defer {
      waitsFor = nil
      computation = nil
    }
    try await process.compute(work.cost(under: server.costs, exchanges: 0)) { computation = $0 }
    try checkForInterrupt()
  }

  func notice(_ severity: String, _ sqlState: String, _ message: String) {
    writer.noticeResponse(
      ErrorFields(severity: severity, sqlState: sqlState, message: message))
  }

  // MARK: Failing

  /// Reports an error and does to the transaction what it must.
  ///
  /// - Throws: the error again if the session cannot go on after it.
  func fail(_ error: any Error) async throws {
    let reported = try sqlError(error)
    server.meters.errors += 1
    hasUnchargedWork = true
    if reported.endsSession { throw reported }
    writer.errorResponse(ErrorFields(reported))
    do {
      try await abortTransaction()
    } catch {
      throw try sqlError(error)
    }
  }

  /// An error in the terms of SQL.
  ///
  /// - Throws: what has no such terms, as there is nobody to tell.
  private func sqlError(_ error: any Error) throws -> SQLError {
    switch error {
    case let error as SQLError: return error
    case StorageError.cancelled:
      defer { pendingInterrupt = nil }
      return pendingInterrupt ?? .queryCanceled()
    case let error as StorageError: return SQLError(error)
    case VolumeError.readPointTooOld:
      return SQLError(sqlState: "72000", message: "snapshot too old")
    case is VolumeError:
      // Another writer has opened the volume: this one is done, and so are its sessions.
      block.isLost = true
      return .adminShutdown
    default: throw error
    }
  }

  // MARK: Being interrupted

  /// Makes the session stop what it does, with an error; one that ends the session does so also while it
  /// does nothing.
  func interrupt(_ error: SQLError) {
    if error.endsSession, !isBusy { return sayGoodbye(error) }
    guard isBusy, pendingInterrupt.map({ !$0.endsSession }) ?? true else { return }
    pendingInterrupt = error
    if let transaction = block.transaction { engine.cancelWait(of: transaction) }
    if let token = sleeper { process.wake(token) }
    if let token = computation { process.cutShort(token) }
    if error.endsSession, let token = clientWait { process.wake(token) }
  }

  /// Gives way to what a reader has to apply: with the statement, or with the session if the end of the
  /// statement would not free what its transaction has locked.
  func conflictWithRecovery() {
    interrupt(.recoveryConflict(endsSession: !isBusy || !block.savepoints.isEmpty))
  }

  func checkForInterrupt() throws(SQLError) {
    guard let interrupt = pendingInterrupt else { return }
    pendingInterrupt = nil
    throw interrupt
  }

  func sleep(for interval: Interval) async throws {
    try checkForInterrupt()
    // The processor works before the session sleeps, so that the sleep is as long as was asked for.
    waitsFor = .sleep
    defer { waitsFor = nil }
    let timer = try await process.suspend(until: process.now + interval) { sleeper = $0 }
    process.simulation.loop.cancel(timer)
    sleeper = nil
    try checkForInterrupt()
  }

  /// Starts the clock of `statement_timeout`.
  func armStatementTimeout() {
    guard statementAlarm == nil, let timeout = parameters.statementTimeout else { return }
    statementAlarm = process.schedule(after: timeout, self)
  }

  func disarmStatementTimeout() {
    guard let alarm = statementAlarm else { return }
    process.simulation.loop.cancel(alarm)
    statementAlarm = nil
  }

  /// Who the client says that it is.
  func identify(user: String, database: String) {
    self.user = user
    self.database = database
  }
}

extension Session: EventTarget {
  /// The statement has taken too long.
  func fire(_ token: UInt64) {
    statementAlarm = nil
    interrupt(.queryCanceled("statement timeout"))
  }
}

extension FrontendMessage {
  /// Whether it belongs to the extended protocol, where an error makes the server pass over messages.
  fileprivate var isExtended: Bool {
    switch self {
    case .parse, .bind, .describe, .execute, .close, .flush: true
    default: false
    }
  }
}

extension ErrorFields {
  /// The last words of a session.
  init(fatal error: SQLError) {
    self.init(error)
    (severity, severityCode) = ("FATAL", "FATAL")
  }
}
