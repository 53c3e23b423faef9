import CPGQuery

/// Parses PostgreSQL's dialect with PostgreSQL's own grammar.
///
/// libpg_query is the parser of PostgreSQL 15 as a library. It hands over its tree as protobuf,
/// which protobuf-c unpacks into C structs; `SyntaxBuilder` walks those and copies what it needs,
/// so that nothing of the C tree outlives the call.
public enum PostgreSQLParser {
  /// Parses the statements of `text`, which may be none: for comments, blanks and lone semicolons.
  ///
  /// - Throws: `42601` with PostgreSQL's message and position for what is not SQL, `0A000` naming
  ///   the feature for what is, but is not implemented.
  public static func parse(_ text: String) throws(SQLError) -> [ParsedStatement] {
    var text = text
    text.makeContiguousUTF8()
    let parsed = text.withCString { pg_query_parse_protobuf($0) }
    defer { pg_query_free_protobuf_parse_result(parsed) }
    if let error = parsed.error?.pointee {
      throw .syntax(
        error.message.map { String(cString: $0) } ?? "syntax error",
        position: error.cursorpos > 0 ? Int(error.cursorpos) : nil)
    }

    let bytes = UnsafeRawPointer(parsed.parse_tree.data)?.assumingMemoryBound(to: UInt8.self)
    guard let tree = pg_query__parse_result__unpack(nil, parsed.parse_tree.len, bytes) else {
      preconditionFailure("libpg_query returned a tree that does not unpack")
    }
    defer { pg_query__parse_result__free_unpacked(tree, nil) }

    var statements: [ParsedStatement] = []
    for raw in UnsafeBufferPointer(start: tree.pointee.stmts, count: tree.pointee.n_stmts) {
      guard let raw = raw?.pointee, let node = raw.stmt else { continue }
      var builder = SyntaxBuilder(text: text)
      let statement = try builder.statement(node)
      let start = Int(raw.stmt_location)
      let end = raw.stmt_len > 0 ? start + Int(raw.stmt_len) : text.utf8.count
      statements.append(
        ParsedStatement(
          statement: statement, parameterCount: builder.parameterCount, textRange: start..<end))
    }
    return statements
  }
}
