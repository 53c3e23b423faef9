import CPGQuery

extension SyntaxBuilder {
  func transaction(_ statement: PgQuery__TransactionStmt) throws(SQLError) -> Statement {
    let name = string(statement.savepoint_name) ?? ""
    try refuse(statement.chain != 0, "AND CHAIN")
    switch statement.kind {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN,
      PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      return .begin(try modes(statement.options, statement.n_options))
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT: return .commit
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK: return .rollback
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT: return .savepoint(name)
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE: return .releaseSavepoint(name)
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      return .rollbackToSavepoint(name)
    default: throw .featureNotSupported("a prepared transaction")
    }
  }

  func lock(_ statement: PgQuery__LockStmt) throws(SQLError) -> LockTable {
    guard let mode = LockTable.Mode(rawValue: Int(statement.mode)) else {
      throw .featureNotSupported("a lock of mode \(statement.mode)")
    }
    return LockTable(
      tables: objectNames(statement.relations, statement.n_relations), mode: mode,
      isNoWait: statement.nowait != 0)
  }

  private func modes(_ items: NodeList?, _ count: Int) throws(SQLError) -> TransactionModes {
    var modes = TransactionModes()
    for option in options(items, count) {
      switch option.name {
      case "transaction_isolation": modes.isolation = IsolationLevel(rawValue: option.value)
      case "transaction_read_only": modes.isReadOnly = option.value != "0"
      case "transaction_deferrable": modes.isDeferrable = option.value != "0"
      default: throw .featureNotSupported(option.name)
      }
    }
    return modes
  }

  func setVariable(_ statement: PgQuery__VariableSetStmt) throws(SQLError) -> Statement {
    let name = string(statement.name) ?? ""
    let isLocal = statement.is_local != 0
    switch statement.kind {
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL: return .reset(nil)
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET: return .reset(name)
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
      return .set(SetVariable(name: name, value: nil, isLocal: isLocal))
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE:
      var values: [String] = []
      for node in nodes(statement.args, statement.n_args) {
        guard let value = optionValue(node) else {
          throw .featureNotSupported("this value of \"\(name)\"")
        }
        values.append(value)
      }
      return .set(
        SetVariable(name: name, value: values.joined(separator: ", "), isLocal: isLocal))
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI where name == "TRANSACTION":
      return .setTransaction(try modes(statement.args, statement.n_args))
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI where name == "SESSION CHARACTERISTICS":
      return .setSessionCharacteristics(try modes(statement.args, statement.n_args))
    default: throw .featureNotSupported("SET \(name)")
    }
  }

  mutating func explain(_ statement: PgQuery__ExplainStmt) throws(SQLError) -> Explain {
    guard let query = statement.query else { throw .featureNotSupported("this EXPLAIN") }
    return Explain(
      statement: try self.statement(query), options: options(statement.options, statement.n_options)
    )
  }

  func vacuum(_ statement: PgQuery__VacuumStmt) throws(SQLError) -> Maintenance {
    var tables: [ObjectName] = []
    for node in nodes(statement.rels, statement.n_rels) {
      guard let relation = node.pointee.vacuum_relation.pointee.relation else { continue }
      tables.append(objectName(relation.pointee))
    }
    guard statement.is_vacuumcmd != 0 else { return .analyze(tables) }
    let isFull = options(statement.options, statement.n_options).contains {
      $0.name == "full" && !["false", "off", "0"].contains($0.value.lowercased())
    }
    return .vacuum(tables, isFull: isFull)
  }

  /// The options of a list of DefElem nodes, in the order written.
  func options(_ items: NodeList?, _ count: Int) -> [StorageOption] {
    nodes(items, count).compactMap { node in
      guard node.pointee.node_case == PG_QUERY__NODE__NODE_DEF_ELEM else { return nil }
      let element = node.pointee.def_elem.pointee
      return StorageOption(
        name: String(cString: element.defname), value: element.arg.flatMap(optionValue) ?? "true")
    }
  }

  private func optionValue(_ node: NodePointer) -> String? {
    let node = node.pointee
    switch node.node_case {
    case PG_QUERY__NODE__NODE_STRING: return String(cString: node.string.pointee.sval)
    case PG_QUERY__NODE__NODE_INTEGER: return String(node.integer.pointee.ival)
    case PG_QUERY__NODE__NODE_FLOAT: return String(cString: node.float_.pointee.fval)
    case PG_QUERY__NODE__NODE_BOOLEAN: return node.boolean.pointee.boolval != 0 ? "true" : "false"
    case PG_QUERY__NODE__NODE_TYPE_NAME:
      return strings(node.type_name.pointee.names, node.type_name.pointee.n_names).last
    case PG_QUERY__NODE__NODE_A_CONST: return constantText(node.a_const.pointee)
    default: return nil
    }
  }

  private func constantText(_ constant: PgQuery__AConst) -> String? {
    switch constant.val_case {
    case PG_QUERY__A__CONST__VAL_IVAL: return String(constant.ival.pointee.ival)
    case PG_QUERY__A__CONST__VAL_FVAL: return String(cString: constant.fval.pointee.fval)
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return constant.boolval.pointee.boolval != 0 ? "true" : "false"
    case PG_QUERY__A__CONST__VAL_SVAL: return String(cString: constant.sval.pointee.sval)
    default: return nil
    }
  }
}
