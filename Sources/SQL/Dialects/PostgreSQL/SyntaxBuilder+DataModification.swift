import CPGQuery

extension SyntaxBuilder {
  mutating func insert(_ statement: PgQuery__InsertStmt) throws(SQLError) -> Insert {
    let commonTables = try commonTables(statement.with_clause)
    try refuse(
      statement.override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET, "OVERRIDING")
    var columns: [ColumnReference] = []
    for node in nodes(statement.cols, statement.n_cols) {
      columns.append(try target(node.pointee.res_target.pointee))
    }
    let source: Insert.Source =
      if let select = statement.select_stmt?.pointee.select_stmt {
        .query(try query(select.pointee))
      } else {
        .defaultValues
      }
    var insert = Insert(
      table: objectName(statement.relation.pointee), alias: tableAlias(statement.relation),
      columns: columns, source: source)
    if let clause = statement.on_conflict_clause {
      insert.onConflict = try onConflict(clause.pointee)
    }
    insert.commonTables = commonTables
    insert.returning = try targets(statement.returning_list, statement.n_returning_list)
    return insert
  }

  private mutating func onConflict(
    _ clause: PgQuery__OnConflictClause
  ) throws(SQLError) -> OnConflict {
    var arbiter = OnConflict.Arbiter.any
    if let inference = clause.infer?.pointee {
      try refuse(inference.where_clause != nil, "a partial index in ON CONFLICT")
      if let name = string(inference.conname) {
        arbiter = .constraint(name)
      } else {
        arbiter = .columns(try indexColumns(inference.index_elems, inference.n_index_elems))
      }
    }
    guard clause.action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE else {
      return OnConflict(arbiter: arbiter, action: .nothing)
    }
    let assignments = try assignments(clause.target_list, clause.n_target_list)
    return OnConflict(
      arbiter: arbiter, action: .update(assignments, filter: try optional(clause.where_clause)))
  }

  mutating func update(_ statement: PgQuery__UpdateStmt) throws(SQLError) -> Update {
    var update = Update(
      table: objectName(statement.relation.pointee), alias: tableAlias(statement.relation),
      assignments: try assignments(statement.target_list, statement.n_target_list),
      from: try tables(statement.from_clause, statement.n_from_clause),
      filter: try optional(statement.where_clause),
      returning: try targets(statement.returning_list, statement.n_returning_list))
    update.commonTables = try commonTables(statement.with_clause)
    return update
  }

  mutating func delete(_ statement: PgQuery__DeleteStmt) throws(SQLError) -> Delete {
    var delete = Delete(
      table: objectName(statement.relation.pointee), alias: tableAlias(statement.relation),
      using: try tables(statement.using_clause, statement.n_using_clause),
      filter: try optional(statement.where_clause),
      returning: try targets(statement.returning_list, statement.n_returning_list))
    delete.commonTables = try commonTables(statement.with_clause)
    return delete
  }

  mutating func copy(_ statement: PgQuery__CopyStmt) throws(SQLError) -> Copy {
    try refuse(statement.is_from == 0, "COPY TO")
    try refuse(statement.is_program != 0, "COPY FROM PROGRAM")
    try refuse(string(statement.filename) != nil, "COPY FROM a file")
    try refuse(statement.where_clause != nil, "COPY FROM with WHERE")
    return Copy(
      table: objectName(statement.relation.pointee),
      columns: strings(statement.attlist, statement.n_attlist),
      options: options(statement.options, statement.n_options))
  }

  private mutating func assignments(
    _ items: NodeList?, _ count: Int
  ) throws(SQLError) -> [Assignment] {
    var assignments: [Assignment] = []
    for node in nodes(items, count) {
      let assignment = node.pointee.res_target.pointee
      guard let value = assignment.val else { continue }
      assignments.append(
        Assignment(column: try target(assignment), value: try assigned(value)))
    }
    return assignments
  }

  /// The value of one column; `(a, b) = (1, 2)` arrives as one entry a column, each with the row.
  private mutating func assigned(_ node: NodePointer) throws(SQLError) -> Expression {
    guard node.pointee.node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF else {
      return try expression(node)
    }
    let reference = node.pointee.multi_assign_ref.pointee
    guard let source = reference.source?.pointee,
      source.node_case == PG_QUERY__NODE__NODE_ROW_EXPR,
      source.row_expr.pointee.n_args == Int(reference.ncolumns)
    else { throw .featureNotSupported("assigning a subquery to several columns") }
    let values = nodes(source.row_expr.pointee.args, source.row_expr.pointee.n_args)
    return try expression(values[Int(reference.colno) - 1])
  }

  private func target(_ target: PgQuery__ResTarget) throws(SQLError) -> ColumnReference {
    try refuse(target.n_indirection > 0, "assigning to a subscript or field")
    return ColumnReference(
      name: String(cString: target.name), position: position(target.location))
  }

  private func tableAlias(_ range: UnsafeMutablePointer<PgQuery__RangeVar>?) -> String? {
    range?.pointee.alias.map { String(cString: $0.pointee.aliasname) }
  }
}
