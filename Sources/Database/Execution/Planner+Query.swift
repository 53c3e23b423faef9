import SQL

/// A query that has been planned: where its rows come from, and what they look like.
struct PlannedQuery {
  var step: any PlanStep
  var columns: [ResultColumn]
}

/// One column of a result, as a row description tells it.
struct ResultColumn: Equatable {
  var name: String
  var type: SQLType
  /// The table that it is a column of, and its number there from 1; 0 for none.
  var tableID: UInt32 = 0
  var columnNumber: Int16 = 0
}

extension Planner {
  /// - Parameter assign: converts the columns of the output for where they go, as INSERT needs; quoted
  ///   literals come to it untyped.
  /// - Parameter keepsUnknown: leave quoted literals of a select list untyped all the same.
  func plan(
    _ query: Query, keepsUnknown: Bool = false,
    assign: (([BoundExpression], Binder) throws(SQLError) -> [BoundExpression])? = nil
  ) throws(SQLError) -> PlannedQuery {
    try with(query.commonTables) { () throws(SQLError) in
      try plan(body: query, keepsUnknown: keepsUnknown, assign: assign)
    }
  }

  private func plan(
    body query: Query, keepsUnknown: Bool,
    assign: (([BoundExpression], Binder) throws(SQLError) -> [BoundExpression])?
  ) throws(SQLError) -> PlannedQuery {
    var planned: PlannedQuery
    switch query.body {
    case .select(let select):
      planned = try plan(select, query, keepsUnknown: keepsUnknown, assign: assign)
    case .values(let rows):
      planned = try plan(values: rows, query)
    case .setOperation(let operation, let keepsDuplicates, let left, let right):
      planned = try plan(operation, keepsDuplicates: keepsDuplicates, left, right)
    }
    if case .select = query.body { return planned }
    if let clause = query.locking.first {
      let reason =
        if case .values = query.body {
          "cannot be applied to VALUES"
        } else {
          "is not allowed with UNION/INTERSECT/EXCEPT"
        }
      throw .featureNotAllowed("\(clause.strength.clauseName) \(reason)")
    }
    if !query.orderBy.isEmpty {
      let ordering = try Binder.outputOrdering(
        query.orderBy, columns: planned.columns.map { Scope.Column(name: $0.name, type: $0.type) })
      planned.step = SortStep(planned.step, ordering, subplans)
    }
    planned.step = try limited(planned.step, query)
    return try assigned(planned, assign)
  }

  /// Converts the output of a query that is no plain SELECT.
  private func assigned(
    _ planned: PlannedQuery,
    _ assign: (([BoundExpression], Binder) throws(SQLError) -> [BoundExpression])?
  ) throws(SQLError) -> PlannedQuery {
    guard let assign else { return planned }
    let columns = planned.columns.enumerated().map { index, column in
      BoundExpression.column(index, column.type)
    }
    let outputs = try bind(over: Scope()) { (binder) throws(SQLError) in
      try assign(columns, binder)
    }
    let isSame = outputs == columns
    return PlannedQuery(
      step: isSame ? planned.step : ProjectStep(planned.step, RowExpressions(outputs, subplans)),
      columns: planned.columns)
  }

  func limited(_ step: any PlanStep, _ query: Query) throws(SQLError) -> any PlanStep {
    guard query.limit != nil || query.offset != nil else { return step }
    func bound(
      _ expression: SQL.Expression?, _ clause: String
    ) throws(SQLError) -> BoundExpression? {
      guard let expression else { return nil }
      let correlated = try correlate(expression, over: Scope())
      return try bind(over: Scope()) { (binder) throws(SQLError) in
        try binder.bindLimit(correlated, in: clause)
      }
    }
    return LimitStep(
      step, limit: try bound(query.limit, "LIMIT"), offset: try bound(query.offset, "OFFSET"))
  }

  private func plan(values rows: [[SQL.Expression]], _ query: Query) throws(SQLError)
    -> PlannedQuery
  {
    var correlated: [[SQL.Expression]] = []
    for row in rows {
      correlated.append(
        try row.map { (value) throws(SQLError) in try correlate(value, over: Scope()) })
    }
    let (columns, bound) = try bind(over: Scope()) { (binder) throws(SQLError) in
      try binder.bindValues(correlated)
    }
    return PlannedQuery(
      step: ValuesStep(bound.map { RowExpressions($0, subplans) }),
      columns: columns.map { ResultColumn(name: $0.name, type: $0.type) })
  }

  private func plan(
    _ operation: SetOperation, keepsDuplicates: Bool, _ left: Query, _ right: Query
  ) throws(SQLError) -> PlannedQuery {
    var left = try plan(left, keepsUnknown: true)
    var right = try plan(right, keepsUnknown: true)
    let types = try Binder.columnTypes(
      of: operation, left.columns.map(\.type), right.columns.map(\.type))
    left.step = converted(left, to: types)
    right.step = converted(right, to: types)
    return PlannedQuery(
      step: SetOperationStep(
        operation, keepsDuplicates: keepsDuplicates, left.step, right.step),
      columns: zip(left.columns, types).map { ResultColumn(name: $0.name, type: $1) })
  }

