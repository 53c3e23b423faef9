import SQL
import Simulation

/// A run-time parameter: its name, what it is unless set, and what it may be set to.
///
/// Only parameters that clients ask for are here. Those that tune what this engine does not have,
/// such as `work_mem`, are accepted and remembered, as a driver or a dump expects.
struct SessionParameter: Sendable {
  enum Kind: Sendable {
    case text
    case boolean
    case integer(ClosedRange<Int64>)
    case real
    /// At least so many milliseconds, which is the unit unless one is given; 0 is never.
    case duration(Int64)
    /// At least so many kilobytes, which is the unit unless one is given.
    case memory(Int64)
    case choice([String])
    /// A level that is built.
    case isolation
    /// `UTF8` is what the engine stores; the ASCII part of it is what it also calls `SQL_ASCII`.
    case encoding
    case timeZone
    case dateStyle
    /// Tells something about the server.
    case fixed
    /// Chosen when the server starts.
    case startup
    /// Chosen in the server's configuration.
    case configuration
  }

  let name: String
  let kind: Kind
  let initial: String
  /// Told to the client when a session starts and whenever it changes.
  let isReported: Bool

  init(_ name: String, _ kind: Kind, _ initial: String, isReported: Bool = false) {
    self.name = name
    self.kind = kind
    self.initial = initial
    self.isReported = isReported
  }

  private static let isolationLevels = ["repeatable read", "read committed", "read uncommitted"]

  /// In the order of `SHOW ALL`: by name, in ASCII, without regard to case.
  static let all: [SessionParameter] = [
    SessionParameter("application_name", .text, "", isReported: true),
    SessionParameter("bytea_output", .choice(["hex"]), "hex"),
    SessionParameter("check_function_bodies", .boolean, "on"),
    SessionParameter("client_encoding", .encoding, "UTF8", isReported: true),
    SessionParameter("client_min_messages", .text, "notice"),
    SessionParameter("DateStyle", .dateStyle, "ISO, MDY", isReported: true),
    SessionParameter("deadlock_timeout", .duration(1), "1s"),
    SessionParameter("default_table_access_method", .text, "heap"),
    SessionParameter("default_tablespace", .text, ""),
    SessionParameter("default_transaction_deferrable", .boolean, "off"),
    SessionParameter("default_transaction_isolation", .isolation, "read committed"),
    SessionParameter("default_transaction_read_only", .boolean, "off", isReported: true),
    SessionParameter("extra_float_digits", .integer(-15...3), "1"),
    SessionParameter("idle_in_transaction_session_timeout", .duration(0), "0"),
    SessionParameter("in_hot_standby", .fixed, "off", isReported: true),
    SessionParameter("integer_datetimes", .fixed, "on", isReported: true),
    SessionParameter("IntervalStyle", .choice(["postgres"]), "postgres", isReported: true),
    SessionParameter("is_superuser", .fixed, "off", isReported: true),
    SessionParameter("lc_collate", .fixed, "C"),
    SessionParameter("lc_ctype", .fixed, "C"),
    SessionParameter("lc_messages", .text, "C"),
    SessionParameter("lc_monetary", .text, "C"),
    SessionParameter("lc_numeric", .text, "C"),
    SessionParameter("lc_time", .text, "C"),
    SessionParameter("lock_timeout", .duration(0), "0"),
    SessionParameter("maintenance_work_mem", .memory(1_024), "64MB"),
    SessionParameter("max_connections", .startup, "100"),
    SessionParameter(
      "max_standby_streaming_delay", .configuration, duration(SessionServer.standbyDelay)),
    SessionParameter("port", .startup, "5432"),
    SessionParameter("random_page_cost", .real, "4"),
    SessionParameter("row_security", .boolean, "on"),
    SessionParameter("search_path", .text, "\"$user\", public"),
    SessionParameter("seq_page_cost", .real, "1"),
    SessionParameter("server_encoding", .fixed, "UTF8", isReported: true),
    SessionParameter("server_version", .fixed, "15.10", isReported: true),
    SessionParameter("server_version_num", .fixed, "150010"),
    SessionParameter("session_authorization", .fixed, "", isReported: true),
    SessionParameter("standard_conforming_strings", .boolean, "on", isReported: true),
    SessionParameter("statement_timeout", .duration(0), "0"),
    SessionParameter(
      "superuser_reserved_connections", .startup, "\(SessionServer.reservedConnections)"),
    SessionParameter("synchronous_commit", .text, "on"),
    SessionParameter("tcp_keepalives_count", .integer(0...2_147_483_647), "2"),
    SessionParameter("tcp_keepalives_idle", .integer(0...2_147_483_647), "300"),
    SessionParameter("tcp_keepalives_interval", .integer(0...2_147_483_647), "30"),
    SessionParameter("TimeZone", .timeZone, "UTC", isReported: true),
    SessionParameter("transaction_deferrable", .boolean, "off"),
    SessionParameter("transaction_isolation", .isolation, "read committed"),
    SessionParameter("transaction_read_only", .boolean, "off"),
    SessionParameter("work_mem", .memory(64), "4MB"),
    SessionParameter("xmloption", .choice(["content", "document"]), "content"),
  ]

  /// The place of the parameter of this name, in any case of letters.
  static func index(of name: String) -> Int? {
    let wanted = name.lowercased()
    return all.firstIndex { $0.name.lowercased() == wanted }
  }
}

