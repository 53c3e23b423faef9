import SQL

extension Planner {
  /// Plans a statement; what is no query and changes no rows needs no more than a wrapper.
  ///
  /// - Parameter tables: receives those that the statement names and the locks that it takes, even if it
  ///   cannot be planned.
  /// - Throws: what binding throws.
  static func plan(
    _ parsed: ParsedStatement, declared: [SQLType?] = [], catalog: CatalogContents,
    tables: inout [Plan.LockedTable]
  ) throws(SQLError) -> Plan {
    let planner = Planner(
      catalog: catalog, parameterCount: max(parsed.parameterCount, declared.count),
      declared: declared)
    defer { tables = planner.tables }
    let plan = try planner.plan(parsed.statement)
    if let number = planner.parameters.unnamed(below: parsed.parameterCount).first {
      throw SQLError(
        sqlState: "42P18",
        message: "could not determine data type of parameter $\(number + 1)")
    }
    return plan
  }

  func plan(_ statement: Statement) throws(SQLError) -> Plan {
    let body: Plan.Body
    var columns: [ResultColumn]?
    switch statement {
    case .select(let query):
      let planned = try plan(query)
      (body, columns) = (.query(planned.step), planned.columns)
    case .insert(let insert):
      (body, columns) = try with(insert.commonTables) { () throws(SQLError) in try plan(insert) }
    case .update(let update):
      (body, columns) = try with(update.commonTables) { () throws(SQLError) in try plan(update) }
    case .delete(let delete):
      (body, columns) = try with(delete.commonTables) { () throws(SQLError) in try plan(delete) }
    case .copy(let copy): body = .copy(try plan(copy))
    case .show(let name):
      body = .utility
      columns = try SessionParameter.resultColumns(ofShow: name)
    case .explain(let explain):
      body = .explain(try plan(explain.statement))
      columns = [ResultColumn(name: "QUERY PLAN", type: .text)]
    case .lock(let lock):
      body = .utility
      for name in lock.tables { _ = try table(name, lock.mode.lockMode) }
    default: body = .utility
    }
    return Plan(
      statement: statement, body: body, columns: columns, parameterTypes: parameterTypes,
      slotCount: slotCount, subplans: subplans, tables: tables, catalog: catalog)
  }

  // MARK: INSERT

  private func plan(_ insert: Insert) throws(SQLError) -> (Plan.Body, [ResultColumn]?) {
    let table = try writtenTable(insert.table)
    let description = table.description
    let columns = try insertedColumns(insert.columns, of: table)
    let source: InsertPlan.Source
    switch insert.source {
    case .defaultValues:
      source = .values([RowExpressions(try wholeRow([], [], of: table), subplans)])
    case .query(let query):
      if case .values(let rows) = query.body, query.orderBy.isEmpty, query.limit == nil,
        query.offset == nil, query.commonTables.isEmpty
      {
        source = .values(try plan(values: rows, for: columns, insert, table))
      } else {
        let planned = try plan(query) { (outputs, binder) throws(SQLError) in
          try self.checkCount(outputs.count, columns, insert, nil)
          var values: [BoundExpression] = []
          for (output, column) in zip(outputs, columns) {
            values.append(
              try binder.assigned(
                output, to: description.columns[column].type,
                column: description.columns[column].name))
          }
          return try self.wholeRow(Array(columns.prefix(values.count)), values, of: table)
        }
        source = .query(planned.step)
      }
    }
    var scope = Scope()
    try scope.add(insert.alias ?? table.name, columns: scopeColumns(of: table))
    let (returning, results) = try plan(returning: insert.returning, over: scope, table)
    return (
      .insert(
        InsertPlan(
          table, source: source, conflict: try plan(insert.onConflict, insert, table),
          returning: returning)), results
    )
  }

