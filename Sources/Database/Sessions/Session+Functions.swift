import SQL
import Simulation
import Volume
import Wire

/// What statements ask of their session.
extension Session: StatementHost {
  /// When every run begins, 2026-01-01, in microseconds since 2000-01-01.
  private static let epoch: Int64 = 9_497 * 86_400_000_000

  static func timestamp(_ instant: Instant) -> Int64 {
    epoch + instant.nanoseconds / 1_000
  }

  var transactionTimestamp: Int64 { block.timestamp }
  var clockTimestamp: Int64 { Self.timestamp(process.date) }

  func randomDouble() -> Double { Double(server.random.next() >> 11) / Double(1 << 53) }

  func systemFunction(
    _ name: String, _ arguments: [Value], in run: StatementRun
  ) throws(SQLError) -> Value {
    if let answer = try injectFault(name, arguments) { return answer }
    let services = server.services
    switch name {
    case "aurora_version": return .text(SessionServer.version + ".1")
    case "aurora_db_instance_identifier": return .text(services.identifier)
    case "current_database": return .text(database)
    case "current_schema": return .text("public")
    case "current_user", "session_user": return .text(user)
    case "current_setting": return try currentSetting(arguments)
    case "set_config": return try setConfig(arguments)
    case "inet_server_port": return .integer(Int64(connection.local.port))
    case "pg_backend_pid": return .integer(Int64(key.processID))
    case "pg_cancel_backend": return signal(arguments, .queryCanceled())
    case "pg_terminate_backend": return signal(arguments, .adminShutdown)
    case "pg_is_in_recovery": return .boolean(services.isReader)
    case "pg_postmaster_start_time": return .timestamp(Self.timestamp(server.startTime))
    case "pg_sleep":
      guard case .double(let seconds)? = arguments.first else { return .null }
      return sleep(seconds, run)
    case "pg_sleep_for":
      guard case .interval(let interval)? = arguments.first else { return .null }
      return sleep(Double(interval.comparableLength) / 1e6, run)
    case "pg_sleep_until":
      guard case .timestamp(let end)? = arguments.first else { return .null }
      return sleep(Double(end) / 1e6 - Double(clockTimestamp) / 1e6, run)
    case "txid_current": return .integer(Int64(run.transaction.id?.value ?? 0))
    case "version":
      return .text(
        "PostgreSQL \(SessionServer.version) on x86_64-pc-linux-gnu, compiled by "
          + "Borealis, 64-bit")
    default: throw .featureNotSupported("\(name)()")
    }
  }

  func tableFunction(
    _ function: TableFunction, _ arguments: [Value]
  ) throws(SQLError) -> [Row] {
    switch function.name {
    case "aurora_replica_status":
      return server.services.replicaStatus().map { Self.row(of: $0) }
    case "aurora_show_volume_status":
      let status = server.services.volumeStatus()
      return [[.integer(Int64(status.diskCount)), .integer(Int64(status.nodeCount))]]
    default: throw .featureNotSupported("\(function.name)()")
    }
  }

  // MARK: One by one

  /// What `pg_sleep` makes a statement wait between two rows at most, in seconds: longer than any run.
  private static let longestSleep = 1e9

  /// - Returns: what PostgreSQL shows of the type void, which is not NULL.
  private func sleep(_ seconds: Double, _ run: StatementRun) -> Value {
    if seconds > 0 {
      let interval = Interval.seconds(rounding: min(seconds, Self.longestSleep))
      run.owedSleep = min(run.owedSleep + interval, .seconds(rounding: Self.longestSleep))
    }
    return .text("")
  }

  private func currentSetting(_ arguments: [Value]) throws(SQLError) -> Value {
    guard case .text(let name)? = arguments.first else { return .null }
    do {
      return .text(try setting(name))
    } catch {
      // current_setting(name, missing_ok)
      if arguments.count > 1, case .boolean(true) = arguments[1] { return .null }
      throw error
    }
  }

  private func setConfig(_ arguments: [Value]) throws(SQLError) -> Value {
    guard case .text(let name)? = arguments.first else { return .null }
    var value: String?
    if case .text(let text) = arguments[1] { value = text }
    let isLocal = arguments.count > 2 && arguments[2] == .boolean(true)
    try parameters.set(name, to: value, isLocal: isLocal, inTransaction: block.state != .idle)
    return .text(try parameters.value(of: name))
  }

  private func signal(_ arguments: [Value], _ error: SQLError) -> Value {
    guard case .integer(let processID)? = arguments.first,
      let number = Int32(exactly: processID)
    else { return .boolean(false) }
    let isThere = server.interrupt(number, error)
    if !isThere { notice("WARNING", "01000", "PID \(number) is not a PostgreSQL backend process") }
    return .boolean(isThere)
  }

  /// In the order of `TableFunction.auroraReplicaStatus`.
  ///
  /// Null are `oldest_read_view_trx_id` and `iops`, which Aurora does not use, and `log_buffer_sequence_number`, as there
  /// is no such buffer here. `is_current`, which is not used either, is 1.
  private static func row(of status: ReplicaStatus) -> Row {
    func number(_ count: UInt64?) -> Value { count.map { .integer(Int64($0)) } ?? .null }
    func number(_ lsn: LSN?) -> Value { number(lsn?.value) }
    return [
      .text(status.serverID), .text(status.sessionID), number(status.durableLSN),
      number(status.highestReceivedLSN), number(status.currentReadLSN),
      status.replayLatency.map { .integer($0.nanoseconds / 1_000) } ?? .null,
      .integer(Int64(status.activeTransactions)), .integer(1),
      .integer(Int64(status.lastError?.code ?? 0)),
      status.lastError.map { .timestamp(timestamp($0.instant)) } ?? .null,
      status.lastUpdate.map { .timestamp(timestamp($0)) } ?? .null,
      number(status.oldestTransaction),
      status.oldestTransaction.map { _ in Value.integer(0) } ?? .null,
      status.replicaLag.map { .integer($0.nanoseconds / 1_000_000) } ?? .null,
      status.logStreamSpeed.map { .double($0) } ?? .null, .null, .null,
      number(status.oldestReadViewLSN), number(status.reads.map { UInt64($0.pending) }),
      number(status.reads.map { UInt64($0.all) }), .null, .double(status.processorPercent),
    ]
  }
}
