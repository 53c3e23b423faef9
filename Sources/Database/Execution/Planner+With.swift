import SQL

/// A table of WITH while its statement is planned.
///
/// Whoever names it runs its steps anew; rows are kept only between the rounds of a recursive one.
final class PlannedTable {
  let name: String
  let columns: [Scope.Column]
  let step: any PlanStep
  /// The subquery that its WITH belongs to.
  let frame: SubqueryFrame?
  /// Whether it stands for the rows of the last round, which differ from one to the next.
  let isWorkingTable: Bool
  private(set) var isNamed = false

  init(
    name: String, columns: [Scope.Column], step: any PlanStep, frame: SubqueryFrame?,
    isWorkingTable: Bool = false
  ) {
    (self.name, self.columns, self.step, self.frame) = (name, columns, step, frame)
    self.isWorkingTable = isWorkingTable
  }

  /// Notes that the subquery `user` reads it: it depends on all that the table depends on.
  func name(in user: SubqueryFrame?) {
    isNamed = true
    guard isWorkingTable || frame?.isCorrelated ?? false else { return }
    var inner = user
    while let frame = inner, frame !== self.frame {
      frame.markCorrelated()
      inner = frame.parent
    }
  }
}

extension Planner {
  /// Plans a statement that can name the tables of its WITH.
  func with<Result>(
    _ tables: [CommonTable], _ body: () throws(SQLError) -> Result
  ) throws(SQLError) -> Result {
    let outside = commonTables
    defer { commonTables = outside }
    for table in tables {
      let planned = try table.isRecursive ? plan(recursive: table) : plan(table.query)
      commonTables.append(try self.table(planned, of: table, isWorkingTable: false))
    }
    return try body()
  }

  private func table(
    _ planned: PlannedQuery, of table: CommonTable, isWorkingTable: Bool
  ) throws(SQLError) -> PlannedTable {
    var columns = planned.columns.map { Scope.Column(name: $0.name, type: $0.type) }
    guard table.columns.count <= columns.count else {
      throw SQLError(
        sqlState: "42P10",
        message: "WITH query \"\(table.name)\" has \(columns.count) columns available but "
          + "\(table.columns.count) columns specified")
    }
    for (index, name) in table.columns.enumerated() { columns[index].name = name }
    return PlannedTable(
      name: table.name, columns: columns, step: planned.step, frame: frame,
      isWorkingTable: isWorkingTable)
  }

  /// A query that may name itself: the first part of its UNION yields the first rows, the second more of
  /// them, out of those found in the round before, until there are none.
  private func plan(recursive table: CommonTable) throws(SQLError) -> PlannedQuery {
    guard case .setOperation(.union, let keepsDuplicates, let first, let further) = table.query.body
    else { return try plan(table.query) }
    let number = newWorkingTable()
    let base = try plan(first)
    let working = try self.table(
      PlannedQuery(step: WorkingTableStep(table.name, number), columns: base.columns), of: table,
      isWorkingTable: true)
    commonTables.append(working)
    let round = try plan(further)
    commonTables.removeLast()
    guard working.isNamed else { return try plan(table.query) }
    guard table.query.orderBy.isEmpty else {
      throw .notImplemented("ORDER BY in a recursive query")
    }
    guard table.query.limit == nil, table.query.offset == nil else {
      throw .notImplemented("LIMIT in a recursive query")
    }
    let types = try Binder.columnTypes(
      of: .union, base.columns.map(\.type), round.columns.map(\.type))
    for (index, column) in base.columns.enumerated() where column.type != types[index] {
      throw .datatypeMismatch(
        "recursive query \"\(table.name)\" column \(index + 1) has type \(column.type.name) in "
          + "non-recursive term but type \(types[index].name) overall")
    }
    return PlannedQuery(
      step: RecursiveUnionStep(
        number, base.step, converted(round, to: types), keepsDuplicates: keepsDuplicates),
      columns: base.columns.map { ResultColumn(name: $0.name, type: $0.type) })
  }
}

extension SQLError {
  /// What PostgreSQL has not either, in its words.
  fileprivate static func notImplemented(_ feature: String) -> SQLError {
    SQLError(sqlState: "0A000", message: "\(feature) is not implemented")
  }
}
