import SQL

/// Expressions and access paths as EXPLAIN shows them.
enum ExpressionText {
  static func scan(_ path: AccessPath, of table: Table, _ title: String) -> String {
    let backward = path.isBackward ? " Backward" : ""
    if let index = path.index { return "Index Scan\(backward) using \(index.name) on \(title)" }
    if path.keyColumns.isEmpty || (path.isFull && !path.isBackward) {
      return "Seq Scan on \(title)"
    }
    return "Index Scan\(backward) using \(table.description.primaryKeyName) on \(title)"
  }

  /// The lines under a scan.
  static func describe(
    _ path: AccessPath, of table: Table, _ conditions: [BoundExpression], _ text: inout PlanText
  ) {
    var terms: [String] = []
    func name(_ place: Int) -> String { table.description.columns[path.keyColumns[place]].name }
    for (place, value) in path.equalities.enumerated() {
      terms.append("(\(name(place)) = \(self.text(value)))")
    }
    if let lower = path.lower {
      let symbol = lower.isIncluded ? ">=" : ">"
      terms.append("(\(name(path.equalities.count)) \(symbol) \(self.text(lower.value)))")
    }
    if let upper = path.upper {
      let symbol = upper.isIncluded ? "<=" : "<"
      terms.append("(\(name(path.equalities.count)) \(symbol) \(self.text(upper.value)))")
    }
    if !terms.isEmpty { text.detail("Index Cond", joined(terms)) }
    if !conditions.isEmpty {
      text.detail("Filter", joined(conditions.map { self.text($0) }))
    }
  }

  private static func joined(_ terms: [String]) -> String {
    terms.count == 1 ? terms[0] : "(\(terms.joined(separator: " AND ")))"
  }

  /// An expression over a flat row; its columns are shown by their places.
  static func text(_ expression: BoundExpression) -> String {
    switch expression {
    case .constant(let value, let type): return constant(value, type)
    case .column(let index, _): return "#\(index + 1)"
    case .parameter(let index, _): return "$\(index + 1)"
    case .comparison(let comparison, let left, let right, _):
      return "(\(text(left)) \(symbol(comparison)) \(text(right)))"
    case .arithmetic(let operation, let left, let right, _):
      return "(\(text(left)) \(symbol(operation)) \(text(right)))"
    case .negate(let operand, _): return "(- \(text(operand)))"
    case .and(let terms): return "(\(terms.map { text($0) }.joined(separator: " AND ")))"
    case .or(let terms): return "(\(terms.map { text($0) }.joined(separator: " OR ")))"
    case .not(let operand): return "(NOT \(text(operand)))"
    case .isNull(let operand, let negated):
      return "(\(text(operand)) IS \(negated ? "NOT " : "")NULL)"
    case .cast(let operand, _, let type, _): return "(\(text(operand)))::\(type.name)"
    case .inList(let operand, let list, let negated, _):
      let members = list.map { text($0) }.joined(separator: ", ")
      return "(\(text(operand)) \(negated ? "NOT IN" : "IN") (\(members)))"
    case .like(let operand, let pattern, let negated):
      let symbol = (negated ? "!~~" : "~~") + (pattern.ignoresCase ? "*" : "")
      return "(\(text(operand)) \(symbol) \(text(pattern.pattern)))"
    case .call(let function, let arguments):
      return "\(function.name)(\(arguments.map { text($0) }.joined(separator: ", ")))"
    case .systemCall(let function, let arguments):
      return "\(function.name)(\(arguments.map { text($0) }.joined(separator: ", ")))"
    case .scalarSubquery(let subquery, _): return "(SubPlan \(subquery.index + 1))"
    case .exists(let subquery): return "EXISTS(SubPlan \(subquery.index + 1))"
    case .quantified(let operand, let comparison, let subquery, let isAll, _):
      let quantifier = isAll ? "ALL" : "ANY"
      return
        "(\(text(operand)) \(symbol(comparison)) \(quantifier) (SubPlan \(subquery.index + 1)))"
    default: return "(…)"
    }
  }

  private static func constant(_ value: Value, _ type: SQLType) -> String {
    switch value {
    case .null: return "NULL"
    case .integer(let number): return "\(number)"
    case .boolean(let truth): return truth ? "true" : "false"
    default: return "'\(value.text(as: type) ?? "")'::\(type.name)"
    }
  }

  private static func symbol(_ comparison: ComparisonOperator) -> String {
    switch comparison {
    case .equal: "="
    case .notEqual: "<>"
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }

  private static func symbol(_ operation: ArithmeticOperator) -> String {
    switch operation {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .remainder: "%"
    case .and: "&"
    case .or: "|"
    case .xor: "#"
    case .shiftLeft: "<<"
    case .shiftRight: ">>"
    }
  }
}

extension Plan {
  /// The lines of EXPLAIN.
  var explanation: [String] {
    var text = PlanText()
    switch body {
    case .query(let step): step.explain(&text)
    case .insert(let insert): insert.explain(&text)
    case .update(let update): update.explain(&text)
    case .delete(let delete): delete.explain(&text)
    case .copy, .explain, .utility: text.step("Utility Statement")
    }
    for subplan in subplans {
      text.below { text in
        text.step("\(subplan.isCorrelated ? "SubPlan" : "InitPlan") \(subplan.index + 1)")
        text.below(subplan.step)
      }
    }
    return text.lines
  }
}
