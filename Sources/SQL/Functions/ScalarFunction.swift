import OrderedCollections

/// A function of values, picked by name and argument types.
///
/// Operators that are neither arithmetic nor comparisons, such as `timestamp + interval`, are
/// functions too, under names that SQL cannot spell.
public struct ScalarFunction: Sendable {
  typealias Body =
    @Sendable (_ arguments: [Value], _ context: any EvaluationContext) throws(SQLError) -> Value

  public let name: String
  let arguments: [SQLType]
  /// Repeats the last argument.
  let isVariadic: Bool
  public let result: SQLType
  /// NULL in, NULL out; the body then never sees a NULL.
  let isStrict: Bool
  /// Depends on its arguments alone, and may be computed once and for all.
  public let isImmutable: Bool
  let body: Body

  init(
    _ name: String, _ arguments: [SQLType], _ result: SQLType, isVariadic: Bool = false,
    isStrict: Bool = true, isImmutable: Bool = true, body: @escaping Body
  ) {
    self.name = name
    self.arguments = arguments
    self.isVariadic = isVariadic
    self.result = result
    self.isStrict = isStrict
    self.isImmutable = isImmutable
    self.body = body
  }

  func call(
    _ arguments: [Value], _ context: any EvaluationContext
  ) throws(SQLError) -> Value {
    if isStrict, arguments.contains(where: \.isNull) { return .null }
    return try body(arguments, context)
  }

  func argumentType(_ index: Int) -> SQLType { arguments[min(index, arguments.count - 1)] }

  /// The functions of one name; empty if there are none.
  static func overloads(_ name: String) -> [ScalarFunction] { table[name] ?? [] }

  private static let table: OrderedDictionary<String, [ScalarFunction]> = OrderedDictionary(
    grouping: textFunctions + numberFunctions + timeFunctions, by: \.name)
}

/// Functions are the same when their signatures are.
extension ScalarFunction: Hashable {
  public static func == (lhs: ScalarFunction, rhs: ScalarFunction) -> Bool {
    lhs.name == rhs.name && lhs.arguments == rhs.arguments
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(arguments)
  }
}

extension [Value] {
  // A function's body reads its arguments with these: the binder has cast them to its types.

  func text(_ index: Int) -> String {
    guard case .text(let text) = self[index] else { refuse(index, "text") }
    return text
  }

  func integer(_ index: Int) -> Int64 {
    guard case .integer(let integer) = self[index] else { refuse(index, "an integer") }
    return integer
  }

  /// An integer as a count or a place in a string.
  func count(_ index: Int) -> Int { Int(integer(index)) }

  func double(_ index: Int) -> Double {
    guard case .double(let double) = self[index] else { refuse(index, "a double") }
    return double
  }

  func decimal(_ index: Int) -> ExactDecimal {
    guard case .decimal(let decimal) = self[index] else { refuse(index, "a numeric") }
    return decimal
  }

  func timestamp(_ index: Int) -> Int64 {
    guard case .timestamp(let timestamp) = self[index] else { refuse(index, "a timestamp") }
    return timestamp
  }

  func date(_ index: Int) -> Int {
    guard case .date(let date) = self[index] else { refuse(index, "a date") }
    return Int(date)
  }

  func interval(_ index: Int) -> SQLInterval {
    guard case .interval(let interval) = self[index] else { refuse(index, "an interval") }
    return interval
  }

  private func refuse(_ index: Int, _ expected: String) -> Never {
    preconditionFailure("argument \(index) is \(self[index]), not \(expected)")
  }
}
