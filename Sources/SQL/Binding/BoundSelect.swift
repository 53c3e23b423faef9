/// A SELECT with everything bound but its FROM, which is the planner's.
///
/// ```
/// row of FROM ──filter──▶ [ group by keys ──aggregates──▶ keys ++ results ──having──▶ ]
///             ──columns, ordering──▶ output row and its sort keys
/// ```
/// When it is grouped, `having`, `columns` and `ordering` are over the grouped row: first the keys,
/// then the results of the aggregates. Otherwise they are over the row of FROM, as `filter` always
/// is.
public struct BoundSelect: Sendable {
  public var filter: BoundExpression?
  public var isGrouped: Bool
  /// Empty while grouped: all rows are one group, which exists even without rows.
  public var keys: [BoundExpression]
  public var aggregates: [BoundAggregate]
  public var having: BoundExpression?
  public var columns: [BoundColumn]
  public var ordering: [BoundOrdering]
  public var isDistinct: Bool
  /// Over the same row as `ordering`.
  public var distinctOn: [BoundExpression]
}

/// One column of a result.
public struct BoundColumn: Hashable, Sendable {
  public var name: String
  public var expression: BoundExpression

  public var type: SQLType { expression.type }
}

extension Binder {
  /// Binds a SELECT whose FROM is this binder's scope.
  ///
  /// - Parameters:
  ///   - orderBy: of the query around it, unless that is a set operation.
  ///   - keepsUnknown: leave quoted literals of the select list untyped, as INSERT … SELECT needs.
  public mutating func bind(
    _ select: Select, orderBy: [OrderingTerm] = [], keepsUnknown: Bool = false
  ) throws(SQLError) -> BoundSelect {
    let filter = try select.filter.map { (filter) throws(SQLError) in
      try bindCondition(filter, in: "WHERE")
    }
    aggregates = []
    aggregatePlace = .collected
    var columns = try bindTargets(select.targets, keepsUnknown: keepsUnknown)
    var keys = try groupingKeys(select, columns)
    aggregatePlace = .collected
    var having = try select.having.map { (having) throws(SQLError) in
      try condition(having, in: "HAVING")
    }
    var ordering: [BoundOrdering] = []
    for term in orderBy {
      let expression = try sortKey(term.expression, columns)
      if select.isDistinct, !columns.contains(where: { $0.expression == expression }) {
        throw SQLError(
          sqlState: "42P10",
          message: "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
          position: term.expression.position)
      }
      ordering.append(
        BoundOrdering(
          expression: expression, isDescending: term.isDescending, nullsFirst: term.nullsFirst))
    }
    var distinctOn = try select.distinctOn.map { (expression) throws(SQLError) in
      try sortKey(expression, columns, in: "DISTINCT ON")
    }
    let leading = ordering.prefix { distinctOn.contains($0.expression) }.map(\.expression)
    guard leading.count == ordering.count || distinctOn.allSatisfy(leading.contains) else {
      throw SQLError(
        sqlState: "42P10",
        message: "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
        position: select.distinctOn.first?.position)
    }
    let isGrouped = !select.groupBy.isEmpty || !aggregates.isEmpty || having != nil
    if isGrouped {
      keys += dependents(
        of: keys,
        in: columns.map(\.expression) + ordering.map(\.expression) + distinctOn
          + [having].compactMap { $0 })
      columns = try columns.map { (column) throws(SQLError) in
        BoundColumn(name: column.name, expression: try grouped(column.expression, keys))
      }
      having = try having.map { (having) throws(SQLError) in try grouped(having, keys) }
      ordering = try ordering.map { (ordering) throws(SQLError) in
        BoundOrdering(
          expression: try grouped(ordering.expression, keys),
          isDescending: ordering.isDescending, nullsFirst: ordering.nullsFirst)
      }
    }
    if isGrouped {
      distinctOn = try distinctOn.map { (key) throws(SQLError) in try grouped(key, keys) }
    }
    return BoundSelect(
      filter: filter, isGrouped: isGrouped, keys: keys, aggregates: aggregates, having: having,
      columns: columns, ordering: ordering, isDistinct: select.isDistinct,
      distinctOn: distinctOn)
  }