  /// The columns that an INSERT or a COPY gives, as positions in the table.
  private func insertedColumns(
    _ references: [ColumnReference], of table: Table
  ) throws(SQLError) -> [Int] {
    if references.isEmpty { return Array(table.description.columns.indices) }
    var columns: [Int] = []
    for reference in references {
      let column = try column(reference.name, of: table, position: reference.position)
      if columns.contains(column) {
        throw .duplicateColumn(reference.name, position: reference.position)
      }
      columns.append(column)
    }
    return columns
  }

  private func column(
    _ name: String, of table: Table, position: Int?
  ) throws(SQLError) -> Int {
    guard let column = table.description.columns.firstIndex(where: { $0.name == name }) else {
      throw .undefinedColumn(name, ofRelation: table.name, position: position)
    }
    return column
  }

  private func checkCount(
    _ count: Int, _ columns: [Int], _ insert: Insert, _ row: [SQL.Expression]?
  ) throws(SQLError) {
    if count > columns.count {
      throw .invalidStatement(
        "INSERT has more expressions than target columns", position: row?[columns.count].position)
    }
    if count < columns.count, !insert.columns.isEmpty {
      throw .invalidStatement(
        "INSERT has more target columns than expressions",
        position: insert.columns[count].position)
    }
  }

  private func plan(
    values rows: [[SQL.Expression]], for columns: [Int], _ insert: Insert, _ table: Table
  ) throws(SQLError) -> [RowExpressions] {
    var planned: [RowExpressions] = []
    for row in rows {
      guard row.count == rows[0].count else {
        throw .syntax("VALUES lists must all be the same length", position: row.first?.position)
      }
      try checkCount(row.count, columns, insert, row)
      var given: [Int] = []
      var values: [BoundExpression] = []
      for (column, value) in zip(columns, row) {
        if case .defaultValue = value { continue }
        let target = table.description.columns[column]
        given.append(column)
        values.append(
          try bind(over: Scope()) { (binder) throws(SQLError) in
            try binder.bindAssigned(value, to: target.type, column: target.name, in: "VALUES")
          })
      }
      planned.append(RowExpressions(try wholeRow(given, values, of: table), subplans))
    }
    return planned
  }

  /// A row with all columns of the table: the values given, else the defaults.
  private func wholeRow(
    _ given: [Int], _ values: [BoundExpression], of table: Table
  ) throws(SQLError) -> [BoundExpression] {
    var row: [BoundExpression] = []
    for column in table.description.columns.indices {
      if let place = given.firstIndex(of: column) {
        row.append(values[place])
      } else {
        row.append(try defaultValue(of: column, table))
      }
    }
    return row
  }

  /// The default of a column, which the catalog keeps as text.
  func defaultValue(of column: Int, _ table: Table) throws(SQLError) -> BoundExpression {
    let description = table.description.columns[column]
    guard let text = description.defaultText else { return .constant(.null, description.type) }
    let parsed = try PostgreSQLParser.parse("SELECT \(text)")
    guard case .select(let query)? = parsed.first?.statement, case .select(let select) = query.body,
      case .expression(let expression, _)? = select.targets.first
    else { preconditionFailure("the default of \(description.name) is '\(text)'") }
    return try bind(over: Scope()) { (binder) throws(SQLError) in
      try binder.bindAssigned(
        expression, to: description.type, column: description.name, in: "DEFAULT expressions")
    }
  }

