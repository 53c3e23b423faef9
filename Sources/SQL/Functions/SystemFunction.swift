/// A function that the engine answers through ``EvaluationContext/systemFunction(_:_:)``.
public struct SystemFunction: Hashable, Sendable {
  public let name: String
  public let arguments: [SQLType]
  /// How many of the arguments may be left out, from the last.
  public let optionalCount: Int
  public let result: SQLType

  init(_ name: String, _ arguments: [SQLType] = [], _ result: SQLType, optionalCount: Int = 0) {
    self.name = name
    self.arguments = arguments
    self.optionalCount = optionalCount
    self.result = result
  }

  /// Every function that an engine must answer.
  ///
  /// Aurora documents no result types for its fault-injection functions; they give `text` here, so
  /// that a session that survives learns what was injected.
  public static let all: [SystemFunction] = [
    SystemFunction("aurora_version", [], .text),
    SystemFunction("aurora_db_instance_identifier", [], .text),
    SystemFunction("aurora_inject_crash", [.text], .text),
    SystemFunction("aurora_inject_replica_failure", [.double, .integer, .text], .text),
    SystemFunction("aurora_inject_disk_failure", [.double, .integer, .boolean, .integer], .text),
    SystemFunction(
      "aurora_inject_disk_congestion",
      [.double, .integer, .boolean, .integer, .double, .double], .text),
    SystemFunction("current_database", [], .name),
    SystemFunction("current_schema", [], .name),
    SystemFunction("current_setting", [.text, .boolean], .text, optionalCount: 1),
    SystemFunction("current_user", [], .name),
    SystemFunction("inet_server_port", [], .integer),
    SystemFunction("pg_backend_pid", [], .integer),
    SystemFunction("pg_cancel_backend", [.integer], .boolean),
    SystemFunction("pg_is_in_recovery", [], .boolean),
    SystemFunction("pg_postmaster_start_time", [], .timestampWithTimeZone),
    SystemFunction("pg_sleep", [.double], .void),
    SystemFunction("pg_sleep_for", [.interval], .void),
    SystemFunction("pg_sleep_until", [.timestampWithTimeZone], .void),
    SystemFunction("pg_terminate_backend", [.integer], .boolean),
    SystemFunction("session_user", [], .name),
    SystemFunction("set_config", [.text, .text, .boolean], .text),
    SystemFunction("txid_current", [], .bigint),
    SystemFunction("version", [], .text),
  ]

  static func named(_ name: String) -> SystemFunction? { all.first { $0.name == name } }
}

/// A function that returns rows and stands in FROM.
public struct TableFunction: Hashable, Sendable {
  public struct Column: Hashable, Sendable {
    public let name: String
    public let type: SQLType
  }

  public let name: String
  public let arguments: [SQLType]
  public let columns: [Column]

  /// The rows of `aurora_replica_status()`, one for each instance of the cluster.
  ///
  /// Source: the Aurora PostgreSQL reference names the columns; the types are PostgreSQL's nearest.
  public static let auroraReplicaStatus = TableFunction(
    name: "aurora_replica_status", arguments: [],
    columns: [
      Column(name: "server_id", type: .text), Column(name: "session_id", type: .text),
      Column(name: "durable_lsn", type: .bigint), Column(name: "highest_lsn_rcvd", type: .bigint),
      Column(name: "current_read_lsn", type: .bigint),
      Column(name: "cur_replay_latency_in_usec", type: .bigint),
      Column(name: "active_txns", type: .integer), Column(name: "is_current", type: .integer),
      Column(name: "last_transport_error", type: .integer),
      Column(name: "last_error_timestamp", type: .timestampWithTimeZone),
      Column(name: "last_update_timestamp", type: .timestampWithTimeZone),
      Column(name: "feedback_xmin", type: .bigint), Column(name: "feedback_epoch", type: .integer),
      Column(name: "replica_lag_in_msec", type: .integer),
      Column(name: "log_stream_speed_in_kib_per_second", type: .double),
      Column(name: "log_buffer_sequence_number", type: .integer),
      Column(name: "oldest_read_view_trx_id", type: .bigint),
      Column(name: "oldest_read_view_lsn", type: .bigint),
      Column(name: "pending_read_ios", type: .bigint), Column(name: "read_ios", type: .bigint),
      Column(name: "iops", type: .integer), Column(name: "cpu", type: .double),
    ])

  /// The row of `aurora_show_volume_status()`: logical blocks and storage nodes.
  public static let auroraShowVolumeStatus = TableFunction(
    name: "aurora_show_volume_status", arguments: [],
    columns: [Column(name: "disks", type: .integer), Column(name: "nodes", type: .integer)])

  /// `generate_series` over one type: from, to and, optionally, the step.
  static func generateSeries(_ type: SQLType, step: SQLType, hasStep: Bool) -> TableFunction {
    TableFunction(
      name: "generate_series", arguments: [type, type] + (hasStep ? [step] : []),
      columns: [Column(name: "generate_series", type: type)])
  }

  /// All overloads, in the order in which they are tried.
  public static let all: [TableFunction] =
    [auroraReplicaStatus, auroraShowVolumeStatus]
    + [SQLType.integer, .bigint, .numeric].flatMap { type in
      [
        generateSeries(type, step: type, hasStep: false),
        generateSeries(type, step: type, hasStep: true),
      ]
    }
    + [SQLType.timestamp, .timestampWithTimeZone].map { type in
      generateSeries(type, step: .interval, hasStep: true)
    }

  /// The rows of `generate_series` for arguments cast to its types, produced one by one.
  ///
  /// - Returns: `nil` for any other function, which is the engine's to run.
  /// - Throws: `22023` if the step is zero.
  public func series(_ arguments: [Value]) throws(SQLError) -> Series? {
    guard name == "generate_series" else { return nil }
    return try Series(arguments, type: columns[0].type)
  }
}
