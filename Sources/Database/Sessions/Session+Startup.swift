import SQL
import Simulation
import Wire

/// The start of a connection, up to the first ReadyForQuery.
extension Session {
  /// - Returns: whether a session has begun; a connection may be there to cancel the work of another.
  func start() async throws -> Bool {
    while let message = try await nextMessage() {
      switch message {
      case .sslRequest, .gssEncryptionRequest:
        writer.encryptionAnswer(accepted: false)
        connection.send(writer.take())
      case .cancelRequest(let key):
        _ = server.interrupt(key.processID, secretKey: key.secretKey, .queryCanceled())
        return false
      case .startup(let startup):
        try await begin(startup)
        return true
      default: throw SQLError.protocolViolation("expected a start-up packet")
      }
    }
    return false
  }

  private func begin(_ startup: StartupMessage) async throws {
    guard let user = startup.user, !user.isEmpty else {
      throw SQLError(
        sqlState: "28000", message: "no PostgreSQL user name specified in startup packet")
    }
    identify(user: user, database: startup.database ?? user)
    try await authenticate()
    try server.admit(self)
    try initializeParameters(startup)
    try await process.compute(server.costs.connection)
    writer.authentication(.ok)
    for (index, parameter) in SessionParameter.all.enumerated() where parameter.isReported {
      writer.parameterStatus(name: parameter.name, value: parameters[index])
    }
    _ = parameters.takeUnreported()
    writer.backendKeyData(key)
    try await ready()
  }

  private func authenticate() async throws {
    guard let password = server.password else { return }
    writer.authentication(.cleartextPassword)
    connection.send(writer.take())
    guard case .password(let answer)? = try await nextMessage(), answer.text == password else {
      throw SQLError(
        sqlState: "28P01", message: "password authentication failed for user \"\(user)\"")
    }
  }

  private func initializeParameters(_ startup: StartupMessage) throws(SQLError) {
    let isReader = server.services.isReader ? "on" : "off"
    parameters.initialize("in_hot_standby", to: isReader)
    parameters.initialize("transaction_read_only", to: isReader)
    parameters.initialize("session_authorization", to: user)
    parameters.initialize("max_connections", to: "\(server.maximumConnections)")
    parameters.initialize(
      "max_standby_streaming_delay", to: SessionParameter.duration(server.standbyDelay))
    parameters.initialize("port", to: "\(connection.local.port)")
    parameters.initialize("tcp_keepalives_idle", to: seconds(server.keepAlive.idle))
    parameters.initialize("tcp_keepalives_interval", to: seconds(server.keepAlive.interval))
    parameters.initialize("tcp_keepalives_count", to: "\(server.keepAlive.count)")
    for parameter in startup.parameters {
      switch parameter.name {
      case "user", "database", "replication", "options": continue
      case let name where name.hasPrefix("_pq_."): continue
      default:
        guard let index = SessionParameter.index(of: parameter.name) else {
          throw .undefinedSetting(parameter.name)
        }
        let known = SessionParameter.all[index]
        parameters.initialize(known.name, to: try known.canonical(parameter.value))
      }
    }
  }

  private func seconds(_ interval: Interval) -> String {
    "\(interval.nanoseconds / 1_000_000_000)"
  }
}
