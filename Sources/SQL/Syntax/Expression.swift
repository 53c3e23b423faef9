/// A value expression as written: names unresolved, types unknown, no dialect left in it.
///
/// `position` is where a node starts in the text of the query, in characters, the first being 1; it
/// is what an error about the node points at. For an operator it is the operator's own place.
public indirect enum Expression: Hashable, Sendable {
  case literal(Literal, position: Int)
  case column(ColumnReference)
  /// `$1` has number 1.
  case parameter(number: Int, position: Int)
  case unary(UnaryOperator, Expression, position: Int)
  case binary(BinaryOperator, Expression, Expression, position: Int)
  case and([Expression])
  case or([Expression])
  case not(Expression)
  case isNull(Expression, negated: Bool)
  /// `IS [NOT] TRUE`, `IS [NOT] FALSE`, `IS [NOT] UNKNOWN`; `nil` stands for unknown.
  case truthTest(Expression, truth: Bool?, negated: Bool)
  case isDistinct(Expression, Expression, negated: Bool, position: Int)
  case between(Expression, BetweenBounds, negated: Bool, position: Int)
  case inList(Expression, [Expression], negated: Bool, position: Int)
  /// Compared with any, or with all, of the rows of a subquery: `IN` is `= ANY`, `NOT IN` is `<> ALL`.
  case quantified(Expression, BinaryOperator, Query, isAll: Bool, position: Int)
  case like(Expression, LikePattern, negated: Bool, position: Int)
  case conditional(Conditional)
  case cast(Expression, SQLType, position: Int)
  case function(FunctionCall)
  case coalesce([Expression], position: Int)
  /// `GREATEST` or `LEAST`.
  case extremum([Expression], greatest: Bool, position: Int)
  case nullIf(Expression, Expression, position: Int)
  case scalarSubquery(Query, position: Int)
  case exists(Query, position: Int)
  /// `DEFAULT`, in the place of a value in INSERT or UPDATE.
  case defaultValue(position: Int)
}

extension Expression {
  /// Where an error about this expression points.
  public var position: Int? {
    switch self {
    case .literal(_, let position), .parameter(_, let position), .unary(_, _, let position),
      .binary(_, _, _, let position), .isDistinct(_, _, _, let position),
      .between(_, _, _, let position), .inList(_, _, _, let position),
      .quantified(_, _, _, _, let position), .like(_, _, _, let position),
      .cast(_, _, let position),
      .coalesce(_, let position), .extremum(_, _, let position), .nullIf(_, _, let position),
      .scalarSubquery(_, let position), .exists(_, let position), .defaultValue(let position):
      position
    case .column(let reference): reference.position
    case .conditional(let conditional): conditional.position
    case .function(let call): call.position
    case .and(let terms), .or(let terms): terms.first?.position
    case .not(let operand), .isNull(let operand, _), .truthTest(let operand, _, _):
      operand.position
    }
  }
}

/// A constant as written.
public enum Literal: Hashable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// A number with a fraction or an exponent, or too large for 64 bits; its text is kept so that
  /// nothing is lost before a type is chosen.
  case number(String)
  /// A quoted string, whose type depends on what surrounds it.
  case string(String)
}

/// A column, qualified by a table name or alias or not: `t.x`, `x`.
public struct ColumnReference: Hashable, Sendable {
  public var table: String?
  public var name: String
  public var position: Int

  public init(table: String? = nil, name: String, position: Int) {
    self.table = table
    self.name = name
    self.position = position
  }
}

public enum UnaryOperator: String, Hashable, Sendable {
  case minus = "-"
  case plus = "+"
  case bitwiseNot = "~"
  case absolute = "@"
}

/// A binary operator; the raw value is its symbol in PostgreSQL's messages.
public enum BinaryOperator: String, Hashable, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case power = "^"
  case concatenate = "||"
  case bitwiseAnd = "&"
  case bitwiseOr = "|"
  case bitwiseXor = "#"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case equal = "="
  case notEqual = "<>"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
}

/// The bounds of BETWEEN, both included; symmetric bounds may be given in either order.
public struct BetweenBounds: Hashable, Sendable {
  public var low: Expression
  public var high: Expression
  public var isSymmetric: Bool

  public init(low: Expression, high: Expression, isSymmetric: Bool = false) {
    self.low = low
    self.high = high
    self.isSymmetric = isSymmetric
  }
}

/// What stands to the right of LIKE.
public struct LikePattern: Hashable, Sendable {
  public var pattern: Expression
  /// The escape character; a backslash when `nil`.
  public var escape: Expression?
  /// ILIKE.
  public var ignoresCase: Bool

  public init(pattern: Expression, escape: Expression? = nil, ignoresCase: Bool = false) {
    self.pattern = pattern
    self.escape = escape
    self.ignoresCase = ignoresCase
  }
}

/// `CASE [operand] WHEN … THEN … [ELSE …] END`.
public struct Conditional: Hashable, Sendable {
  public struct Branch: Hashable, Sendable {
    public var condition: Expression
    public var result: Expression

    public init(condition: Expression, result: Expression) {
      self.condition = condition
      self.result = result
    }
  }

  /// Compared with each branch's condition, when given.
  public var operand: Expression?
  public var branches: [Branch]
  public var otherwise: Expression?
  public var position: Int

  public init(
    operand: Expression?, branches: [Branch], otherwise: Expression?, position: Int
  ) {
    self.operand = operand
    self.branches = branches
    self.otherwise = otherwise
    self.position = position
  }
}

/// A call of a scalar, aggregate, system or set-returning function; which one is the binder's to
/// say.
public struct FunctionCall: Hashable, Sendable {
  /// In lower case, without its schema.
  public var name: String
  public var arguments: [Expression]
  /// `count(*)`.
  public var isStar: Bool
  /// `count(DISTINCT x)`.
  public var isDistinct: Bool
  /// `string_agg(x, ',' ORDER BY y)`.
  public var orderBy: [OrderingTerm]
  /// `FILTER (WHERE …)`.
  public var filter: Expression?
  public var position: Int

  public init(
    name: String, arguments: [Expression], isStar: Bool = false, isDistinct: Bool = false,
    orderBy: [OrderingTerm] = [], filter: Expression? = nil, position: Int
  ) {
    self.name = name
    self.arguments = arguments
    self.isStar = isStar
    self.isDistinct = isDistinct
    self.orderBy = orderBy
    self.filter = filter
    self.position = position
  }
}
