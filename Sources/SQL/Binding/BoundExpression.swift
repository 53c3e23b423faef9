/// An expression with its names resolved and its types decided: ready to be evaluated, and open to
/// a planner that looks for `column = something`.
///
/// Columns are places in one flat row; parameters count from 0. The operands of an operator have
/// been cast to one representation by the binder, so that evaluating never asks for types again.
public indirect enum BoundExpression: Hashable, Sendable {
  case constant(Value, SQLType)
  case column(Int, SQLType)
  case parameter(Int, SQLType)
  /// The result of an aggregate, while a select list is being bound; ``BoundSelect`` has none left.
  case aggregate(Int, SQLType)
  /// Both operands have the type of the result.
  case arithmetic(ArithmeticOperator, BoundExpression, BoundExpression, SQLType)
  case negate(BoundExpression, SQLType)
  case comparison(ComparisonOperator, BoundExpression, BoundExpression, Comparison)
  /// `IS [NOT] DISTINCT FROM`.
  case distinctness(BoundExpression, BoundExpression, negated: Bool, Comparison)
  case and([BoundExpression])
  case or([BoundExpression])
  case not(BoundExpression)
  case isNull(BoundExpression, negated: Bool)
  case truthTest(BoundExpression, truth: Bool?, negated: Bool)
  case like(BoundExpression, BoundLikePattern, negated: Bool)
  case inList(BoundExpression, [BoundExpression], negated: Bool, Comparison)
  /// Compared with any, or with all, of the rows of a subquery: `IN`, `NOT IN`, `> ALL`.
  case quantified(BoundExpression, ComparisonOperator, BoundSubquery, isAll: Bool, Comparison)
  case scalarSubquery(BoundSubquery, SQLType)
  case exists(BoundSubquery)
  case conditional([BoundBranch], otherwise: BoundExpression, SQLType)
  case coalesce([BoundExpression], SQLType)
  case extremum([BoundExpression], greatest: Bool, SQLType)
  case nullIf(BoundExpression, BoundExpression, SQLType, Comparison)
  case cast(BoundExpression, from: SQLType, to: SQLType, isExplicit: Bool)
  case concatenate(BoundExpression, BoundExpression)
  case call(ScalarFunction, [BoundExpression])
  case systemCall(SystemFunction, [BoundExpression])

  public var type: SQLType {
    switch self {
    case .constant(_, let type), .column(_, let type), .parameter(_, let type),
      .aggregate(_, let type), .arithmetic(_, _, _, let type), .negate(_, let type),
      .scalarSubquery(_, let type), .conditional(_, _, let type), .coalesce(_, let type),
      .extremum(_, _, let type), .nullIf(_, _, let type, _), .cast(_, _, let type, _):
      type
    case .comparison, .distinctness, .and, .or, .not, .isNull, .truthTest, .like, .inList,
      .quantified, .exists:
      .boolean
    case .concatenate: .text
    case .call(let function, _): function.result
    case .systemCall(let function, _): function.result
    }
  }
}

/// `+`, `-` and the like, on two operands of one type.
public enum ArithmeticOperator: Hashable, Sendable {
  case add, subtract, multiply, divide, remainder
  /// On integers only.
  case and, or, xor, shiftLeft, shiftRight
}

public enum ComparisonOperator: Hashable, Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// The operator that says the same with the operands exchanged.
  public var flipped: ComparisonOperator {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  /// Whether it holds for operands in this order, as ``Value/order(_:_:)`` gives it.
  @inline(__always)
  public func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}

/// How two values are compared.
public enum Comparison: Hashable, Sendable {
  case byValue
  /// Without the blanks at the end, as two `character(n)` are.
  case withoutPadding

  func order(_ left: Value, _ right: Value) -> Int {
    if self == .withoutPadding, case .text(let left) = left, case .text(let right) = right {
      return Value.order(left.withoutTrailingBlanks, right.withoutTrailingBlanks)
    }
    return Value.order(left, right)
  }
}

/// A subquery of an expression, and what it reads of the row around it.
public struct BoundSubquery: Hashable, Sendable {
  /// The number by which ``EvaluationContext/subqueryRows(_:)`` is asked for its rows.
  public let index: Int
  /// The columns of the row around it that it reads.
  public var arguments: [BoundExpression]

  public init(index: Int, arguments: [BoundExpression]) {
    (self.index, self.arguments) = (index, arguments)
  }
}

public struct BoundBranch: Hashable, Sendable {
  public var condition: BoundExpression
  public var result: BoundExpression
}

