import CPGQuery

extension SyntaxBuilder {
  mutating func createTable(_ statement: PgQuery__CreateStmt) throws(SQLError) -> CreateTable {
    let relation = statement.relation.pointee
    try refuse(string(relation.relpersistence) == "t", "a temporary table")
    try refuse(statement.n_inh_relations > 0, "INHERITS")
    try refuse(statement.partspec != nil || statement.partbound != nil, "partitioning")
    try refuse(statement.of_typename != nil, "CREATE TABLE OF")
    var table = CreateTable(
      name: objectName(relation), columns: [],
      options: options(statement.options, statement.n_options),
      ifNotExists: statement.if_not_exists != 0)
    for node in nodes(statement.table_elts, statement.n_table_elts) {
      switch node.pointee.node_case {
      case PG_QUERY__NODE__NODE_COLUMN_DEF:
        let (column, constraints) = try column(node.pointee.column_def.pointee)
        table.columns.append(column)
        table.constraints += constraints
      case PG_QUERY__NODE__NODE_CONSTRAINT:
        table.constraints.append(try tableConstraint(node.pointee.constraint.pointee))
      default: throw .featureNotSupported("LIKE in CREATE TABLE")
      }
    }
    try check(&table)
    return table
  }

  /// The rules that need no catalog: one primary key, of columns that exist and become NOT NULL.
  private func check(_ table: inout CreateTable) throws(SQLError) {
    for (index, column) in table.columns.enumerated()
    where table.columns[..<index].contains(where: { $0.name == column.name }) {
      throw .duplicateColumn(column.name)
    }
    let primaryKeys = table.constraints.filter { $0.kind == .primaryKey }
    if primaryKeys.count > 1 {
      throw SQLError(
        sqlState: "42P16",
        message: "multiple primary keys for table \"\(table.name.name)\" are not allowed")
    }
    for constraint in table.constraints {
      for name in constraint.columns {
        guard let index = table.columns.firstIndex(where: { $0.name == name }) else {
          throw SQLError(
            sqlState: "42703", message: "column \"\(name)\" named in key does not exist")
        }
        if constraint.kind == .primaryKey { table.columns[index].isNotNull = true }
      }
    }
  }

  private mutating func column(
    _ definition: PgQuery__ColumnDef
  ) throws(SQLError) -> (ColumnDefinition, [TableConstraint]) {
    let serial = serialType(definition.type_name)
    let type = if let serial { serial } else { try type(definition.type_name) }
    var column = ColumnDefinition(
      name: String(cString: definition.colname), type: type, isNotNull: serial != nil,
      isNumbered: serial != nil)
    var constraints: [TableConstraint] = []
    for node in nodes(definition.constraints, definition.n_constraints) {
      let constraint = node.pointee.constraint.pointee
      switch constraint.contype {
      case PG_QUERY__CONSTR_TYPE__CONSTR_NULL: break
      case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL: column.isNotNull = true
      case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
        column.defaultValue = try optional(constraint.raw_expr)
      case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
        column.isNumbered = true
        column.isNotNull = true
      case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY, PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
        constraints.append(try tableConstraint(constraint, column: column.name))
      default: _ = try tableConstraint(constraint)
      }
    }
    return (column, constraints)
  }

  private func tableConstraint(
    _ constraint: PgQuery__Constraint, column: String? = nil
  ) throws(SQLError) -> TableConstraint {
    let kind: TableConstraint.Kind
    switch constraint.contype {
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY: kind = .primaryKey
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE: kind = .unique
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK: throw .featureNotSupported("CHECK")
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN: throw .featureNotSupported("FOREIGN KEY")
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION: throw .featureNotSupported("EXCLUDE")
    case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
      throw .featureNotSupported("a generated column")
    default: throw .featureNotSupported("a deferrable constraint")
    }
    try refuse(constraint.deferrable != 0, "a deferrable constraint")
    try refuse(constraint.nulls_not_distinct != 0, "NULLS NOT DISTINCT")
    try refuse(constraint.n_including > 0, "INCLUDE")
    try refuse(string(constraint.indexname) != nil, "a constraint that uses an existing index")
    return TableConstraint(
      name: string(constraint.conname), kind: kind,
      columns: column.map { [$0] } ?? strings(constraint.keys, constraint.n_keys))
  }