  private func plan(
    _ onConflict: OnConflict?, _ insert: Insert, _ table: Table
  ) throws(SQLError) -> InsertPlan.Conflict? {
    guard let onConflict else { return nil }
    let arbiter = try arbiter(onConflict.arbiter, of: table)
    switch onConflict.action {
    case .nothing: return InsertPlan.Conflict(arbiter: arbiter, action: .nothing)
    case .update(let assignments, let filter):
      guard let arbiter else {
        throw .syntax(
          "ON CONFLICT DO UPDATE requires inference specification or constraint name",
          position: nil)
      }
      var scope = Scope()
      try scope.add(insert.alias ?? table.name, columns: scopeColumns(of: table))
      try scope.add("excluded", columns: scopeColumns(of: table))
      let (columns, values) = try plan(assignments, over: scope, table)
      var bound: BoundExpression?
      if let filter {
        bound = try bind(over: scope) { (binder) throws(SQLError) in
          try binder.bindCondition(filter, in: "WHERE")
        }
      }
      let read = values + (bound.map { [$0] } ?? [])
      if RowExpressions(read, subplans).needsSubplans {
        throw .featureNotSupported("a correlated subquery in ON CONFLICT DO UPDATE")
      }
      return InsertPlan.Conflict(
        arbiter: arbiter,
        action: .update(
          zip(columns, values).map { (column: $0, value: $1) }, filter: bound))
    }
  }

  /// The unique index or primary key that ON CONFLICT means; `nil` for any.
  private func arbiter(_ arbiter: OnConflict.Arbiter, of table: Table) throws(SQLError) -> String? {
    let description = table.description
    switch arbiter {
    case .any: return nil
    case .constraint(let name):
      let isKey = !description.primaryKey.isEmpty && description.primaryKeyName == name
      guard isKey || description.indexes.contains(where: { $0.name == name && $0.isUnique }) else {
        throw SQLError(
          sqlState: "42704",
          message: "constraint \"\(name)\" for table \"\(table.name)\" does not exist")
      }
      return name
    case .columns(let names):
      var wanted: [Int] = []
      for name in names {
        guard let column = description.columns.firstIndex(where: { $0.name == name }) else {
          throw .undefinedColumn(name)
        }
        wanted.append(column)
      }
      wanted.sort()
      if !description.primaryKey.isEmpty, description.primaryKey.sorted() == wanted {
        return description.primaryKeyName
      }
      guard
        let index = description.indexes.first(where: {
          $0.isUnique && $0.columns.sorted() == wanted
        })
      else {
        throw SQLError(
          sqlState: "42P10",
          message: "there is no unique or exclusion constraint matching the ON CONFLICT "
            + "specification")
      }
      return index.name
    }
  }

  // MARK: UPDATE and DELETE

  private func plan(_ update: Update) throws(SQLError) -> (Plan.Body, [ResultColumn]?) {
    let table = try writtenTable(update.table)
    let (scope, tree) = try target(table, update.alias, update.from)
    let (columns, values) = try plan(update.assignments, over: scope, table)
    let (returning, results) = try plan(returning: update.returning, over: scope, table)
    let needed = neededColumns(values) + Array(table.description.columns.indices)
    // A change of a key locks it when it is known that the key differs.
    let targets = try targets(
      table, .forNoKeyUpdate, scope, tree, update.filter, needed, returning)
    return (
      .update(
        UpdatePlan(
          targets, columns: columns, assignments: RowExpressions(values, subplans),
          returning: returning)), results
    )
  }

  private func plan(_ delete: Delete) throws(SQLError) -> (Plan.Body, [ResultColumn]?) {
    let table = try writtenTable(delete.table)
    let (scope, tree) = try target(table, delete.alias, delete.using)
    let (returning, results) = try plan(returning: delete.returning, over: scope, table)
    let targets = try targets(table, .forUpdate, scope, tree, delete.filter, [], returning)
    return (.delete(DeletePlan(targets, returning: returning)), results)
  }

  /// The table that is changed and, behind it, what it is joined with.
  private func target(
    _ table: Table, _ alias: String?, _ others: [TableReference]
  ) throws(SQLError) -> (Scope, JoinTree) {
    var scope = Scope()
    let columns = scopeColumns(of: table)
    try scope.add(alias ?? table.name, columns: columns)
    let shown = alias.map { "\(table.name) \($0)" } ?? table.name
    let own = JoinTree.input(
      JoinInput(name: shown, source: .table(table), range: 0..<columns.count))
    let (otherScope, otherTree) = try bindFrom(others, behind: scope.width)
    guard let otherTree else { return (scope, own) }
    let moved = otherTree.shifted(by: scope.width)
    try scope.append(otherScope)
    return (scope, .inner(own, moved, []))
  }

