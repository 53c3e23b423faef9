import SQL

/// Turns a statement into a plan.
///
/// ```
///   Statement ─┬─ FROM: scopes, join tree ────────┐
///              ├─ binder: names, types ───────────┼─▶ joins in a good order, access paths,
///              └─ subqueries: planned on their own┘     then grouping, sorting, output
/// ```
///
/// The planner is one of rules, not of statistics: a key is better than a range, a range better than
/// everything; a table that can be looked up by what is known already is joined first. A planner
/// serves one statement.
final class Planner: SubqueryBinder {
  let catalog: CatalogContents
  let parameters: ParameterTypes
  /// The statement's own parameters; those behind them are for correlated subqueries.
  let parameterCount: Int
  private(set) var slotCount: Int
  private(set) var subplans: [Subplan] = []
  /// The tables that the statement reads or writes.
  private(set) var tables: [Plan.LockedTable] = []
  /// The tables of WITH that can be named here; of two with one name, the last.
  var commonTables: [PlannedTable] = []
  /// How many recursive tables there are.
  private(set) var workingTableCount = 0
  /// The subquery that is being planned.
  private(set) var frame: SubqueryFrame?
  /// The scope of the expressions that are being bound.
  private var scope = Scope()

  /// How many columns of rows around them the subqueries of a statement may read.
  private static let slotLimit = 32

  init(catalog: CatalogContents, parameterCount: Int, declared: [SQLType?]) {
    self.catalog = catalog
    self.parameterCount = parameterCount
    slotCount = parameterCount
    parameters = ParameterTypes(count: parameterCount, declared: declared, outer: Self.slotLimit)
  }

  /// The types of the statement's parameters, once it is planned.
  var parameterTypes: [SQLType] { Array(parameters.types.prefix(parameterCount)) }

  // MARK: Binding

  /// Lends out a binder for expressions over `scope`.
  func bind<Result>(
    over scope: Scope, _ body: (inout Binder) throws(SQLError) -> Result
  ) throws(SQLError) -> Result {
    let outside = self.scope
    self.scope = scope
    defer { self.scope = outside }
    var binder = Binder(scope: scope, parameters: parameters, subqueries: self)
    return try body(&binder)
  }

  /// Plans something that may read columns of a row around it.
  ///
  /// - Parameter outer: that row; `nil` if there is none but those around the query at hand.
  /// - Returns: besides the result, the columns that it reads.
  func inside<Result>(
    _ outer: Scope?, _ body: () throws(SQLError) -> Result
  ) throws(SQLError) -> (result: Result, correlations: [SubqueryFrame.Correlation]) {
    guard let outer else { return (try body(), []) }
    let frame = SubqueryFrame(parent: frame, outer: outer)
    self.frame = frame
    defer { self.frame = frame.parent }
    return (try body(), frame.correlations)
  }

  func bind(
    subquery: Query, parameters: ParameterTypes
  ) throws(SQLError) -> (subquery: BoundSubquery, columns: [SQLType]) {
    let frame = SubqueryFrame(parent: frame, outer: scope)
    self.frame = frame
    defer { self.frame = frame.parent }
    let planned = try plan(subquery)
    let index = subplans.count
    subplans.append(
      Subplan(
        index: index, step: planned.step, slots: frame.correlations.map(\.slot),
        isCorrelated: frame.isCorrelated, stopsAtFirstRow: false))
    let arguments = frame.correlations.map { BoundExpression.column($0.column, $0.type) }
    return (BoundSubquery(index: index, arguments: arguments), planned.columns.map(\.type))
  }

  func convert(_ subquery: BoundSubquery, from source: SQLType, to target: SQLType) {
    let subplan = subplans[subquery.index]
    subplan.step = ProjectStep(
      subplan.step,
      RowExpressions([.cast(.column(0, source), from: source, to: target, isExplicit: false)], []))
  }

  /// Puts parameters in place of the columns of rows around the subquery.
  ///
  /// - Parameter outputs: names that stand for columns of the output, where those may be named.
  func correlate(
    _ expression: SQL.Expression, over scope: Scope, outputs: [String] = []
  ) throws(SQLError) -> SQL.Expression {
    guard let frame else { return expression }
    return try expression.replacingColumns { (reference) throws(SQLError) in
      if reference.table == nil, outputs.contains(reference.name) { return .column(reference) }
      do throws(SQLError) {
        _ = try scope.resolve(reference)
        return .column(reference)
      } catch {
        guard error.isAboutMissingColumn else { throw error }
        let found = try frame.resolve(reference) { () throws(SQLError) in try newSlot() }
        guard let (slot, type) = found else { throw error }
        // The cast gives the parameter its type.
        return .cast(
          .parameter(number: slot + 1, position: reference.position), type.withoutModifier,
          position: reference.position)
      }
    }
  }

  func newWorkingTable() -> Int {
    defer { workingTableCount += 1 }
    return workingTableCount
  }

  private func newSlot() throws(SQLError) -> Int {
    guard slotCount < parameterCount + Self.slotLimit else {
      throw .featureNotSupported(
        "more than \(Self.slotLimit) references from subqueries to the queries around them")
    }
    defer { slotCount += 1 }
    return slotCount
  }

  // MARK: Names

  /// The table of this name, which the statement reads.
  func table(_ name: ObjectName) throws(SQLError) -> Table {
    try table(name, .accessShare)
  }

  /// The table of this name, which the statement writes.
  func writtenTable(_ name: ObjectName) throws(SQLError) -> Table {
    try table(name, .rowExclusive)
  }

  /// The table of this name, which the statement locks.
  func table(_ name: ObjectName, _ mode: LockMode) throws(SQLError) -> Table {
    guard let table = catalog[name.schema ?? "public", name.name] else {
      throw .undefinedTable(name.shown, position: name.position)
    }
    lock(table, mode)
    return table
  }

  /// Notes that the statement locks a table, at least in this mode.
  func lock(_ table: Table, _ mode: LockMode) {
    guard let place = tables.firstIndex(where: { $0.table === table }) else {
      return tables.append((table, mode))
    }
    if !tables[place].mode.covers(mode) { tables[place].mode = mode }
  }

  func scopeColumns(of table: Table) -> [Scope.Column] {
    table.description.columns.map { Scope.Column(name: $0.name, type: $0.type) }
  }
}
