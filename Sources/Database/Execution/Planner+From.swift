import SQL

/// FROM: which columns there are, and where their rows come from.
extension Planner {
  /// - Parameter width: how many columns of the flat row stand before those of FROM.
  func bindFrom(
    _ references: [TableReference], behind width: Int = 0
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree?) {
    var scope = Scope()
    var tree: JoinTree?
    for reference in references {
      var before = Scope(blank: width)
      try before.append(scope)
      let (nextScope, nextTree) = try bindFrom(reference, before)
      let moved = nextTree.shifted(by: scope.width)
      try scope.append(nextScope)
      tree = tree.map { .inner($0, moved, []) } ?? moved
    }
    return (scope, tree)
  }

  /// - Parameter before: what stands to the left of it, which what is LATERAL may read.
  private func bindFrom(
    _ reference: TableReference, _ before: Scope
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
    switch reference {
    case .table(let name, let alias): return try bind(table: name, alias)
    case .subquery(let query, let alias, let isLateral):
      guard let alias else {
        throw .syntax("subquery in FROM must have an alias", position: nil)
      }
      let (planned, correlations) = try inside(isLateral ? before : nil) { () throws(SQLError) in
        try plan(query)
      }
      return try input(
        alias.name, alias, planned.columns.map { Scope.Column(name: $0.name, type: $0.type) },
        source(planned.step, correlations, before))
    case .function(let call, let alias): return try bind(function: call, alias, before)
    case .join(let kind, let left, let right, let condition):
      return try bind(kind, left, right, condition, before)
    }
  }

  /// Where rows come from that may depend on what stands to the left.
  private func source(
    _ step: any PlanStep, _ correlations: [SubqueryFrame.Correlation], _ before: Scope
  ) -> JoinInput.Source {
    if correlations.isEmpty { return .rows(step) }
    return .lateral(
      step, slots: correlations.map(\.slot),
      arguments: correlations.map { .column($0.column - before.width, $0.type) })
  }

  private func bind(
    table name: ObjectName, _ alias: TableAlias?
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
    if name.schema == nil, let common = commonTables.last(where: { $0.name == name.name }) {
      common.name(in: frame)
      return try input(name.name, alias, common.columns, .rows(common.step))
    }
    let table = try table(name)
    return try input(
      name.name, alias, scopeColumns(of: table), .table(table),
      primaryKey: table.description.primaryKey)
  }

  private func bind(
    function written: FunctionCall, _ alias: TableAlias?, _ before: Scope
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
    let (call, correlations) = try inside(before) { () throws(SQLError) in
      let correlated = try correlate(.function(written), over: Scope())
      return if case .function(let call) = correlated { call } else { written }
    }
    let table = try bind(over: Scope()) { (binder) throws(SQLError) in
      try binder.bindTableFunction(call)
    }
    guard let (function, arguments) = table else {
      // A function of one value is a table of one row and one column.
      let value = try bind(over: Scope()) { (binder) throws(SQLError) in
        try binder.bind(.function(call), in: "functions in FROM")
      }
      let name = alias?.name ?? call.name
      return try input(
        call.name, alias, [Scope.Column(name: name, type: value.type)],
        source(ValuesStep([RowExpressions([value], subplans)]), correlations, before))
    }
    var columns = function.columns.map { Scope.Column(name: $0.name, type: $0.type) }
    // The alias of a function that yields one column names the column too.
    if columns.count == 1, let alias { columns[0].name = alias.name }
    return try input(
      call.name, alias, columns, source(FunctionScanStep(function, arguments), correlations, before)
    )
  }

  private func input(
    _ name: String, _ alias: TableAlias?, _ columns: [Scope.Column], _ source: JoinInput.Source,
    primaryKey: [Int] = []
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
    var scope = Scope()
    try scope.add(name, alias: alias, columns: columns, primaryKey: primaryKey)
    let shown = alias.map { $0.name == name ? name : "\(name) \($0.name)" } ?? name
    return (scope, .input(JoinInput(name: shown, source: source, range: 0..<columns.count)))
  }

  private func bind(
    _ kind: JoinKind, _ leftSyntax: TableReference, _ rightSyntax: TableReference,
    _ condition: JoinCondition, _ before: Scope
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
    let (leftScope, left) = try bindFrom(leftSyntax, before)
    var between = before
    // The rows of a side that may be NULL cannot be made out of those of the other.
    let seesLeft = kind == .inner || kind == .left
    try between.append(seesLeft ? leftScope : Scope(blank: leftScope.width))
    let (rightScope, unmovedRight) = try bindFrom(rightSyntax, between)
    let right = unmovedRight.shifted(by: leftScope.width)
    var scope = leftScope
    try scope.append(rightScope)
    var conditions: [BoundExpression] = []
    var merged: [BoundExpression] = []
    switch condition {
    case .always: break
    case .on(let expression):
      let correlated = try correlate(expression, over: scope)
      conditions = try bind(over: scope) { (binder) throws(SQLError) in
        try binder.bindCondition(correlated, in: "JOIN/ON").conjuncts
      }
    case .using, .natural:
      var names: [String]?
      if case .using(let list) = condition { names = list }
      let joined = scope
      let side: Scope.MergedSide =
        switch kind {
        case .inner, .left: .left
        case .right: .right
        case .full: .both
        }
      for pair in try scope.merge(names, firstRight: leftScope.tables.count, into: side) {
        conditions.append(try equality(pair, in: joined))
        let columns = [pair.left, pair.right].map { BoundExpression.column($0, pair.type) }
        if kind == .full { merged.append(.coalesce(columns, pair.type)) }
      }
    }
    let tree: JoinTree =
      switch kind {
      case .inner: .inner(left, right, conditions)
      case .left: .left(left, right, conditions)
      case .right: .left(right, left, conditions)
      case .full: .full(left, right, conditions, merged: merged)
      }
    return (scope, tree)
  }

  /// `left.x = right.x` for the columns that USING merges.
  private func equality(
    _ pair: (left: Int, right: Int, type: SQLType), in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    func reference(_ index: Int) -> SQL.Expression {
      let table = scope.tables.first { $0.range.contains(index) }
      return .column(
        ColumnReference(
          table: table?.name, name: table.map { $0.columns[index - $0.offset].name } ?? "",
          position: 0))
    }
    do throws(SQLError) {
      return try bind(over: scope) { (binder) throws(SQLError) in
        try binder.bindCondition(
          .binary(.equal, reference(pair.left), reference(pair.right), position: 0),
          in: "JOIN/USING")
      }
    } catch {
      var error = error
      error.position = nil
      throw error
    }
  }
}