  /// The rows of a query with their columns converted.
  func converted(_ planned: PlannedQuery, to types: [SQLType]) -> any PlanStep {
    let outputs = zip(planned.columns, types).enumerated().map { index, pair in
      let (source, target) = (pair.0.type, pair.1)
      let column = BoundExpression.column(index, source)
      return source == target || (source.isInteger && target.isInteger)
        ? column : .cast(column, from: source, to: target, isExplicit: false)
    }
    let isSame = outputs.allSatisfy { if case .column = $0 { true } else { false } }
    return isSame ? planned.step : ProjectStep(planned.step, RowExpressions(outputs, subplans))
  }

  // MARK: SELECT

  private func plan(
    _ select: Select, _ query: Query, keepsUnknown: Bool,
    assign: (([BoundExpression], Binder) throws(SQLError) -> [BoundExpression])?
  ) throws(SQLError) -> PlannedQuery {
    let (scope, tree) = try bindFrom(select.from)
    let (select, orderBy) = try correlated(select, query.orderBy, over: scope)
    let (bound, assigned) = try bind(over: scope) { (binder) throws(SQLError) in
      let bound = try binder.bind(
        select, orderBy: orderBy, keepsUnknown: keepsUnknown || assign != nil)
      return (
        bound,
        try assign.map { (assign) throws(SQLError) in
          try assign(bound.columns.map(\.expression), binder)
        }
      )
    }
    let locks = try rowLocks(query, bound, scope, tree)
    var joins = JoinPlanner(self, width: scope.width)
    joins.conditions = bound.filter?.conjuncts ?? []
    joins.needed = neededColumns(bound, assigned)
    joins.lockedInputs = locks.map(\.input)
    if !bound.isGrouped, !bound.isDistinct {
      joins.ordering = bound.ordering
      joins.isLimited = query.limit != nil && bound.distinctOn.isEmpty
    }
    var step = try joins.plan(tree)

    if bound.isGrouped {
      step = AggregateStep(step, keys: bound.keys, aggregates: bound.aggregates, subplans)
      if let having = bound.having { step = FilterStep(step, RowExpressions([having], subplans)) }
    }
    let outputs = assigned ?? bound.columns.map(\.expression)
    if bound.isDistinct {
      step = DistinctStep(ProjectStep(step, RowExpressions(outputs, subplans)))
      if !bound.ordering.isEmpty {
        step = SortStep(step, try outputOrdering(bound), subplans)
      }
      step = try limited(step, query)
    } else {
      if !bound.ordering.isEmpty, joins.ordering.isEmpty || !joins.givesOrdering {
        step = SortStep(step, bound.ordering, subplans)
      }
      if !bound.distinctOn.isEmpty {
        step = DistinctStep(step, on: RowExpressions(bound.distinctOn, subplans))
      }
      if !locks.isEmpty {
        step = LockRowsStep(
          step, locks.compactMap { joins.lockTarget($0, tree) },
          conditions: RowExpressions(joins.allConditions(tree), subplans))
      }
      step = try limited(step, query)
      step = ProjectStep(step, RowExpressions(outputs, subplans))
    }
    return PlannedQuery(step: step, columns: resultColumns(bound, tree, keepsUnknown))
  }

  /// Puts parameters in place of outer columns in all clauses of a SELECT.
  private func correlated(
    _ select: Select, _ orderBy: [OrderingTerm], over scope: Scope
  ) throws(SQLError) -> (Select, [OrderingTerm]) {
    guard frame != nil else { return (select, orderBy) }
    var (select, orderBy) = (select, orderBy)
    var names: [String] = []
    for (index, target) in select.targets.enumerated() {
      guard case .expression(let expression, let alias) = target else { continue }
      // An outer column keeps its name, which the parameter in its place would lose.
      var name = alias
      if name == nil, case .column(let reference) = expression { name = reference.name }
      select.targets[index] = .expression(try correlate(expression, over: scope), alias: name)
      if let name { names.append(name) }
    }
    func correlated(_ expression: SQL.Expression?) throws(SQLError) -> SQL.Expression? {
      guard let expression else { return nil }
      return try correlate(expression, over: scope)
    }
    select.filter = try correlated(select.filter)
    for index in select.distinctOn.indices {
      select.distinctOn[index] = try correlate(
        select.distinctOn[index], over: scope, outputs: names)
    }
    select.having = try correlated(select.having)
    for index in select.groupBy.indices {
      select.groupBy[index] = try correlate(select.groupBy[index], over: scope, outputs: names)
    }
    for index in orderBy.indices {
      orderBy[index].expression = try correlate(
        orderBy[index].expression, over: scope, outputs: names)
    }
    return (select, orderBy)
  }

  /// The ordering of a SELECT DISTINCT, over its output.
  private func outputOrdering(_ bound: BoundSelect) throws(SQLError) -> [BoundOrdering] {
    let terms = bound.ordering.map { ordering in
      let index = bound.columns.firstIndex { $0.expression == ordering.expression } ?? 0
      return OrderingTerm(
        expression: .literal(.integer(Int64(index) + 1), position: 0),
        isDescending: ordering.isDescending, nullsFirst: ordering.nullsFirst)
    }
    return try Binder.outputOrdering(
      terms, columns: bound.columns.map { Scope.Column(name: $0.name, type: $0.type) })
  }