  /// Binds RETURNING.
  public mutating func bindReturning(_ targets: [Target]) throws(SQLError) -> [BoundColumn] {
    aggregatePlace = .forbidden("RETURNING")
    return try bindTargets(targets, keepsUnknown: false)
  }

  /// Binds the ORDER BY of a set operation or a VALUES, over its output row: names and numbers of
  /// its columns only.
  public static func outputOrdering(
    _ terms: [OrderingTerm], columns: [Scope.Column]
  ) throws(SQLError) -> [BoundOrdering] {
    var ordering: [BoundOrdering] = []
    for term in terms {
      let index: Int
      switch term.expression {
      case .literal(.integer(let number), let position):
        index = try ordinal(number, columns.count, "ORDER BY", position)
      case .column(let reference) where reference.table == nil:
        let places = columns.indices.filter { columns[$0].name == reference.name }
        guard let place = places.first else {
          throw .undefinedColumn(reference.name, position: reference.position)
        }
        if places.count > 1 {
          throw SQLError(
            sqlState: "42702", message: "ORDER BY \"\(reference.name)\" is ambiguous",
            position: reference.position)
        }
        index = place
      default:
        throw SQLError(
          sqlState: "0A000", message: "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
          detail: "Only result column names can be used, not expressions or functions.",
          position: term.expression.position)
      }
      ordering.append(
        BoundOrdering(
          expression: .column(index, columns[index].type), isDescending: term.isDescending,
          nullsFirst: term.nullsFirst))
    }
    return ordering
  }

  private mutating func bindTargets(
    _ targets: [Target], keepsUnknown: Bool
  ) throws(SQLError) -> [BoundColumn] {
    var columns: [BoundColumn] = []
    for target in targets {
      switch target {
      case .star(let table, let position):
        for (index, column) in try scope.expand(star: table, position: position) {
          columns.append(BoundColumn(name: column.name, expression: .column(index, column.type)))
        }
      case .expression(let expression, let alias):
        let bound = try bindOperand(expression)
        let isLiteral = if case .constant = bound { true } else { false }
        columns.append(
          BoundColumn(
            name: alias ?? expression.outputName,
            expression: keepsUnknown && isLiteral ? bound : try decided(bound)))
      }
    }
    return columns
  }

