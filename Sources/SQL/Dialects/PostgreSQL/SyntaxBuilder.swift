import CPGQuery

typealias NodePointer = UnsafeMutablePointer<PgQuery__Node>
typealias NodeList = UnsafeMutablePointer<NodePointer?>

/// Turns one statement of libpg_query's tree into this module's.
///
/// The extensions follow the folders of the syntax tree. What has no place there is refused by
/// name, never passed over: a clause that is silently ignored would make a scenario lie.
struct SyntaxBuilder {
  /// The text that was parsed, for positions.
  private let text: String
  private let isASCII: Bool
  /// The highest parameter number seen.
  var parameterCount = 0

  init(text: String) {
    self.text = text
    isASCII = text.utf8.isASCII
  }

  /// The place in characters, from 1, of a byte offset.
  func position(_ location: Int32) -> Int {
    guard location > 0, !isASCII else { return max(Int(location), 0) + 1 }
    let bytes = text.utf8.prefix(Int(location))
    return bytes.reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  mutating func statement(_ node: NodePointer) throws(SQLError) -> Statement {
    let node = node.pointee
    switch node.node_case {
    case PG_QUERY__NODE__NODE_SELECT_STMT: return .select(try query(node.select_stmt.pointee))
    case PG_QUERY__NODE__NODE_INSERT_STMT: return .insert(try insert(node.insert_stmt.pointee))
    case PG_QUERY__NODE__NODE_UPDATE_STMT: return .update(try update(node.update_stmt.pointee))
    case PG_QUERY__NODE__NODE_DELETE_STMT: return .delete(try delete(node.delete_stmt.pointee))
    case PG_QUERY__NODE__NODE_COPY_STMT: return .copy(try copy(node.copy_stmt.pointee))
    case PG_QUERY__NODE__NODE_CREATE_STMT:
      return .createTable(try createTable(node.create_stmt.pointee))
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
      return .alterTable(try alterTable(node.alter_table_stmt.pointee))
    case PG_QUERY__NODE__NODE_RENAME_STMT:
      return .alterTable(try rename(node.rename_stmt.pointee))
    case PG_QUERY__NODE__NODE_INDEX_STMT:
      return .createIndex(try createIndex(node.index_stmt.pointee))
    case PG_QUERY__NODE__NODE_DROP_STMT: return .drop(try drop(node.drop_stmt.pointee))
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
      return .truncate(try truncate(node.truncate_stmt.pointee))
    case PG_QUERY__NODE__NODE_LOCK_STMT: return .lock(try lock(node.lock_stmt.pointee))
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      return try transaction(node.transaction_stmt.pointee)
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
      return try setVariable(node.variable_set_stmt.pointee)
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
      return .show(string(node.variable_show_stmt.pointee.name) ?? "all")
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
      return .deallocate(string(node.deallocate_stmt.pointee.name))
    case PG_QUERY__NODE__NODE_DISCARD_STMT: return .discard
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT: return .explain(try explain(node.explain_stmt.pointee))
    case PG_QUERY__NODE__NODE_VACUUM_STMT: return .maintenance(try vacuum(node.vacuum_stmt.pointee))
    case PG_QUERY__NODE__NODE_CHECK_POINT_STMT: return .maintenance(.checkpoint)
    default: throw .featureNotSupported(Self.commandName(node))
    }
  }

  /// A C string; `nil` if it is absent or empty, which protobuf does not tell apart.
  func string(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
    guard let pointer, pointer.pointee != 0 else { return nil }
    return String(cString: pointer)
  }

  func nodes(_ items: NodeList?, _ count: Int) -> [NodePointer] {
    UnsafeBufferPointer(start: items, count: count).compactMap { $0 }
  }

  /// The strings of a list of String nodes, such as a qualified name or a list of columns.
  func strings(_ items: NodeList?, _ count: Int) -> [String] {
    nodes(items, count).compactMap { node in
      guard node.pointee.node_case == PG_QUERY__NODE__NODE_STRING else { return nil }
      return String(cString: node.pointee.string.pointee.sval)
    }
  }

  func objectName(_ range: PgQuery__RangeVar) -> ObjectName {
    ObjectName(
      schema: string(range.schemaname), name: String(cString: range.relname),
      position: position(range.location))
  }

  func objectNames(_ items: NodeList?, _ count: Int) -> [ObjectName] {
    nodes(items, count).compactMap { node in
      guard node.pointee.node_case == PG_QUERY__NODE__NODE_RANGE_VAR else { return nil }
      return objectName(node.pointee.range_var.pointee)
    }
  }

  func refuse(_ isPresent: Bool, _ feature: String) throws(SQLError) {
    if isPresent { throw .featureNotSupported(feature) }
  }

  /// Statements that go by other names than their nodes.
  private static let statementNames: [(node: String, name: String)] = [
    ("ALTER SEQ", "ALTER SEQUENCE"), ("COMPOSITE TYPE", "CREATE TYPE"),
    ("CREATE SEQ", "CREATE SEQUENCE"), ("CREATE TRIG", "CREATE TRIGGER"),
    ("CREATEDB", "CREATE DATABASE"), ("DROPDB", "DROP DATABASE"), ("RULE", "CREATE RULE"),
    ("VIEW", "CREATE VIEW"),
  ]

  /// The words of a statement's node type: `CREATE FUNCTION` for CreateFunctionStmt.
  private static func commandName(_ node: PgQuery__Node) -> String {
    guard let message = UnsafeRawPointer(node.select_stmt) else { return "this statement" }
    let header = message.assumingMemoryBound(to: ProtobufCMessage.self).pointee
    guard let name = header.descriptor?.pointee.short_name else { return "this statement" }
    var words = ""
    for character in String(cString: name) {
      if character.isUppercase, !words.isEmpty { words.append(" ") }
      words.append(contentsOf: character.uppercased())
    }
    if words.hasSuffix(" STMT") { words.removeLast(5) }
    return statementNames.first { $0.node == words }?.name ?? words
  }
}
