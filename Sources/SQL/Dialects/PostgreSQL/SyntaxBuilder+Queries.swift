import CPGQuery

extension SyntaxBuilder {
  mutating func query(_ statement: PgQuery__SelectStmt) throws(SQLError) -> Query {
    try refuse(statement.into_clause != nil, "SELECT INTO")
    try refuse(statement.n_window_clause > 0, "WINDOW")
    try refuse(
      statement.limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES,
      "FETCH FIRST WITH TIES")
    let tables = try commonTables(statement.with_clause)
    var query = Query(body: try body(statement))
    query.commonTables = tables
    query.orderBy = try ordering(statement.sort_clause, statement.n_sort_clause)
    query.limit = try limit(statement.limit_count)
    query.offset = try limit(statement.limit_offset)
    for node in nodes(statement.locking_clause, statement.n_locking_clause) {
      query.locking.append(lockingClause(node.pointee.locking_clause.pointee))
    }
    return query
  }

  mutating func commonTables(
    _ pointer: UnsafeMutablePointer<PgQuery__WithClause>?
  ) throws(SQLError) -> [CommonTable] {
    guard let clause = pointer?.pointee else { return [] }
    var tables: [CommonTable] = []
    for node in nodes(clause.ctes, clause.n_ctes) {
      let table = node.pointee.common_table_expr.pointee
      let name = String(cString: table.ctename)
      guard let query = table.ctequery?.pointee,
        query.node_case == PG_QUERY__NODE__NODE_SELECT_STMT
      else { throw .featureNotSupported("a data-modifying statement in WITH") }
      try refuse(table.search_clause != nil, "SEARCH")
      try refuse(table.cycle_clause != nil, "CYCLE")
      if tables.contains(where: { $0.name == name }) {
        throw SQLError(
          sqlState: "42712", message: "WITH query name \"\(name)\" specified more than once",
          position: position(table.location))
      }
      tables.append(
        CommonTable(
          name: name, columns: strings(table.aliascolnames, table.n_aliascolnames),
          query: try self.query(query.select_stmt.pointee), isRecursive: clause.recursive != 0))
    }
    return tables
  }

  private mutating func body(_ statement: PgQuery__SelectStmt) throws(SQLError) -> QueryBody {
    if let left = statement.larg, let right = statement.rarg {
      let operation: SetOperation =
        switch statement.op {
        case PG_QUERY__SET_OPERATION__SETOP_INTERSECT: .intersect
        case PG_QUERY__SET_OPERATION__SETOP_EXCEPT: .except
        default: .union
        }
      return .setOperation(
        operation, keepsDuplicates: statement.all != 0, try query(left.pointee),
        try query(right.pointee))
    }
    if statement.n_values_lists > 0 {
      var rows: [[Expression]] = []
      for node in nodes(statement.values_lists, statement.n_values_lists) {
        let list = node.pointee.list.pointee
        rows.append(try expressions(list.items, list.n_items))
      }
      return .values(rows)
    }
    return .select(try select(statement))
  }

  private mutating func select(_ statement: PgQuery__SelectStmt) throws(SQLError) -> Select {
    let distinct = nodes(statement.distinct_clause, statement.n_distinct_clause)
    var select = Select(targets: try targets(statement.target_list, statement.n_target_list))
    // Plain DISTINCT is a list of one empty node.
    for node in distinct where node.pointee.node_case != PG_QUERY__NODE__NODE__NOT_SET {
      select.distinctOn.append(try expression(node))
    }
    select.isDistinct = !distinct.isEmpty && select.distinctOn.isEmpty
    select.from = try tables(statement.from_clause, statement.n_from_clause)
    select.filter = try optional(statement.where_clause)
    for node in nodes(statement.group_clause, statement.n_group_clause) {
      try refuse(node.pointee.node_case == PG_QUERY__NODE__NODE_GROUPING_SET, "GROUPING SETS")
      select.groupBy.append(try expression(node))
    }
    select.having = try optional(statement.having_clause)
    return select
  }

  private mutating func limit(_ node: NodePointer?) throws(SQLError) -> Expression? {
    let limit = try optional(node)
    if case .literal(.null, _) = limit { return nil }  // LIMIT ALL
    return limit
  }

  mutating func targets(_ items: NodeList?, _ count: Int) throws(SQLError) -> [Target] {
    var targets: [Target] = []
    for node in nodes(items, count) {
      let target = node.pointee.res_target.pointee
      guard let value = target.val else { continue }
      if let star = star(value) {
        targets.append(star)
      } else {
        targets.append(.expression(try expression(value), alias: string(target.name)))
      }
    }
    return targets
  }