  private func targets(
    _ table: Table, _ mode: LockMode, _ scope: Scope, _ tree: JoinTree, _ filter: SQL.Expression?,
    _ needed: [Int], _ returning: RowExpressions?
  ) throws(SQLError) -> RowTargets {
    var conditions: [BoundExpression] = []
    if let filter {
      conditions = try bind(over: scope) { (binder) throws(SQLError) in
        try binder.bindCondition(filter, in: "WHERE").conjuncts
      }
    }
    var joins = JoinPlanner(self, width: scope.width)
    joins.conditions = conditions
    joins.needed = needed + neededColumns(returning?.expressions ?? [])
    joins.lockedInputs = [0]
    let source = try joins.plan(tree)
    let all = RowExpressions(joins.allConditions(tree), subplans)
    var point: AccessPath?
    if case .input = tree, !all.needsSubplans {
      let finder = AccessPathFinder(
        table: table, offset: 0, isKnown: { _ in false }, conditions: all.expressions,
        subplans: subplans)
      let path = finder.best()
      if path.isPoint, path.index == nil { point = path }
    }
    return RowTargets(
      table, mode, source: source, keyColumn: scope.width, conditions: all, point: point)
  }

  private func plan(
    _ assignments: [Assignment], over scope: Scope, _ table: Table
  ) throws(SQLError) -> (columns: [Int], values: [BoundExpression]) {
    var columns: [Int] = []
    var values: [BoundExpression] = []
    for assignment in assignments {
      let reference = assignment.column
      let column = try column(reference.name, of: table, position: reference.position)
      if columns.contains(column) {
        throw .invalidStatement("multiple assignments to same column \"\(reference.name)\"")
      }
      columns.append(column)
      if case .defaultValue = assignment.value {
        values.append(try defaultValue(of: column, table))
        continue
      }
      let target = table.description.columns[column]
      values.append(
        try bind(over: scope) { (binder) throws(SQLError) in
          try binder.bindAssigned(
            assignment.value, to: target.type, column: target.name, in: "UPDATE")
        })
    }
    return (columns, values)
  }

  private func plan(
    returning targets: [Target], over scope: Scope, _ table: Table
  ) throws(SQLError) -> (RowExpressions?, [ResultColumn]?) {
    if targets.isEmpty { return (nil, nil) }
    let columns = try bind(over: scope) { (binder) throws(SQLError) in
      try binder.bindReturning(targets)
    }
    let results = columns.map { column in
      var result = ResultColumn(name: column.name, type: column.type)
      if case .column(let index, _) = column.expression, index < table.description.columns.count {
        result.tableID = table.id
        result.columnNumber = Int16(index + 1)
      }
      return result
    }
    return (RowExpressions(columns.map(\.expression), subplans), results)
  }

  // MARK: COPY

  private func plan(_ copy: Copy) throws(SQLError) -> CopyPlan {
    let table = try writtenTable(copy.table)
    let columns = try insertedColumns(
      copy.columns.map { ColumnReference(name: $0, position: 0) }, of: table)
    var defaults: [BoundExpression] = []
    for column in table.description.columns.indices {
      defaults.append(try defaultValue(of: column, table))
    }
    return CopyPlan(
      table, columns: columns, defaults: defaults, format: try CopyFormat(copy.options))
  }
}

extension LockTable.Mode {
  var lockMode: LockMode {
    switch self {
    case .accessShare: .accessShare
    case .rowShare: .rowShare
    case .rowExclusive: .rowExclusive
    case .shareUpdateExclusive: .shareUpdateExclusive
    case .share: .share
    case .shareRowExclusive: .shareRowExclusive
    case .exclusive: .exclusive
    case .accessExclusive: .accessExclusive
    }
  }
}