  /// Which columns of the flat row anybody reads, besides the conditions of joins.
  private func neededColumns(_ bound: BoundSelect, _ assigned: [BoundExpression]?) -> [Int] {
    var expressions = bound.filter.map { [$0] } ?? []
    if bound.isGrouped {
      expressions += bound.keys
      for aggregate in bound.aggregates {
        expressions += aggregate.arguments + (aggregate.filter.map { [$0] } ?? [])
        expressions += aggregate.ordering.map(\.expression)
      }
    } else {
      expressions += bound.columns.map(\.expression) + (assigned ?? [])
      expressions += bound.ordering.map(\.expression) + bound.distinctOn
    }
    return neededColumns(expressions)
  }

  /// The columns that expressions and the subqueries in them read.
  func neededColumns(_ expressions: [BoundExpression]) -> [Int] {
    expressions.flatMap(\.columns)
  }

  private func resultColumns(
    _ bound: BoundSelect, _ tree: JoinTree?, _ keepsUnknown: Bool
  ) -> [ResultColumn] {
    bound.columns.map { column in
      let isText = column.type.kind == .unknown && !keepsUnknown
      var result = ResultColumn(name: column.name, type: isText ? .text : column.type)
      let input: BoundExpression
      if bound.isGrouped, case .column(let index, _) = column.expression, index < bound.keys.count {
        input = bound.keys[index]
      } else if bound.isGrouped {
        return result
      } else {
        input = column.expression
      }
      if case .column(let index, _) = input, let origin = tree?.origin(of: index) {
        result.tableID = origin.table.id
        result.columnNumber = Int16(origin.column + 1)
      }
      return result
    }
  }
}

extension JoinTree {
  /// The table that a column of the flat row comes from.
  func origin(of column: Int) -> (table: Table, column: Int)? {
    switch self {
    case .input(let input):
      guard input.range.contains(column), case .table(let table) = input.source else { return nil }
      return (table, column - input.range.lowerBound)
    case .inner(let left, let right, _), .left(let left, let right, _),
      .full(let left, let right, _, _):
      return left.origin(of: column) ?? right.origin(of: column)
    }
  }
}

/// A locking clause applied to one input of FROM.
struct RowLock {
  /// The place of the input among those of FROM.
  let input: Int
  let clause: LockingClause
}

extension Planner {
  /// Which inputs the locking clauses of a query mean.
  func rowLocks(
    _ query: Query, _ bound: BoundSelect, _ scope: Scope, _ tree: JoinTree?
  ) throws(SQLError) -> [RowLock] {
    guard let strongest = query.locking.first else { return [] }
    let name = strongest.strength.clauseName
    if bound.isDistinct || !bound.distinctOn.isEmpty {
      throw .featureNotAllowed("\(name) is not allowed with DISTINCT clause")
    }
    if bound.isGrouped {
      throw .featureNotAllowed(
        bound.keys.isEmpty
          ? "\(name) is not allowed with aggregate functions"
          : "\(name) is not allowed with GROUP BY clause")
    }
    var locks: [RowLock] = []
    let inputs = tree?.inputs ?? []
    let areNullable = tree?.areNullable ?? []
    for clause in query.locking {
      for wanted in clause.tables where !scope.tables.contains(where: { $0.name == wanted }) {
        throw SQLError(
          sqlState: "42P01",
          message:
            "relation \"\(wanted)\" in \(clause.strength.clauseName) clause not found in FROM "
            + "clause")
      }
      for (place, input) in inputs.enumerated() {
        guard case .table(let table) = input.source else { continue }
        let alias = scope.tables.first { $0.offset == input.range.lowerBound }?.name
        guard clause.tables.isEmpty || clause.tables.contains(alias ?? "") else { continue }
        if areNullable[place] {
          throw .featureNotAllowed(
            "\(clause.strength.clauseName) cannot be applied to the nullable side of an outer join")
        }
        locks.removeAll {
          $0.input == place && $0.clause.strength.rawValue < clause.strength.rawValue
        }
        if !locks.contains(where: { $0.input == place }) {
          locks.append(RowLock(input: place, clause: clause))
          lock(table, .rowShare)
        }
      }
    }
    return locks
  }
}

extension LockingClause.Strength {
  var clauseName: String {
    switch self {
    case .keyShare: "FOR KEY SHARE"
    case .share: "FOR SHARE"
    case .noKeyUpdate: "FOR NO KEY UPDATE"
    case .update: "FOR UPDATE"
    }
  }

  var lockMode: LockMode {
    switch self {
    case .keyShare: .forKeyShare
    case .share: .forShare
    case .noKeyUpdate: .forNoKeyUpdate
    case .update: .forUpdate
    }
  }
}

extension SQLError {
  fileprivate static func featureNotAllowed(_ message: String) -> SQLError {
    SQLError(sqlState: "0A000", message: message)
  }
}
