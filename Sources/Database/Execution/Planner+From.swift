import SQL

/// FROM: which columns there are, and where their rows come from.
extension Planner {
  func bindFrom(_ references: [TableReference]) throws(SQLError) -> (scope: Scope, tree: JoinTree?)
  {
    var scope = Scope()
    var tree: JoinTree?
    for reference in references {
      let (nextScope, nextTree) = try bindFrom(reference)
      let moved = nextTree.shifted(by: scope.width)
      try scope.append(nextScope)
      tree = tree.map { .inner($0, moved, []) } ?? moved
    }
    return (scope, tree)
  }

  private func bindFrom(
    _ reference: TableReference
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
    switch reference {
    case .table(let name, let alias): return try bind(table: name, alias)
    case .subquery(let query, let alias, let isLateral):
      if isLateral { throw .featureNotSupported("LATERAL") }
      guard let alias else {
        throw .syntax("subquery in FROM must have an alias", position: nil)
      }
      let planned = try plan(query)
      return try input(
        alias.name, alias, planned.columns.map { Scope.Column(name: $0.name, type: $0.type) },
        .rows(planned.step))
    case .function(let call, let alias): return try bind(function: call, alias)
    case .join(let kind, let left, let right, let condition):
      return try bind(kind, left, right, condition)
    }
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
    function call: FunctionCall, _ alias: TableAlias?
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
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
        .rows(ValuesStep([RowExpressions([value], subplans)])))
    }
    var columns = function.columns.map { Scope.Column(name: $0.name, type: $0.type) }
    // The alias of a function that yields one column names the column too.
    if columns.count == 1, let alias { columns[0].name = alias.name }
    return try input(call.name, alias, columns, .rows(FunctionScanStep(function, arguments)))
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
    _ condition: JoinCondition
  ) throws(SQLError) -> (scope: Scope, tree: JoinTree) {
    let (leftScope, left) = try bindFrom(leftSyntax)
    let (rightScope, unmovedRight) = try bindFrom(rightSyntax)
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
