/// `INSERT INTO table [AS alias] (columns) source [ON CONFLICT …] [RETURNING …]`.
public struct Insert: Hashable, Sendable {
  public var commonTables: [CommonTable] = []
  public enum Source: Hashable, Sendable {
    case defaultValues
    /// VALUES lists, in which `DEFAULT` may stand, or a SELECT.
    case query(Query)
  }

  public var table: ObjectName
  public var alias: String?
  /// The columns given; all of the table's, in order, when empty.
  public var columns: [ColumnReference]
  public var source: Source
  public var onConflict: OnConflict?
  public var returning: [Target]

  public init(
    table: ObjectName, alias: String? = nil, columns: [ColumnReference] = [], source: Source,
    onConflict: OnConflict? = nil, returning: [Target] = []
  ) {
    self.table = table
    self.alias = alias
    self.columns = columns
    self.source = source
    self.onConflict = onConflict
    self.returning = returning
  }
}

/// `ON CONFLICT [(columns) | ON CONSTRAINT name] DO …`.
public struct OnConflict: Hashable, Sendable {
  public enum Arbiter: Hashable, Sendable {
    case any
    case columns([String])
    case constraint(String)
  }

  public enum Action: Hashable, Sendable {
    case nothing
    /// The proposed row is visible as the table `excluded`.
    case update([Assignment], filter: Expression?)
  }

  public var arbiter: Arbiter
  public var action: Action

  public init(arbiter: Arbiter, action: Action) {
    self.arbiter = arbiter
    self.action = action
  }
}

/// `SET column = value`.
public struct Assignment: Hashable, Sendable {
  public var column: ColumnReference
  public var value: Expression

  public init(column: ColumnReference, value: Expression) {
    self.column = column
    self.value = value
  }
}

/// `UPDATE table [AS alias] SET … [FROM …] [WHERE …] [RETURNING …]`.
public struct Update: Hashable, Sendable {
  public var commonTables: [CommonTable] = []
  public var table: ObjectName
  public var alias: String?
  public var assignments: [Assignment]
  public var from: [TableReference]
  public var filter: Expression?
  public var returning: [Target]

  public init(
    table: ObjectName, alias: String? = nil, assignments: [Assignment],
    from: [TableReference] = [], filter: Expression? = nil, returning: [Target] = []
  ) {
    self.table = table
    self.alias = alias
    self.assignments = assignments
    self.from = from
    self.filter = filter
    self.returning = returning
  }
}

/// `DELETE FROM table [AS alias] [USING …] [WHERE …] [RETURNING …]`.
public struct Delete: Hashable, Sendable {
  public var commonTables: [CommonTable] = []
  public var table: ObjectName
  public var alias: String?
  public var using: [TableReference]
  public var filter: Expression?
  public var returning: [Target]

  public init(
    table: ObjectName, alias: String? = nil, using: [TableReference] = [],
    filter: Expression? = nil, returning: [Target] = []
  ) {
    self.table = table
    self.alias = alias
    self.using = using
    self.filter = filter
    self.returning = returning
  }
}

/// `COPY table (columns) FROM STDIN`.
public struct Copy: Hashable, Sendable {
  public var table: ObjectName
  public var columns: [String]
  /// In the order written, such as `freeze` = `on`.
  public var options: [StorageOption]

  public init(table: ObjectName, columns: [String] = [], options: [StorageOption] = []) {
    self.table = table
    self.columns = columns
    self.options = options
  }
}
