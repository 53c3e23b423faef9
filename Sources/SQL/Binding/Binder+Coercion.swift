extension Binder {
  /// `bound` as a value of `type`; `nil` if SQL does not convert it on this occasion.
  func coerced(
    _ bound: BoundExpression, to type: SQLType, _ occasion: Coercion, _ position: Int?
  ) throws(SQLError) -> BoundExpression? {
    switch bound {
    case .parameter(let index, .unknown):
      // An earlier operand of the same expression may have decided in the meantime.
      if parameters[index].kind == .unknown { parameters[index] = type.withoutModifier }
      return try coerced(.parameter(index, parameters[index]), to: type, occasion, position)
    case .constant(.null, .unknown): return .constant(.null, type)
    case .constant(.text(let text), .unknown):
      let value: Value
      do { value = try Value.parse(text, as: type.withoutModifier) } catch {
        throw error.located(at: position)
      }
      return .constant(try value.adjusted(to: type, isExplicit: occasion == .explicit), type)
    default: break
    }
    let source = bound.type
    if source == type || (source.kind == type.kind && type.modifier == -1) { return bound }
    guard Coercion.allows(occasion, from: source, to: type) else { return nil }
    let isExplicit = occasion == .explicit
    return folded(.cast(bound, from: source, to: type, isExplicit: isExplicit))
  }

  /// `bound` in a type that it is known to convert to implicitly.
  func converted(
    _ bound: BoundExpression, to type: SQLType, _ position: Int? = nil
  ) throws(SQLError) -> BoundExpression {
    guard let converted = try coerced(bound, to: type, .implicit, position) else {
      throw .cannotCast(from: bound.type, to: type, position: position)
    }
    return converted
  }

  /// `bound`, with `text` for a type that nothing has decided.
  func decided(_ bound: BoundExpression) throws(SQLError) -> BoundExpression {
    guard bound.type.kind == .unknown else { return bound }
    if case .parameter(let index, _) = bound, parameters[index].kind != .unknown {
      return .parameter(index, parameters[index])
    }
    return try converted(bound, to: .text)
  }

  /// The type in which values meet.
  ///
  /// - Parameter construct: for the message, such as `CASE`.
  /// - Throws: `42804`.
  func common(
    _ values: [BoundExpression], _ construct: String, position: Int?
  ) throws(SQLError) -> SQLType {
    let types = values.map(\.type)
    if let type = Coercion.common(types) { return type }
    let first = types.first { $0.kind != .unknown } ?? .text
    let second = types.first { Coercion.common([first, $0]) == nil } ?? .text
    throw .datatypeMismatch(
      "\(construct) types \(first.nameWithoutModifier) and \(second.nameWithoutModifier) cannot be "
        + "matched", position: position)
  }

  /// The types of the columns of a set operation.
  ///
  /// - Throws: `42601` if the sides have different numbers of columns, `42804` if types do not
  ///   meet.
  public static func columnTypes(
    of operation: SetOperation, _ left: [SQLType], _ right: [SQLType]
  ) throws(SQLError) -> [SQLType] {
    guard left.count == right.count else {
      throw .syntax(
        "each \(operation.rawValue) query must have the same number of columns", position: nil)
    }
    var types: [SQLType] = []
    for (left, right) in zip(left, right) {
      guard let type = Coercion.common([left, right]) else {
        throw .datatypeMismatch(
          "\(operation.rawValue) types \(left.nameWithoutModifier) and "
            + "\(right.nameWithoutModifier) cannot be matched")
      }
      types.append(type.kind == .unknown ? .text : type)
    }
    return types
  }

  /// Computes what depends on constants alone. What fails is left to fail when it is evaluated, if
  /// it ever is: a branch of CASE may shield it.
  func folded(_ bound: BoundExpression) -> BoundExpression {
    switch bound {
    case .constant, .column, .parameter, .aggregate, .scalarSubquery, .quantified, .exists,
      .systemCall:
      return bound
    case .call(let function, _) where !function.isImmutable: return bound
    default: break
    }
    var isConstant = true
    bound.walk { node in
      if node == bound { return true }
      if case .constant = node { return false }
      isConstant = false
      return false
    }
    guard isConstant,
      let value = try? bound.evaluate(row: [], parameters: [], context: FoldingContext())
    else { return bound }
    return .constant(value, bound.type)
  }
}

/// The context of constant folding, which no foldable expression asks for anything.
private final class FoldingContext: EvaluationContext {
  var transactionTimestamp: Int64 { 0 }
  var statementTimestamp: Int64 { 0 }
  var clockTimestamp: Int64 { 0 }
  func randomDouble() -> Double { 0 }
  func subqueryRows(_ index: Int) -> [Value] { [] }
  func systemFunction(_ name: String, _ arguments: [Value]) throws(SQLError) -> Value {
    throw .featureNotSupported("\(name) in a constant")
  }
}
