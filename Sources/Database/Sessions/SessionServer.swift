import SQL
public import Simulation
import Wire

/// The front door of an instance: turns connections into sessions, and ends them all when the role
/// changes.
///
/// ```swift
/// let server = SessionServer(
///   process: process, engine: engine, services: instance, maximumConnections: 1_000)
/// process.listen(on: 5432, server)
/// …
/// server.shutDown()
/// ```
public final class SessionServer: ConnectionAcceptor {
  /// When a client that says nothing is probed, how often, and how many probes it may miss.
  ///
  /// The defaults are those of the parameters `tcp_keepalives_idle`, `_interval` and `_count` in RDS for
  /// PostgreSQL. A client whose host died keeps its locks for six minutes.
  public struct KeepAlive: Equatable, Sendable {
    public var idle = Interval.seconds(300)
    public var interval = Interval.seconds(30)
    public var count = 2

    public init() {}
  }

  let process: Process
  let engine: StorageEngine
  unowned let services: any InstanceServices
  let plans = PlanCache()
  let random: RandomStream
  let startTime: Instant
  /// `max_connections`; more are refused with `53300`.
  let maximumConnections: Int
  /// `superuser_reserved_connections`: of all connections, so many are for the service itself, so that it can
  /// look after an instance that applications have filled. Source: PostgreSQL's default.
  static let reservedConnections = 3
  /// The service's own user, and the only superuser: the user that a customer creates a cluster with is none.
  static let superuser = "rdsadmin"
  /// `max_standby_streaming_delay`: how long statements on a reader may hold up what it has to apply.
  let standbyDelay: Interval
  /// The default. PostgreSQL's is 30 s. That Aurora's is 14 s is a guess: practitioners report it, with bounds of
  /// 1 s and 30 s, but no page of the User Guide that we have read says so.
  public static let standbyDelay = Interval.seconds(14)
  public let keepAlive: KeepAlive
  /// Asked of every user; `nil` to trust them.
  public var password: String?
  let meters: SessionMeters
  /// In the order in which they began.
  private var sessions: [Session] = []
  private var lastProcessID: Int32 = 1_000
  /// Why no more sessions are accepted; `nil` while they are.
  private var closing: SQLError?

  /// PostgreSQL's version; Aurora's has one more part.
  static let version = "15.10"

  /// - Parameter process: in which the sessions run; when it ends, so do they.
  public init(
    process: Process, engine: StorageEngine, services: any InstanceServices,
    maximumConnections: Int, standbyDelay: Interval = SessionServer.standbyDelay,
    keepAlive: KeepAlive = KeepAlive()
  ) {
    self.standbyDelay = standbyDelay
    (self.process, self.engine, self.services) = (process, engine, services)
    (self.maximumConnections, self.keepAlive) = (maximumConnections, keepAlive)
    meters = SessionMeters(of: process)
    random = process.simulation.random("sessions/\(process.host.name)/\(process.incarnation)")
    startTime = process.date
  }

  var costs: CostModel { engine.costs }

  /// Clients connected now.
  public var sessionCount: Int { sessions.count }

  /// What every session does just now, in the order in which they began.
  public var status: [SessionStatus] { sessions.map(\.status) }

  public func accept(_ connection: Connection) {
    connection.probeWhenIdle(
      after: keepAlive.idle, every: keepAlive.interval, count: keepAlive.count)
    lastProcessID += 1
    let session = Session(
      server: self, connection: connection,
      key: BackendKey(
        processID: lastProcessID, secretKey: Int32(truncatingIfNeeded: random.next())))
    process.spawn { await session.serve() }
  }

  /// Ends every session with the message that PostgreSQL gives when an administrator shuts it down
  /// (`57P01`), and lets no more begin.
  public func shutDown() {
    let error = SQLError.adminShutdown
    closing = error
    for session in sessions { session.interrupt(error) }
  }

  // MARK: What sessions say

  /// - Throws: `53300`, or why the server ends.
  func admit(_ session: Session) throws(SQLError) {
    if let closing {
      meters.connectionsRefused += 1
      throw closing
    }
    let isFull = sessions.count >= maximumConnections
    let isReserved =
      session.user != Self.superuser
      && sessions.count >= maximumConnections - Self.reservedConnections
    if isFull || isReserved {
      meters.connectionsRefused += 1
      process.probe(DatabaseProbe.connectionRefused)
      throw isFull ? .tooManyConnections : .reservedConnections
    }
    meters.connectionsAccepted += 1
    sessions.append(session)
    process.allocate(Self.sessionMemory)
  }

  func dismiss(_ session: Session) {
    guard let place = sessions.firstIndex(where: { $0 === session }) else { return }
    sessions.remove(at: place)
    process.release(Self.sessionMemory)
  }

  /// What an idle backend keeps to itself, in bytes. A model, of the order that people measure for PostgreSQL.
  private static let sessionMemory = 2 << 20

  /// Cancels what a transaction does: it holds a table that this reader has to lock.
  func cancel(_ transaction: Transaction) {
    sessions.first { $0.block.transaction === transaction }?.conflictWithRecovery()
  }

  /// - Returns: whether there is such a session.
  func interrupt(_ processID: Int32, secretKey: Int32? = nil, _ error: SQLError) -> Bool {
    guard let session = sessions.first(where: { $0.key.processID == processID }),
      secretKey == nil || session.key.secretKey == secretKey
    else { return false }
    session.interrupt(error)
    return true
  }
}
