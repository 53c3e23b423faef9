import SQL

/// Makes the byte keys of an access path, once the values it depends on are known.
struct KeyRangeBuilder {
  let path: AccessPath
  private let types: [SQLType]

  init(_ path: AccessPath, of table: Table) {
    self.path = path
    types = path.keyColumns.map { table.description.columns[$0].type }
  }

  /// The key of a path to one row.
  ///
  /// - Returns: `nil` if a value is NULL, to which nothing is equal.
  @inline(__always)
  func key(_ row: Row, _ run: StatementRun) throws(SQLError) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16)
    return try appendEqualities(row, run, to: &bytes) ? bytes : nil
  }

  /// The part of the tree that the path passes over.
  ///
  /// - Returns: `nil` if it can hold no row that is wanted.
  func range(_ row: Row, _ run: StatementRun) throws(SQLError) -> KeyRange? {
    var prefix: [UInt8] = []
    guard try appendEqualities(row, run, to: &prefix) else { return nil }
    if path.isFull { return .all }
    var range = KeyRange(lower: prefix, upper: KeyEncoding.upperBound(ofPrefix: prefix))
    let column = path.equalities.count
    if let lower = path.lower {
      guard let key = try bound(lower, prefix, types[column], row, run) else { return nil }
      range.lower = lower.isIncluded ? key : KeyEncoding.upperBound(ofPrefix: key)
    }
    if let upper = path.upper {
      guard let key = try bound(upper, prefix, types[column], row, run) else { return nil }
      range.upper = upper.isIncluded ? KeyEncoding.upperBound(ofPrefix: key) : key
    } else if path.lower != nil {
      // NULL sorts behind all values and is greater than none.
      range.upper = prefix + [0xFE]
    }
    return range
  }

  private func bound(
    _ bound: AccessPath.Bound, _ prefix: [UInt8], _ type: SQLType, _ row: Row, _ run: StatementRun
  ) throws(SQLError) -> [UInt8]? {
    let value = try bound.value.evaluate(row: row, parameters: run.parameters, context: run)
    if value.isNull { return nil }
    var key = prefix
    KeyEncoding.append(value, type, to: &key)
    return key
  }

  @inline(__always)
  private func appendEqualities(
    _ row: Row, _ run: StatementRun, to bytes: inout [UInt8]
  ) throws(SQLError) -> Bool {
    for (position, equality) in path.equalities.enumerated() {
      let value = try equality.evaluate(row: row, parameters: run.parameters, context: run)
      if value.isNull { return false }
      KeyEncoding.append(value, types[position], to: &bytes)
    }
    return true
  }
}
