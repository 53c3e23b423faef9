/// `name = value`, as in `WITH (fillfactor = 100)`; an option without a value is `true`.
public struct StorageOption: Hashable, Sendable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// One column of CREATE TABLE or ADD COLUMN.
public struct ColumnDefinition: Hashable, Sendable {
  public var name: String
  public var type: SQLType
  public var isNotNull: Bool
  public var defaultValue: Expression?
  /// `serial` and its kin, or `GENERATED … AS IDENTITY`: numbered by a sequence of its own.
  public var isNumbered: Bool

  public init(
    name: String, type: SQLType, isNotNull: Bool = false, defaultValue: Expression? = nil,
    isNumbered: Bool = false
  ) {
    self.name = name
    self.type = type
    self.isNotNull = isNotNull
    self.defaultValue = defaultValue
    self.isNumbered = isNumbered
  }
}

/// A key constraint; one written behind its column is here too, with that one column.
public struct TableConstraint: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case primaryKey
    case unique
  }

  public var name: String?
  public var kind: Kind
  public var columns: [String]

  public init(name: String? = nil, kind: Kind, columns: [String]) {
    self.name = name
    self.kind = kind
    self.columns = columns
  }
}

public struct CreateTable: Hashable, Sendable {
  public var name: ObjectName
  public var columns: [ColumnDefinition]
  public var constraints: [TableConstraint]
  public var options: [StorageOption]
  public var ifNotExists: Bool

  public init(
    name: ObjectName, columns: [ColumnDefinition], constraints: [TableConstraint] = [],
    options: [StorageOption] = [], ifNotExists: Bool = false
  ) {
    self.name = name
    self.columns = columns
    self.constraints = constraints
    self.options = options
    self.ifNotExists = ifNotExists
  }
}

public struct AlterTable: Hashable, Sendable {
  public enum Action: Hashable, Sendable {
    case addColumn(ColumnDefinition, constraints: [TableConstraint], ifNotExists: Bool)
    case addConstraint(TableConstraint)
    /// `RENAME TO`.
    case rename(String)
    case renameColumn(String, to: String)
    /// `nil` for DROP DEFAULT.
    case setDefault(String, Expression?)
    case setNotNull(String, Bool)
  }

  public var name: ObjectName
  public var ifExists: Bool
  public var actions: [Action]

  public init(name: ObjectName, ifExists: Bool = false, actions: [Action]) {
    self.name = name
    self.ifExists = ifExists
    self.actions = actions
  }
}

public struct CreateIndex: Hashable, Sendable {
  /// Chosen by the engine when `nil`.
  public var name: String?
  public var table: ObjectName
  public var columns: [String]
  public var isUnique: Bool
  public var ifNotExists: Bool

  public init(
    name: String?, table: ObjectName, columns: [String], isUnique: Bool = false,
    ifNotExists: Bool = false
  ) {
    self.name = name
    self.table = table
    self.columns = columns
    self.isUnique = isUnique
    self.ifNotExists = ifNotExists
  }
}

/// `DROP TABLE` or `DROP INDEX`.
public struct Drop: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    case table = "TABLE"
    case index = "INDEX"
  }

  public var kind: Kind
  public var names: [ObjectName]
  public var ifExists: Bool
  public var cascades: Bool

  public init(kind: Kind, names: [ObjectName], ifExists: Bool = false, cascades: Bool = false) {
    self.kind = kind
    self.names = names
    self.ifExists = ifExists
    self.cascades = cascades
  }
}
