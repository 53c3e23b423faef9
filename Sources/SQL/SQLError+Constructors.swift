/// Conditions that parsing, binding and evaluation raise.
extension SQLError {
  /// A syntax error; `message` comes from the parser, such as `syntax error at or near "FORM"`.
  public static func syntax(_ message: String, position: Int?) -> SQLError {
    SQLError(sqlState: "42601", message: message, position: position)
  }

  /// Valid SQL that this engine does not implement; `feature` is a noun phrase.
  public static func featureNotSupported(_ feature: String, position: Int? = nil) -> SQLError {
    SQLError(sqlState: "0A000", message: "\(feature) is not supported", position: position)
  }

  public static func undefinedTable(_ name: String, position: Int? = nil) -> SQLError {
    SQLError(
      sqlState: "42P01", message: "relation \"\(name)\" does not exist", position: position)
  }

  /// A qualifier in an expression that names nothing in FROM.
  public static func missingFromEntry(_ name: String, position: Int? = nil) -> SQLError {
    SQLError(
      sqlState: "42P01", message: "missing FROM-clause entry for table \"\(name)\"",
      position: position)
  }

  /// The same name twice in FROM.
  public static func duplicateAlias(_ name: String, position: Int? = nil) -> SQLError {
    SQLError(
      sqlState: "42712", message: "table name \"\(name)\" specified more than once",
      position: position)
  }

  public static func duplicateTable(_ name: String) -> SQLError {
    SQLError(sqlState: "42P07", message: "relation \"\(name)\" already exists")
  }

  /// `name` as PostgreSQL writes it: `"x"`, or `t.x` when it was qualified.
  public static func undefinedColumn(_ name: String, position: Int? = nil) -> SQLError {
    let shown = name.contains(".") ? name : "\"\(name)\""
    return SQLError(
      sqlState: "42703", message: "column \(shown) does not exist", position: position)
  }

  public static func undefinedColumn(
    _ name: String, ofRelation table: String, position: Int? = nil
  ) -> SQLError {
    SQLError(
      sqlState: "42703", message: "column \"\(name)\" of relation \"\(table)\" does not exist",
      position: position)
  }

  public static func duplicateColumn(_ name: String, position: Int? = nil) -> SQLError {
    SQLError(
      sqlState: "42701", message: "column \"\(name)\" specified more than once", position: position)
  }

  public static func ambiguousColumn(_ name: String, position: Int? = nil) -> SQLError {
    SQLError(
      sqlState: "42702", message: "column reference \"\(name)\" is ambiguous", position: position)
  }

  public static func undefinedType(_ name: String, position: Int? = nil) -> SQLError {
    if PostgreSQLNames.types.contains(name) {
      return featureNotSupported("the type \(name)", position: position)
    }
    return SQLError(
      sqlState: "42704", message: "type \"\(name)\" does not exist", position: position)
  }

  public static func undefinedParameter(_ number: Int, position: Int? = nil) -> SQLError {
    SQLError(sqlState: "42P02", message: "there is no parameter $\(number)", position: position)
  }

  public static func undefinedFunction(
    _ name: String, _ arguments: [SQLType], position: Int? = nil
  ) -> SQLError {
    if PostgreSQLNames.functions.contains(name) {
      return featureNotSupported("the function \(name)", position: position)
    }
    let types = arguments.map(\.nameWithoutModifier).joined(separator: ", ")
    return SQLError(
      sqlState: "42883", message: "function \(name)(\(types)) does not exist",
      hint: "No function matches the given name and argument types. "
        + "You might need to add explicit type casts.",
      position: position)
  }

  public static func undefinedOperator(
    _ symbol: String, _ left: SQLType?, _ right: SQLType, position: Int? = nil
  ) -> SQLError {
    let prefix = left.map { $0.nameWithoutModifier + " " } ?? ""
    return SQLError(
      sqlState: "42883",
      message: "operator does not exist: \(prefix)\(symbol) \(right.nameWithoutModifier)",
      hint: "No operator matches the given name and argument "
        + (left == nil ? "type. " : "types. ") + "You might need to add "
        + (left == nil ? "an explicit type cast." : "explicit type casts."),
      position: position)
  }

  public static func datatypeMismatch(_ message: String, position: Int? = nil) -> SQLError {
    SQLError(sqlState: "42804", message: message, position: position)
  }

  public static func cannotCast(
    from source: SQLType, to target: SQLType, position: Int? = nil
  ) -> SQLError {
    SQLError(
      sqlState: "42846",
      message: "cannot cast type \(source.nameWithoutModifier) to \(target.nameWithoutModifier)",
      position: position)
  }

