/// Something that yields rows: a SELECT, VALUES, or several joined by set operations, with the
/// clauses that apply to the whole.
public struct Query: Hashable, Sendable {
  /// Those of its WITH, in the order written.
  public var commonTables: [CommonTable] = []
  public var body: QueryBody
  public var orderBy: [OrderingTerm]
  public var limit: Expression?
  public var offset: Expression?
  public var locking: [LockingClause]

  public init(
    body: QueryBody, orderBy: [OrderingTerm] = [], limit: Expression? = nil,
    offset: Expression? = nil, locking: [LockingClause] = []
  ) {
    self.body = body
    self.orderBy = orderBy
    self.limit = limit
    self.offset = offset
    self.locking = locking
  }
}

/// `name (columns) AS (query)` in a WITH.
public struct CommonTable: Hashable, Sendable {
  public var name: String
  /// New names for the leading columns.
  public var columns: [String]
  public var query: Query
  /// Whether the query may name the table itself, to go on from the rows found before.
  public var isRecursive: Bool

  public init(name: String, columns: [String] = [], query: Query, isRecursive: Bool = false) {
    self.name = name
    self.columns = columns
    self.query = query
    self.isRecursive = isRecursive
  }
}

public indirect enum QueryBody: Hashable, Sendable {
  case select(Select)
  case values([[Expression]])
  case setOperation(SetOperation, keepsDuplicates: Bool, Query, Query)
}

public enum SetOperation: String, Hashable, Sendable {
  case union = "UNION"
  case intersect = "INTERSECT"
  case except = "EXCEPT"
}

/// One SELECT, without the clauses that belong to the query around it.
public struct Select: Hashable, Sendable {
  public var isDistinct: Bool
  /// `DISTINCT ON`: of the rows that agree in these, the first is kept.
  public var distinctOn: [Expression] = []
  public var targets: [Target]
  public var from: [TableReference]
  public var filter: Expression?
  public var groupBy: [Expression]
  public var having: Expression?

  public init(
    isDistinct: Bool = false, targets: [Target], from: [TableReference] = [],
    filter: Expression? = nil, groupBy: [Expression] = [], having: Expression? = nil
  ) {
    self.isDistinct = isDistinct
    self.targets = targets
    self.from = from
    self.filter = filter
    self.groupBy = groupBy
    self.having = having
  }
}

/// One entry of a select list or of RETURNING.
public enum Target: Hashable, Sendable {
  /// `*`, or `t.*` for one table.
  case star(table: String?, position: Int)
  case expression(Expression, alias: String?)
}

/// One entry of ORDER BY.
public struct OrderingTerm: Hashable, Sendable {
  public var expression: Expression
  public var isDescending: Bool
  /// NULLs sort as if larger than everything else unless told: last ascending, first descending.
  public var nullsFirst: Bool

  public init(expression: Expression, isDescending: Bool = false, nullsFirst: Bool? = nil) {
    self.expression = expression
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst ?? isDescending
  }
}

/// `FOR UPDATE`, `FOR SHARE` and their kin.
public struct LockingClause: Hashable, Sendable {
  public enum Strength: Int, Hashable, Sendable {
    case keyShare, share, noKeyUpdate, update
  }

  public enum WaitPolicy: Hashable, Sendable {
    case wait, skipLocked, noWait
  }

  public var strength: Strength
  public var waitPolicy: WaitPolicy
  /// `OF t, u`; every table when empty.
  public var tables: [String]

  public init(strength: Strength, waitPolicy: WaitPolicy = .wait, tables: [String] = []) {
    self.strength = strength
    self.waitPolicy = waitPolicy
    self.tables = tables
  }
}
