/// The name of a table or index, with its schema if that was written.
public struct ObjectName: Hashable, Sendable {
  public var schema: String?
  public var name: String
  public var position: Int?

  public init(schema: String? = nil, name: String, position: Int? = nil) {
    self.schema = schema
    self.name = name
    self.position = position
  }

  /// As messages show it.
  public var shown: String { schema.map { "\($0).\(name)" } ?? name }

  public static func == (lhs: ObjectName, rhs: ObjectName) -> Bool {
    lhs.schema == rhs.schema && lhs.name == rhs.name
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(schema)
    hasher.combine(name)
  }
}

/// `AS t (a, b)`.
public struct TableAlias: Hashable, Sendable {
  public var name: String
  /// New names for the leading columns.
  public var columns: [String]

  public init(name: String, columns: [String] = []) {
    self.name = name
    self.columns = columns
  }
}

/// One entry of FROM.
public indirect enum TableReference: Hashable, Sendable {
  case table(ObjectName, alias: TableAlias?)
  case subquery(Query, alias: TableAlias?, isLateral: Bool)
  /// A function that returns rows, such as `generate_series(1, 10)` or `aurora_replica_status()`.
  case function(FunctionCall, alias: TableAlias?)
  case join(JoinKind, TableReference, TableReference, JoinCondition)
}

public enum JoinKind: Hashable, Sendable {
  /// Also a cross join, whose condition is `.always`.
  case inner
  case left
  case right
  case full
}

public enum JoinCondition: Hashable, Sendable {
  case always
  case on(Expression)
  case using([String])
  case natural
}