public struct BoundLikePattern: Hashable, Sendable {
  public var pattern: BoundExpression
  public var escape: BoundExpression?
  public var ignoresCase: Bool
}

extension BoundExpression {
  /// The same node over `transform` of its operands.
  func mapChildren(
    _ transform: (BoundExpression) throws(SQLError) -> BoundExpression
  ) throws(SQLError) -> BoundExpression {
    func all(_ list: [BoundExpression]) throws(SQLError) -> [BoundExpression] {
      try list.map(transform)
    }
    switch self {
    case .constant, .column, .parameter, .aggregate: return self
    case .arithmetic(let operation, let left, let right, let type):
      return .arithmetic(operation, try transform(left), try transform(right), type)
    case .negate(let operand, let type): return .negate(try transform(operand), type)
    case .comparison(let comparison, let left, let right, let how):
      return .comparison(comparison, try transform(left), try transform(right), how)
    case .distinctness(let left, let right, let negated, let how):
      return .distinctness(try transform(left), try transform(right), negated: negated, how)
    case .and(let terms): return .and(try all(terms))
    case .or(let terms): return .or(try all(terms))
    case .not(let operand): return .not(try transform(operand))
    case .isNull(let operand, let negated): return .isNull(try transform(operand), negated: negated)
    case .truthTest(let operand, let truth, let negated):
      return .truthTest(try transform(operand), truth: truth, negated: negated)
    case .like(let operand, var pattern, let negated):
      pattern.pattern = try transform(pattern.pattern)
      if let escape = pattern.escape { pattern.escape = try transform(escape) }
      return .like(try transform(operand), pattern, negated: negated)
    case .inList(let operand, let list, let negated, let how):
      return .inList(try transform(operand), try all(list), negated: negated, how)
    case .quantified(let operand, let comparison, var subquery, let isAll, let how):
      subquery.arguments = try all(subquery.arguments)
      return .quantified(try transform(operand), comparison, subquery, isAll: isAll, how)
    case .scalarSubquery(var subquery, let type):
      subquery.arguments = try all(subquery.arguments)
      return .scalarSubquery(subquery, type)
    case .exists(var subquery):
      subquery.arguments = try all(subquery.arguments)
      return .exists(subquery)
    case .conditional(let branches, let otherwise, let type):
      let mapped = try branches.map { (branch) throws(SQLError) in
        BoundBranch(
          condition: try transform(branch.condition), result: try transform(branch.result))
      }
      return .conditional(mapped, otherwise: try transform(otherwise), type)
    case .coalesce(let list, let type): return .coalesce(try all(list), type)
    case .extremum(let list, let greatest, let type):
      return .extremum(try all(list), greatest: greatest, type)
    case .nullIf(let left, let right, let type, let how):
      return .nullIf(try transform(left), try transform(right), type, how)
    case .cast(let operand, let source, let target, let isExplicit):
      return .cast(try transform(operand), from: source, to: target, isExplicit: isExplicit)
    case .concatenate(let left, let right):
      return .concatenate(try transform(left), try transform(right))
    case .call(let function, let arguments): return .call(function, try all(arguments))
    case .systemCall(let function, let arguments): return .systemCall(function, try all(arguments))
    }
  }

  /// Calls `visit` with this node and, where it returns true, with those below.
  public func walk(_ visit: (BoundExpression) -> Bool) {
    guard visit(self) else { return }
    _ = try? mapChildren { (child) throws(SQLError) in
      child.walk(visit)
      return child
    }
  }

  /// The columns that it reads, in ascending order, each once.
  public var columns: [Int] {
    var columns: [Int] = []
    walk { node in
      if case .column(let index, _) = node { columns.append(index) }
      return true
    }
    columns.sort()
    return columns.enumerated().filter { $0 == 0 || columns[$0 - 1] != $1 }.map(\.element)
  }

  /// The same expression over a row in which each column `i` stands at `place(i)`.
  public func movingColumns(_ place: (Int) -> Int) -> BoundExpression {
    if case .column(let index, let type) = self { return .column(place(index), type) }
    let moved = try? mapChildren { (child) throws(SQLError) in child.movingColumns(place) }
    return moved ?? self
  }

  /// The terms that must all hold for it to hold: itself, unless it is an AND.
  public var conjuncts: [BoundExpression] {
    guard case .and(let terms) = self else { return [self] }
    return terms.flatMap(\.conjuncts)
  }
}