  mutating func alterTable(_ statement: PgQuery__AlterTableStmt) throws(SQLError) -> AlterTable {
    try refuse(
      statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, "ALTER of what is not a table")
    var actions: [AlterTable.Action] = []
    for node in nodes(statement.cmds, statement.n_cmds) {
      let command = node.pointee.alter_table_cmd.pointee
      switch (command.subtype, command.def) {
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn, let definition?):
        let (column, constraints) = try column(definition.pointee.column_def.pointee)
        actions.append(
          .addColumn(column, constraints: constraints, ifNotExists: command.missing_ok != 0))
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint, let definition?):
        actions.append(.addConstraint(try tableConstraint(definition.pointee.constraint.pointee)))
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault, let definition):
        actions.append(.setDefault(String(cString: command.name), try optional(definition)))
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull, _):
        actions.append(.setNotNull(String(cString: command.name), true))
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull, _):
        actions.append(.setNotNull(String(cString: command.name), false))
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn, _):
        throw .featureNotSupported("DROP COLUMN")
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint, _):
        throw .featureNotSupported("DROP CONSTRAINT")
      case (PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType, _):
        throw .featureNotSupported("ALTER COLUMN TYPE")
      default: throw .featureNotSupported("this ALTER TABLE action")
      }
    }
    return AlterTable(
      name: objectName(statement.relation.pointee), ifExists: statement.missing_ok != 0,
      actions: actions)
  }

  /// `ALTER TABLE … RENAME`.
  func rename(_ statement: PgQuery__RenameStmt) throws(SQLError) -> AlterTable {
    let newName = String(cString: statement.newname)
    let action: AlterTable.Action
    switch (statement.rename_type, statement.relation_type) {
    case (PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, _): action = .rename(newName)
    case (PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN, PG_QUERY__OBJECT_TYPE__OBJECT_TABLE):
      action = .renameColumn(String(cString: statement.subname), to: newName)
    default: throw .featureNotSupported("RENAME of what is neither a table nor a column")
    }
    return AlterTable(
      name: objectName(statement.relation.pointee), ifExists: statement.missing_ok != 0,
      actions: [action])
  }

  mutating func createIndex(_ statement: PgQuery__IndexStmt) throws(SQLError) -> CreateIndex {
    let method = string(statement.access_method) ?? "btree"
    try refuse(method != "btree", "access method \"\(method)\"")
    // It would lock out those who write, which is what it is there to avoid.
    try refuse(statement.concurrent != 0, "CREATE INDEX CONCURRENTLY")
    try refuse(statement.where_clause != nil, "a partial index")
    try refuse(statement.n_index_including_params > 0, "INCLUDE")
    try refuse(statement.nulls_not_distinct != 0, "NULLS NOT DISTINCT")
    return CreateIndex(
      name: string(statement.idxname), table: objectName(statement.relation.pointee),
      columns: try indexColumns(statement.index_params, statement.n_index_params),
      isUnique: statement.unique != 0, ifNotExists: statement.if_not_exists != 0)
  }

  func indexColumns(_ items: NodeList?, _ count: Int) throws(SQLError) -> [String] {
    var columns: [String] = []
    for node in nodes(items, count) {
      let element = node.pointee.index_elem.pointee
      guard let name = string(element.name) else {
        throw .featureNotSupported("an index on an expression")
      }
      try refuse(
        element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC, "a descending index column")
      try refuse(
        element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST,
        "NULLS FIRST in an index")
      columns.append(name)
    }
    return columns
  }

  func drop(_ statement: PgQuery__DropStmt) throws(SQLError) -> Drop {
    try refuse(statement.concurrent != 0, "DROP INDEX CONCURRENTLY")
    let kind: Drop.Kind
    switch statement.remove_type {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE: kind = .table
    case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX: kind = .index
    default: throw .featureNotSupported("DROP of what is neither a table nor an index")
    }
    var names: [ObjectName] = []
    for node in nodes(statement.objects, statement.n_objects) {
      let parts = strings(node.pointee.list.pointee.items, node.pointee.list.pointee.n_items)
      guard let name = parts.last else { continue }
      names.append(
        ObjectName(schema: parts.count > 1 ? parts[parts.count - 2] : nil, name: name))
    }
    return Drop(
      kind: kind, names: names, ifExists: statement.missing_ok != 0,
      cascades: statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
  }

  func truncate(_ statement: PgQuery__TruncateStmt) throws(SQLError) -> [ObjectName] {
    objectNames(statement.relations, statement.n_relations)
  }
}