extension SessionParameter {
  /// The form in which `text` is remembered and shown.
  ///
  /// - Throws: `22023` if it is no value of this parameter, `55P02` if none may be given.
  func canonical(_ text: String) throws(SQLError) -> String {
    switch kind {
    case .text: return text
    case .fixed:
      throw SQLError(
        sqlState: "55P02", message: "parameter \"\(name)\" cannot be changed")
    case .startup:
      throw SQLError(
        sqlState: "55P02",
        message: "parameter \"\(name)\" cannot be changed without restarting the server")
    case .boolean:
      guard let value = Self.boolean(text) else {
        throw .invalidArgument("parameter \"\(name)\" requires a Boolean value")
      }
      return value ? "on" : "off"
    case .integer(let range): return String(try integer(text, range, unit: ""))
    case .real:
      guard let value = Double(text), value.isFinite else { throw refusal(text) }
      return Value.double(value).text(as: .double) ?? text
    case .duration(let least):
      return try quantity(text, Self.durationUnits, base: "ms", least: least)
    case .memory(let least): return try quantity(text, Self.memoryUnits, base: "kB", least: least)
    case .configuration:
      throw SQLError(
        sqlState: "55P02", message: "parameter \"\(name)\" cannot be changed now")
    case .choice(let choices): return try choice(text, choices)
    case .isolation:
      if text.lowercased() == SQL.IsolationLevel.serializable.rawValue {
        throw .serializableNotSupported
      }
      return try choice(text, Self.isolationLevels)
    case .encoding:
      let letters = text.lowercased().filter { $0.isLetter || $0.isNumber }
      guard ["utf8", "unicode", "sqlascii"].contains(letters) else { throw refusal(text) }
      return letters == "sqlascii" ? "SQL_ASCII" : "UTF8"
    case .timeZone:
      let zone = text.uppercased()
      guard ["UTC", "GMT", "ETC/UTC", "ZULU", "Z"].contains(zone) else { throw refusal(text) }
      return zone == "ETC/UTC" ? "Etc/UTC" : zone
    case .dateStyle: return try dateStyle(text)
    }
  }

  static func boolean(_ text: String) -> Bool? {
    guard case .boolean(let value)? = try? Value.parse(text, as: .boolean) else { return nil }
    return value
  }

  /// The milliseconds of a duration in canonical form.
  static func milliseconds(_ canonical: String) -> Int64 {
    let digits = canonical.prefix { $0.isNumber }
    let unit = canonical.dropFirst(digits.count)
    let scale = durationUnits.first { $0.name == unit }?.size ?? 1
    return (Int64(digits) ?? 0) * scale
  }

  /// A duration in the canonical form: the largest unit that shows it exactly, down to milliseconds.
  static func duration(_ interval: Interval) -> String {
    let milliseconds = interval.nanoseconds / 1_000_000
    let unit = durationUnits.first { milliseconds % $0.size == 0 } ?? ("ms", 1)
    return milliseconds == 0 ? "0" : "\(milliseconds / unit.size)\(unit.name)"
  }

  private static let durationUnits: [(name: String, size: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1),
  ]
  private static let memoryUnits: [(name: String, size: Int64)] = [
    ("TB", 1 << 30), ("GB", 1 << 20), ("MB", 1 << 10), ("kB", 1),
  ]

  private func refusal(_ text: String) -> SQLError {
    .invalidArgument("invalid value for parameter \"\(name)\": \"\(text)\"")
  }

  private func choice(_ text: String, _ choices: [String]) throws(SQLError) -> String {
    let wanted = text.lowercased()
    guard choices.contains(wanted) else {
      var error = refusal(text)
      error.hint = "Available values: \(choices.joined(separator: ", "))."
      throw error
    }
    return wanted
  }

  private func integer(
    _ text: String, _ range: ClosedRange<Int64>, unit: String
  ) throws(SQLError) -> Int64 {
    guard let value = Int64(text) else { throw refusal(text) }
    guard range.contains(value) else {
      throw .invalidArgument(
        "\(value)\(unit) is outside the valid range for parameter \"\(name)\" "
          + "(\(range.lowerBound) .. \(range.upperBound))")
    }
    return value
  }

  /// A number with a unit, in the largest unit that shows it exactly.
  private func quantity(
    _ text: String, _ units: [(name: String, size: Int64)], base: String, least: Int64
  ) throws(SQLError) -> String {
    let trimmed = text.filter { $0 != " " }
    let digits = trimmed.prefix { $0.isNumber || $0 == "-" || $0 == "." }
    let suffix = trimmed.dropFirst(digits.count)
    let unit = suffix.isEmpty ? 1 : units.first { $0.name == suffix }?.size
    guard let unit, let count = Double(digits), count.magnitude < 0x1p31 else {
      throw refusal(text)
    }
    let whole = Int64((count * Double(unit)).rounded(.toNearestOrEven))
    let value = try integer(String(whole), least...2_147_483_647, unit: " \(base)")
    if value == 0 { return "0" }
    for unit in units where value % unit.size == 0 { return "\(value / unit.size)\(unit.name)" }
    return "\(value)\(base)"
  }

  /// The engine prints ISO dates only; the order of day and month on input may be named.
  private func dateStyle(_ text: String) throws(SQLError) -> String {
    var order = "MDY"
    for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      switch word.uppercased() {
      case "ISO": break
      case "MDY", "DMY", "YMD": order = word.uppercased()
      default:
        var error = refusal(text)
        error.detail = "Unrecognized key word: \"\(word)\"."
        throw error
      }
    }
    return "ISO, \(order)"
  }
}
