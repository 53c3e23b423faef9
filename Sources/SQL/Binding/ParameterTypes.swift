/// The types of a statement's parameters: declared by the client, or decided by the first use.
public final class ParameterTypes {
  private var decided: [SQLType?]
  private var isNamed: [Bool]
  /// From here on, parameters stand for columns of queries around.
  let firstOuter: Int

  /// - Parameters:
  ///   - count: ``ParsedStatement/parameterCount``.
  ///   - declared: what the client said, `nil` where it left the type open.
  ///   - outer: how many more stand for columns of queries around the one that is bound.
  public init(count: Int, declared: [SQLType?] = [], outer: Int = 0) {
    firstOuter = max(count, declared.count)
    decided = declared
    while decided.count < firstOuter + outer { decided.append(nil) }
    isNamed = Array(repeating: false, count: decided.count)
    for index in decided.indices where decided[index]?.kind == .unknown { decided[index] = nil }
  }

  public var count: Int { decided.count }

  /// The types, once a statement is bound; what nothing decided is `text`.
  public var types: [SQLType] { decided.map { $0 ?? .text } }

  /// Those that no expression has named.
  public func unnamed(below count: Int) -> [Int] {
    (0..<count).filter { decided[$0] == nil && !isNamed[$0] }
  }

  func noteName(of index: Int) { isNamed[index] = true }

  subscript(index: Int) -> SQLType {
    get { decided[index] ?? .unknown }
    set { decided[index] = newValue }
  }
}