  /// A column that is neither grouped by nor inside an aggregate; `name` is written `t.x`.
  public static func ungroupedColumn(_ name: String, position: Int? = nil) -> SQLError {
    SQLError(
      sqlState: "42803",
      message: "column \"\(name)\" must appear in the GROUP BY clause or be used in an aggregate "
        + "function",
      position: position)
  }

  /// A misplaced or malformed aggregate, such as `aggregate functions are not allowed in WHERE`.
  public static func grouping(_ message: String, position: Int? = nil) -> SQLError {
    SQLError(sqlState: "42803", message: message, position: position)
  }

  public static func invalidTextRepresentation(_ text: String, _ type: SQLType) -> SQLError {
    SQLError(
      sqlState: type.isDateOrTime ? "22007" : "22P02",
      message: "invalid input syntax for type \(type.nameWithoutModifier): \"\(text)\"")
  }

  /// Text whose number does not fit `type`.
  public static func textOutOfRange(_ text: String, _ type: SQLType) -> SQLError {
    let message =
      switch type.kind {
      case .real, .double: "\"\(text)\" is out of range for type \(type.nameWithoutModifier)"
      case .date, .timestamp, .timestampWithTimeZone, .interval:
        "date/time field value out of range: \"\(text)\""
      default: "value \"\(text)\" is out of range for type \(type.nameWithoutModifier)"
      }
    return SQLError(sqlState: type.isDateOrTime ? "22008" : "22003", message: message)
  }

  /// A result that does not fit its type, such as `integer out of range`.
  public static func numericValueOutOfRange(_ type: SQLType) -> SQLError {
    let message =
      switch type.kind {
      case .numeric: "value overflows numeric format"
      case .double, .real: "value out of range: overflow"
      case .date, .timestamp, .timestampWithTimeZone, .interval:
        "\(type.isTimestamp ? "timestamp" : type.nameWithoutModifier) out of range"
      default: "\(type.nameWithoutModifier) out of range"
      }
    return SQLError(sqlState: type.isDateOrTime ? "22008" : "22003", message: message)
  }

  /// A floating-point result too small to be told from zero.
  public static var numericUnderflow: SQLError {
    SQLError(sqlState: "22003", message: "value out of range: underflow")
  }

  public static var divisionByZero: SQLError {
    SQLError(sqlState: "22012", message: "division by zero")
  }

  public static func stringTooLong(_ type: SQLType) -> SQLError {
    SQLError(sqlState: "22001", message: "value too long for type \(type.name)")
  }

  /// An argument that a function cannot take, such as the square root of a negative number.
  public static func invalidArgument(_ message: String, sqlState: String = "22023") -> SQLError {
    SQLError(sqlState: sqlState, message: message)
  }

  /// A statement that names or supplies something impossible, such as too many INSERT targets.
  public static func invalidStatement(_ message: String, position: Int? = nil) -> SQLError {
    SQLError(sqlState: "42601", message: message, position: position)
  }
}

/// Conditions that transactions, constraints and sessions raise.
extension SQLError {
  /// Two transactions at REPEATABLE READ or above wrote the same row.
  public static var serializationFailure: SQLError {
    SQLError(
      sqlState: "40001", message: "could not serialize access due to concurrent update")
  }

  public static func deadlockDetected(detail: String? = nil) -> SQLError {
    SQLError(
      sqlState: "40P01", message: "deadlock detected", detail: detail,
      hint: "See server log for query details.")
  }

  /// An index cannot be made unique.
  ///
  /// - Parameters: as those of ``uniqueViolation(constraint:table:columns:values:)``.
  public static func duplicateKey(
    index: String, columns: [String], values: [String]
  ) -> SQLError {
    SQLError(
      sqlState: "23505", message: "could not create unique index \"\(index)\"",
      detail: "\(keyText(columns, values)) is duplicated.")
  }

  private static func keyText(_ columns: [String], _ values: [String]) -> String {
    let names = columns.map(\.quotedIfNeeded).joined(separator: ", ")
    return "Key (\(names))=(\(values.joined(separator: ", ")))"
  }

  /// - Parameters:
  ///   - columns: the key's columns, in the order of the index.
  ///   - values: the key as text, in the same order.
  public static func uniqueViolation(
    constraint: String, table: String, columns: [String], values: [String]
  ) -> SQLError {
    var error = SQLError(
      sqlState: "23505",
      message: "duplicate key value violates unique constraint \"\(constraint)\"",
      detail: "\(keyText(columns, values)) already exists.")
    error.table = table
    error.constraint = constraint
    return error
  }