  /// GROUP BY: the number of a column, the name of a column of FROM or else of the output, or an
  /// expression.
  private mutating func groupingKeys(
    _ select: Select, _ columns: [BoundColumn]
  ) throws(SQLError) -> [BoundExpression] {
    aggregatePlace = .forbidden("GROUP BY")
    var keys: [BoundExpression] = []
    for expression in select.groupBy {
      let key: BoundExpression
      switch expression {
      case .literal(.integer(let number), let position):
        let column = columns[try Self.ordinal(number, columns.count, "GROUP BY", position)]
        guard !column.expression.containsAggregate else {
          throw .grouping("aggregate functions are not allowed in GROUP BY", position: position)
        }
        key = column.expression
      case .column(let reference) where reference.table == nil:
        let isInput = try scope.find(reference.name, position: reference.position) != nil
        if !isInput, let column = columns.first(where: { $0.name == reference.name }) {
          guard !column.expression.containsAggregate else {
            throw .grouping(
              "aggregate functions are not allowed in GROUP BY", position: reference.position)
          }
          key = column.expression
        } else {
          key = try bindOperand(expression)
        }
      default: key = try decided(try bindOperand(expression))
      }
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }

  /// ORDER BY: the number or the name of an output column, or an expression over the input.
  private mutating func sortKey(
    _ expression: Expression, _ columns: [BoundColumn], in clause: String = "ORDER BY"
  ) throws(SQLError) -> BoundExpression {
    switch expression {
    case .literal(.integer(let number), let position):
      return columns[try Self.ordinal(number, columns.count, clause, position)].expression
    case .literal(.string, let position), .literal(.number, let position),
      .literal(.boolean, let position):
      throw .syntax("non-integer constant in \(clause)", position: position)
    case .column(let reference) where reference.table == nil:
      let named = columns.filter { $0.name == reference.name }
      guard let first = named.first else { break }
      guard named.allSatisfy({ $0.expression == first.expression }) else {
        throw SQLError(
          sqlState: "42702", message: "\(clause) \"\(reference.name)\" is ambiguous",
          position: reference.position)
      }
      return first.expression
    default: break
    }
    return try decided(try bindOperand(expression))
  }

  private static func ordinal(
    _ number: Int64, _ count: Int, _ clause: String, _ position: Int
  ) throws(SQLError) -> Int {
    guard number >= 1, number <= Int64(count) else {
      throw SQLError(
        sqlState: "42P10", message: "\(clause) position \(number) is not in select list",
        position: position)
    }
    return Int(number) - 1
  }

  /// The columns in `expressions` that a primary key among the keys decides.
  private func dependents(
    of keys: [BoundExpression], in expressions: [BoundExpression]
  ) -> [BoundExpression] {
    func isKey(_ index: Int) -> Bool {
      keys.contains { if case .column(index, _) = $0 { true } else { false } }
    }
    var found: [BoundExpression] = []
    for table in scope.tables
    where !table.primaryKey.isEmpty && table.primaryKey.allSatisfy({ isKey(table.offset + $0) }) {
      for expression in expressions {
        for index in expression.columns where table.range.contains(index) && !isKey(index) {
          let column = BoundExpression.column(index, table.columns[index - table.offset].type)
          if !found.contains(column) { found.append(column) }
        }
      }
    }
    return found
  }

  /// An expression over the grouped row: keys and aggregates become columns of it.
  private func grouped(
    _ bound: BoundExpression, _ keys: [BoundExpression]
  ) throws(SQLError) -> BoundExpression {
    if let index = keys.firstIndex(of: bound) { return .column(index, bound.type) }
    switch bound {
    case .aggregate(let index, let type): return .column(keys.count + index, type)
    case .column(let index, _): throw .ungroupedColumn(scope.qualifiedName(of: index))
    case .scalarSubquery(let subquery, _), .exists(let subquery),
      .quantified(_, _, let subquery, _, _):
      for case .column(let index, _) in subquery.arguments
      where !keys.contains(where: { if case .column(index, _) = $0 { true } else { false } }) {
        throw .grouping(
          "subquery uses ungrouped column \"\(scope.qualifiedName(of: index))\" from outer query",
          position: nil)
      }
      return try bound.mapChildren { (child) throws(SQLError) in try grouped(child, keys) }
    default: return try bound.mapChildren { (child) throws(SQLError) in try grouped(child, keys) }
    }
  }
}

extension BoundExpression {
  fileprivate var containsAggregate: Bool {
    var found = false
    walk { node in
      if case .aggregate = node { found = true }
      return !found
    }
    return found
  }
}

extension Expression {
  /// The name that PostgreSQL gives to a column of the result without an alias.
  var outputName: String { suggestedName?.name ?? "?column?" }

  /// A name, and whether it says more than a type does: CASE takes only such a name from its ELSE.
  private var suggestedName: (name: String, isStrong: Bool)? {
    switch self {
    case .column(let reference): (reference.name, true)
    case .function(let call): (call.name, true)
    case .cast(let operand, let type, _):
      if let inner = operand.suggestedName, inner.isStrong {
        inner
      } else {
        (type.internalName, false)
      }
    case .conditional(let conditional):
      if let inner = conditional.otherwise?.suggestedName, inner.isStrong {
        inner
      } else {
        ("case", false)
      }
    case .coalesce: ("coalesce", true)
    case .extremum(_, let greatest, _): (greatest ? "greatest" : "least", true)
    case .nullIf: ("nullif", true)
    case .exists: ("exists", true)
    case .scalarSubquery(let query, _): query.firstTargetName.map { ($0, true) }
    default: nil
    }
  }
}

extension Query {
  fileprivate var firstTargetName: String? {
    guard case .select(let select) = body,
      case .expression(let expression, let alias)? =
        select.targets.first
    else { return nil }
    return alias ?? expression.outputName
  }
}

extension SQLType {
  /// The name of the type in PostgreSQL's catalog.
  var internalName: String {
    switch kind {
    case .unknown: "unknown"
    case .boolean: "bool"
    case .smallint: "int2"
    case .integer: "int4"
    case .bigint: "int8"
    case .real: "float4"
    case .double: "float8"
    case .character: "bpchar"
    case .timestampWithTimeZone: "timestamptz"
    case .timestamp: "timestamp"
    case .varchar: "varchar"
    default: nameWithoutModifier
    }
  }
}
