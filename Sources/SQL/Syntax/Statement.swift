/// One SQL statement, free of its dialect.
public indirect enum Statement: Hashable, Sendable {
  case select(Query)
  case insert(Insert)
  case update(Update)
  case delete(Delete)
  case copy(Copy)

  case createTable(CreateTable)
  case alterTable(AlterTable)
  case createIndex(CreateIndex)
  case drop(Drop)
  case truncate([ObjectName])
  case lock(LockTable)

  case begin(TransactionModes)
  case commit
  case rollback
  case savepoint(String)
  case releaseSavepoint(String)
  case rollbackToSavepoint(String)
  case setTransaction(TransactionModes)
  case setSessionCharacteristics(TransactionModes)

  case set(SetVariable)
  /// `SHOW ALL` has the name `all`.
  case show(String)
  /// `RESET ALL` has no name.
  case reset(String?)
  /// Forgets a prepared statement, or all of them when `nil`.
  case deallocate(String?)
  /// `DISCARD ALL` and its parts.
  case discard

  case explain(Explain)
  case maintenance(Maintenance)
}

extension Statement {
  /// The command as messages and completion tags name it, such as `INSERT` or `CREATE TABLE`.
  public var commandName: String {
    switch self {
    case .select: "SELECT"
    case .insert: "INSERT"
    case .update: "UPDATE"
    case .delete: "DELETE"
    case .copy: "COPY FROM"
    case .createTable: "CREATE TABLE"
    case .alterTable: "ALTER TABLE"
    case .createIndex: "CREATE INDEX"
    case .drop(let drop): "DROP \(drop.kind.rawValue)"
    case .truncate: "TRUNCATE TABLE"
    case .lock: "LOCK TABLE"
    case .begin: "BEGIN"
    case .commit: "COMMIT"
    case .rollback, .rollbackToSavepoint: "ROLLBACK"
    case .savepoint: "SAVEPOINT"
    case .releaseSavepoint: "RELEASE"
    case .set, .setTransaction, .setSessionCharacteristics: "SET"
    case .show: "SHOW"
    case .reset: "RESET"
    case .deallocate(let name): name == nil ? "DEALLOCATE ALL" : "DEALLOCATE"
    case .discard: "DISCARD ALL"
    case .explain: "EXPLAIN"
    case .maintenance(.vacuum): "VACUUM"
    case .maintenance(.analyze): "ANALYZE"
    case .maintenance(.checkpoint): "CHECKPOINT"
    }
  }

  /// Whether a read-only transaction, or a reader, refuses it. A locking SELECT is refused too.
  public var isWrite: Bool {
    switch self {
    case .insert, .update, .delete, .copy, .createTable, .alterTable, .createIndex, .drop,
      .truncate:
      true
    case .select(let query): !query.locking.isEmpty
    case .explain(let explain):
      explain.statement.isWrite && explain.options.contains { $0.name == "analyze" }
    default: false
    }
  }
}

/// A statement with what its text tells besides.
public struct ParsedStatement: Hashable, Sendable {
  public var statement: Statement
  /// The highest parameter number in it: 2 for `$1 + $2`, and for `$2` alone.
  public var parameterCount: Int
  /// Where it stands in the text that was parsed, in UTF-8 bytes.
  public var textRange: Range<Int>

  public init(statement: Statement, parameterCount: Int, textRange: Range<Int>) {
    self.statement = statement
    self.parameterCount = parameterCount
    self.textRange = textRange
  }
}
