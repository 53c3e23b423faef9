import CPGQuery

extension SyntaxBuilder {
  func type(_ pointer: UnsafeMutablePointer<PgQuery__TypeName>?) throws(SQLError) -> SQLType {
    guard let node = pointer?.pointee, let name = strings(node.names, node.n_names).last else {
      throw .featureNotSupported("a column without a type")
    }
    try refuse(node.n_array_bounds > 0, "an array")
    try refuse(node.setof != 0, "SETOF")
    try refuse(node.pct_type != 0, "%TYPE")
    guard let kind = Self.kind(name) else {
      throw .undefinedType(name, position: position(node.location))
    }
    return SQLType(kind, modifier: try modifier(kind, node))
  }

  /// The integer type behind `serial` and its kin.
  func serialType(_ pointer: UnsafeMutablePointer<PgQuery__TypeName>?) -> SQLType? {
    guard let node = pointer?.pointee else { return nil }
    switch strings(node.names, node.n_names).last {
    case "serial", "serial4": return .integer
    case "bigserial", "serial8": return .bigint
    case "smallserial", "serial2": return .smallint
    default: return nil
    }
  }

  /// PostgreSQL's internal names, to which its grammar has brought the standard's.
  private static func kind(_ name: String) -> SQLType.Kind? {
    switch name {
    case "bool": .boolean
    case "int2": .smallint
    case "int4": .integer
    case "int8": .bigint
    case "float4": .real
    case "float8": .double
    case "numeric", "decimal": .numeric
    case "text": .text
    case "varchar": .varchar
    case "bpchar": .character
    case "name": .name
    case "bytea": .bytea
    case "timestamp": .timestamp
    case "timestamptz": .timestampWithTimeZone
    case "date": .date
    case "interval": .interval
    case "oid": .oid
    case "void": .void
    default: nil
    }
  }

  private func modifier(
    _ kind: SQLType.Kind, _ node: PgQuery__TypeName
  ) throws(SQLError) -> Int32 {
    var numbers: [Int32] = []
    for argument in nodes(node.typmods, node.n_typmods) {
      guard argument.pointee.node_case == PG_QUERY__NODE__NODE_A_CONST,
        argument.pointee.a_const.pointee.val_case == PG_QUERY__A__CONST__VAL_IVAL
      else { throw .invalidArgument("type modifiers must be simple constants or identifiers") }
      numbers.append(argument.pointee.a_const.pointee.ival.pointee.ival)
    }
    guard let first = numbers.first else { return -1 }
    switch kind {
    case .varchar, .character:
      let name = kind == .varchar ? "varchar" : "char"
      guard first >= 1 else {
        throw .invalidArgument("length for type \(name) must be at least 1")
      }
      guard first <= 10_485_760 else {
        throw .invalidArgument("length for type \(name) cannot exceed 10485760")
      }
      return first + 4
    case .numeric:
      let scale = numbers.count > 1 ? numbers[1] : 0
      try refuse(first > 38, "a numeric precision above 38")
      guard first >= 1 else {
        throw .invalidArgument("NUMERIC precision \(first) must be between 1 and 1000")
      }
      try refuse(scale < 0 || scale > first, "a numeric scale outside 0...precision")
      return (first << 16 | scale) + 4
    case .timestamp, .timestampWithTimeZone, .interval:
      return -1  // Microseconds are kept whatever precision was declared.
    default:
      throw .syntax(
        "type modifier is not allowed for type \"\(SQLType(kind).nameWithoutModifier)\"",
        position: position(node.location))
    }
  }
}
