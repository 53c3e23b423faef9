public enum IsolationLevel: String, Hashable, Sendable, CaseIterable {
  /// Behaves as READ COMMITTED, as it does in PostgreSQL.
  case readUncommitted = "read uncommitted"
  case readCommitted = "read committed"
  case repeatableRead = "repeatable read"
  case serializable = "serializable"
}

/// The modes that BEGIN and SET TRANSACTION may give; `nil` leaves a mode as it is.
public struct TransactionModes: Hashable, Sendable {
  public var isolation: IsolationLevel?
  public var isReadOnly: Bool?
  public var isDeferrable: Bool?

  public init(
    isolation: IsolationLevel? = nil, isReadOnly: Bool? = nil, isDeferrable: Bool? = nil
  ) {
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.isDeferrable = isDeferrable
  }
}

/// `SET [LOCAL] name = value`.
public struct SetVariable: Hashable, Sendable {
  public var name: String
  /// As text, lists joined by `, `; `nil` for DEFAULT.
  public var value: String?
  /// Ends with the transaction.
  public var isLocal: Bool

  public init(name: String, value: String?, isLocal: Bool = false) {
    self.name = name
    self.value = value
    self.isLocal = isLocal
  }
}

public struct Explain: Hashable, Sendable {
  public var statement: Statement
  /// Such as `analyze`, `verbose`, `format` = `json`, in the order written.
  public var options: [StorageOption]

  public init(statement: Statement, options: [StorageOption] = []) {
    self.statement = statement
    self.options = options
  }
}

/// Work that other engines need and this one answers at once, but for the locks that it takes.
public enum Maintenance: Hashable, Sendable {
  /// `FULL` keeps everybody else from the table.
  case vacuum([ObjectName], isFull: Bool = false)
  case analyze([ObjectName])
  case checkpoint
}

/// `LOCK TABLE a, b IN … MODE [NOWAIT]`.
public struct LockTable: Hashable, Sendable {
  /// Numbered as PostgreSQL numbers them.
  public enum Mode: Int, Hashable, Sendable {
    case accessShare = 1
    case rowShare, rowExclusive, shareUpdateExclusive
    case share, shareRowExclusive, exclusive, accessExclusive
  }

  public var tables: [ObjectName]
  public var mode: Mode
  public var isNoWait: Bool

  public init(tables: [ObjectName], mode: Mode = .accessExclusive, isNoWait: Bool = false) {
    (self.tables, self.mode, self.isNoWait) = (tables, mode, isNoWait)
  }
}
