/// An aggregate function over one argument type.
public enum AggregateFunction: String, Hashable, Sendable {
  case count, sum, avg, min, max
  case stringAgg = "string_agg"
  case boolAnd = "bool_and"
  case boolOr = "bool_or"

  /// The function of this name; `every` is the standard's name of `bool_and`.
  init?(name: String) {
    if name == "every" {
      self = .boolAnd
    } else {
      self.init(rawValue: name)
    }
  }

  /// The type of the result for an argument of `type`; `nil` if it takes no such argument.
  func result(_ type: SQLType) -> SQLType? {
    switch self {
    case .count: return .bigint
    case .min, .max:
      return type.kind == .boolean ? nil : (type.isText ? .text : type.withoutModifier)
    case .boolAnd, .boolOr: return type.kind == .boolean ? .boolean : nil
    case .stringAgg: return .text
    case .sum:
      switch type.kind {
      case .smallint, .integer: return .bigint
      case .bigint, .numeric: return .numeric
      case .real, .double, .interval: return type.withoutModifier
      default: return nil
      }
    case .avg:
      switch type.kind {
      case .smallint, .integer, .bigint, .numeric: return .numeric
      case .real, .double: return .double
      case .interval: return .interval
      default: return nil
      }
    }
  }
}

/// An aggregate of a select list, over the row that FROM yields.
public struct BoundAggregate: Hashable, Sendable {
  public let function: AggregateFunction
  /// None for `count(*)`.
  public let arguments: [BoundExpression]
  public let isDistinct: Bool
  public let filter: BoundExpression?
  public let ordering: [BoundOrdering]
  public let type: SQLType
}

/// A sort key, over the same row as what it orders.
public struct BoundOrdering: Hashable, Sendable {
  public let expression: BoundExpression
  public let isDescending: Bool
  public let nullsFirst: Bool

  /// Compares two keys: negative if `left` comes first.
  public func order(_ left: Value, _ right: Value) -> Int {
    switch (left.isNull, right.isNull) {
    case (true, true): return 0
    case (true, false): return nullsFirst ? -1 : 1
    case (false, true): return nullsFirst ? 1 : -1
    case (false, false): return isDescending ? Value.order(right, left) : Value.order(left, right)
    }
  }
}