  private func star(_ node: NodePointer) -> Target? {
    guard node.pointee.node_case == PG_QUERY__NODE__NODE_COLUMN_REF else { return nil }
    let reference = node.pointee.column_ref.pointee
    let fields = nodes(reference.fields, reference.n_fields)
    guard fields.last?.pointee.node_case == PG_QUERY__NODE__NODE_A_STAR else { return nil }
    return .star(
      table: strings(reference.fields, reference.n_fields).last,
      position: position(reference.location))
  }

  mutating func ordering(_ items: NodeList?, _ count: Int) throws(SQLError) -> [OrderingTerm] {
    var terms: [OrderingTerm] = []
    for node in nodes(items, count) {
      let sort = node.pointee.sort_by.pointee
      try refuse(
        sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING, "ORDER BY USING an operator")
      let nullsFirst: Bool? =
        switch sort.sortby_nulls {
        case PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST: true
        case PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST: false
        default: nil
        }
      terms.append(
        OrderingTerm(
          expression: try expression(sort.node),
          isDescending: sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC,
          nullsFirst: nullsFirst))
    }
    return terms
  }

  private func lockingClause(_ clause: PgQuery__LockingClause) -> LockingClause {
    let strength: LockingClause.Strength =
      switch clause.strength {
      case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE: .keyShare
      case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE: .share
      case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE: .noKeyUpdate
      default: .update
      }
    let policy: LockingClause.WaitPolicy =
      switch clause.wait_policy {
      case PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip: .skipLocked
      case PG_QUERY__LOCK_WAIT_POLICY__LockWaitError: .noWait
      default: .wait
      }
    return LockingClause(
      strength: strength, waitPolicy: policy,
      tables: objectNames(clause.locked_rels, clause.n_locked_rels).map(\.name))
  }

  mutating func tables(_ items: NodeList?, _ count: Int) throws(SQLError) -> [TableReference] {
    var tables: [TableReference] = []
    for node in nodes(items, count) { tables.append(try table(node)) }
    return tables
  }

  private mutating func table(_ node: NodePointer?) throws(SQLError) -> TableReference {
    guard let node = node?.pointee else { throw .featureNotSupported("this FROM item") }
    switch node.node_case {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      let range = node.range_var.pointee
      return .table(objectName(range), alias: alias(range.alias))
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      let range = node.range_subselect.pointee
      guard let select = range.subquery?.pointee.select_stmt else {
        throw .featureNotSupported("this subquery in FROM")
      }
      return .subquery(
        try query(select.pointee), alias: alias(range.alias), isLateral: range.lateral != 0)
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION: return try function(node.range_function.pointee)
    case PG_QUERY__NODE__NODE_JOIN_EXPR: return try join(node.join_expr.pointee)
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE: throw .featureNotSupported("TABLESAMPLE")
    default: throw .featureNotSupported("this FROM item")
    }
  }

  private mutating func function(_ range: PgQuery__RangeFunction) throws(SQLError) -> TableReference
  {
    try refuse(range.ordinality != 0, "WITH ORDINALITY")
    try refuse(range.is_rowsfrom != 0, "ROWS FROM")
    try refuse(range.n_coldeflist > 0, "a column definition list")
    guard let list = nodes(range.functions, range.n_functions).first?.pointee.list.pointee,
      let call = nodes(list.items, list.n_items).first,
      case .function(let function) = try expression(call)
    else { throw .featureNotSupported("this function in FROM") }
    return .function(function, alias: alias(range.alias))
  }

  private mutating func join(_ join: PgQuery__JoinExpr) throws(SQLError) -> TableReference {
    try refuse(join.alias != nil || join.join_using_alias != nil, "an alias for a join")
    let kind: JoinKind
    switch join.jointype {
    case PG_QUERY__JOIN_TYPE__JOIN_INNER: kind = .inner
    case PG_QUERY__JOIN_TYPE__JOIN_LEFT: kind = .left
    case PG_QUERY__JOIN_TYPE__JOIN_RIGHT: kind = .right
    default: kind = .full
    }
    let (left, right) = (try table(join.larg), try table(join.rarg))
    let condition: JoinCondition
    if join.is_natural != 0 {
      condition = .natural
    } else if join.n_using_clause > 0 {
      condition = .using(strings(join.using_clause, join.n_using_clause))
    } else if let qualification = try optional(join.quals) {
      condition = .on(qualification)
    } else {
      condition = .always
    }
    return .join(kind, left, right, condition)
  }

  private func alias(_ pointer: UnsafeMutablePointer<PgQuery__Alias>?) -> TableAlias? {
    guard let alias = pointer?.pointee else { return nil }
    return TableAlias(
      name: String(cString: alias.aliasname), columns: strings(alias.colnames, alias.n_colnames))
  }
}