  /// - Parameter row: the failing row's values as text, `nil` for NULL.
  public static func notNullViolation(
    column: String, table: String, row: [String?]
  ) -> SQLError {
    let shown = row.map { $0 ?? "null" }.joined(separator: ", ")
    var error = SQLError(
      sqlState: "23502",
      message: "null value in column \"\(column)\" of relation \"\(table)\" violates not-null "
        + "constraint",
      detail: "Failing row contains (\(shown)).")
    error.table = table
    return error
  }

  /// - Parameter command: the statement's name, such as `INSERT`.
  public static func readOnlyTransaction(_ command: String) -> SQLError {
    SQLError(
      sqlState: "25006", message: "cannot execute \(command) in a read-only transaction")
  }

  public static var inFailedTransaction: SQLError {
    SQLError(
      sqlState: "25P02",
      message: "current transaction is aborted, commands ignored until end of transaction block")
  }

  /// A command that needs a transaction block, such as SAVEPOINT.
  public static func noActiveTransaction(_ command: String) -> SQLError {
    SQLError(
      sqlState: "25P01", message: "\(command) can only be used in transaction blocks")
  }

  /// A command that must not be in a transaction block, such as VACUUM.
  public static func activeTransaction(_ command: String) -> SQLError {
    SQLError(sqlState: "25001", message: "\(command) cannot run inside a transaction block")
  }

  public static func undefinedSavepoint(_ name: String) -> SQLError {
    SQLError(sqlState: "3B001", message: "savepoint \"\(name)\" does not exist")
  }

  public static func undefinedSetting(_ name: String) -> SQLError {
    SQLError(
      sqlState: "42704", message: "unrecognized configuration parameter \"\(name)\"")
  }

  public static func undefinedPreparedStatement(_ name: String) -> SQLError {
    SQLError(
      sqlState: "26000", message: "prepared statement \"\(name)\" does not exist")
  }

  /// The server is being shut down on command (or fails over).
  public static var adminShutdown: SQLError {
    SQLError(
      sqlState: "57P01", message: "terminating connection due to administrator command")
  }

  /// What is stored contradicts itself.
  public static func dataCorrupted(_ message: String) -> SQLError {
    SQLError(sqlState: "XX001", message: message)
  }

  /// - Parameter relation: what NOWAIT could not lock at once; `nil` after a lock timeout.
  public static func lockNotAvailable(relation: String? = nil) -> SQLError {
    SQLError(
      sqlState: "55P03",
      message: relation.map { "could not obtain lock on row in relation \"\($0)\"" }
        ?? "canceling statement due to lock timeout")
  }

  /// - Parameter table: what LOCK TABLE … NOWAIT could not lock at once.
  public static func lockNotAvailable(table: String) -> SQLError {
    SQLError(sqlState: "55P03", message: "could not obtain lock on relation \"\(table)\"")
  }

  /// - Parameter command: what would change a table that a portal of the same session is reading.
  public static func objectInUse(_ table: String, command: String) -> SQLError {
    SQLError(
      sqlState: "55006",
      message: "cannot \(command) \"\(table)\" because it is being used by active queries in this "
        + "session")
  }

  /// A reader could not go on applying the log because of a lock that a transaction holds.
  ///
  /// - Parameter endsSession: whether to cancel the statement would not free the lock: the session is
  ///   idle, or has a savepoint.
  public static func recoveryConflict(endsSession: Bool) -> SQLError {
    var error = SQLError(
      sqlState: "40001",
      message: (endsSession ? "terminating connection" : "canceling statement")
        + " due to conflict with recovery",
      detail: "User was holding a relation lock for too long.")
    if endsSession {
      error.isFatal = true
      error.hint =
        "In a moment you should be able to reconnect to the database and repeat your command."
    }
    return error
  }

  /// - Parameter command: what a reader cannot do, as it applies what the writer does.
  public static func inRecovery(_ command: String) -> SQLError {
    SQLError(sqlState: "25006", message: "cannot execute \(command) during recovery")
  }

  /// The one isolation level that is not built.
  public static var serializableNotSupported: SQLError {
    SQLError(
      sqlState: "0A000", message: "the isolation level SERIALIZABLE is not supported",
      hint: "Use REPEATABLE READ, which is snapshot isolation: it lets write skew pass.")
  }

  /// - Parameter reason: what cancelled the statement, such as `statement timeout`.
  public static func queryCanceled(_ reason: String = "user request") -> SQLError {
    SQLError(sqlState: "57014", message: "canceling statement due to \(reason)")
  }

  public static var tooManyConnections: SQLError {
    SQLError(sqlState: "53300", message: "sorry, too many clients already")
  }

  public static var reservedConnections: SQLError {
    SQLError(
      sqlState: "53300",
      message: "remaining connection slots are reserved for non-replication superuser and"
        + " rds_superuser connections")
  }
}
