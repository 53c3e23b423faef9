/// The tables whose columns an expression may name, laid out one behind the other in one flat row.
public struct Scope: Sendable {
  public struct Column: Hashable, Sendable {
    public var name: String
    public var type: SQLType

    public init(name: String, type: SQLType) {
      self.name = name
      self.type = type
    }
  }

  public struct Table: Sendable {
    /// The alias, or the table's own name.
    public let name: String
    public let columns: [Column]
    /// Where its first column stands in the flat row.
    public let offset: Int
    /// Columns that a USING or NATURAL join merged into a table further left: found only when
    /// qualified, and left out of `*`.
    fileprivate(set) var merged: [Int] = []

    /// The place of each of its columns in the flat row.
    public var range: Range<Int> { offset..<offset + columns.count }
  }

  public private(set) var tables: [Table] = []
  /// How many columns the flat row has.
  public private(set) var width = 0

  public init() {}

  /// Adds a table behind those already there.
  ///
  /// - Throws: `42712` if the name is taken.
  public mutating func add(_ name: String, columns: [Column]) throws(SQLError) {
    guard !tables.contains(where: { $0.name == name }) else { throw .duplicateAlias(name) }
    tables.append(Table(name: name, columns: columns, offset: width))
    width += columns.count
  }

  /// Adds what stands in FROM under an alias that may rename its leading columns.
  ///
  /// - Throws: `42P10` if the alias names more columns than there are, `42712` if it is taken.
  public mutating func add(
    _ name: String, alias: TableAlias?, columns: [Column]
  ) throws(SQLError) {
    var columns = columns
    let shown = alias?.name ?? name
    if let alias {
      guard alias.columns.count <= columns.count else {
        throw SQLError(
          sqlState: "42P10",
          message: "table \"\(shown)\" has \(columns.count) columns available but "
            + "\(alias.columns.count) columns specified")
      }
      for (index, name) in alias.columns.enumerated() { columns[index].name = name }
    }
    try add(shown, columns: columns)
  }

  /// Adds the tables of `other` behind those already there.
  public mutating func append(_ other: Scope) throws(SQLError) {
    for table in other.tables {
      try add(table.name, columns: table.columns)
      tables[tables.count - 1].merged = table.merged
    }
  }

  /// Finds a column.
  ///
  /// - Throws: `42703`, `42P01` or `42702`, worded and placed as PostgreSQL does.
  public func resolve(_ reference: ColumnReference) throws(SQLError) -> (index: Int, type: SQLType)
  {
    if let qualifier = reference.table {
      guard let table = tables.first(where: { $0.name == qualifier }) else {
        throw .missingFromEntry(qualifier, position: reference.position)
      }
      guard let index = table.columns.firstIndex(where: { $0.name == reference.name }) else {
        throw .undefinedColumn("\(qualifier).\(reference.name)", position: reference.position)
      }
      return (table.offset + index, table.columns[index].type)
    }
    guard let found = try find(reference.name, position: reference.position) else {
      throw .undefinedColumn(reference.name, position: reference.position)
    }
    return found
  }

  /// The column of this name, unqualified; `nil` if there is none.
  func find(_ name: String, position: Int?) throws(SQLError) -> (index: Int, type: SQLType)? {
    var found: (index: Int, type: SQLType)?
    for table in tables {
      for (index, column) in table.columns.enumerated()
      where column.name == name && !table.merged.contains(index) {
        guard found == nil else { throw .ambiguousColumn(name, position: position) }
        found = (table.offset + index, column.type)
      }
    }
    return found
  }

  /// The columns that `*` or `t.*` stands for.
  public func expand(
    star qualifier: String?, position: Int?
  ) throws(SQLError) -> [(index: Int, column: Column)] {
    if let qualifier {
      guard let table = tables.first(where: { $0.name == qualifier }) else {
        throw .missingFromEntry(qualifier, position: position)
      }
      return table.columns.enumerated().map { (table.offset + $0, $1) }
    }
    guard !tables.isEmpty else {
      throw .syntax("SELECT * with no tables specified is not valid", position: position)
    }
    return tables.flatMap { table in
      table.columns.enumerated().filter { !table.merged.contains($0.offset) }
        .map { (table.offset + $0, $1) }
    }
  }

  /// The column at a place of the flat row, written `t.x`.
  func qualifiedName(of index: Int) -> String {
    guard let table = tables.first(where: { $0.range.contains(index) }) else { return "?column?" }
    return "\(table.name).\(table.columns[index - table.offset].name)"
  }

  /// Merges the columns named by a USING or NATURAL join whose right side starts at table
  /// `firstRight`, and returns the places of each pair.
  ///
  /// - Parameter names: `nil` for NATURAL: all names that both sides have.
  public mutating func merge(
    _ names: [String]?, firstRight: Int
  ) throws(SQLError) -> [(left: Int, right: Int, type: SQLType)] {
    var (left, right) = (Scope(), Scope())
    left.tables = Array(tables[..<firstRight])
    right.tables = Array(tables[firstRight...])
    let names = names ?? left.commonNames(right)
    var pairs: [(left: Int, right: Int, type: SQLType)] = []
    for name in names {
      guard let leftColumn = try left.find(name, position: nil) else {
        throw .undefinedJoinColumn(name, side: "left")
      }
      guard let rightColumn = try right.find(name, position: nil) else {
        throw .undefinedJoinColumn(name, side: "right")
      }
      for index in tables.indices where tables[index].range.contains(rightColumn.index) {
        tables[index].merged.append(rightColumn.index - tables[index].offset)
      }
      pairs.append((leftColumn.index, rightColumn.index, leftColumn.type))
    }
    return pairs
  }

  private func commonNames(_ other: Scope) -> [String] {
    let others = other.tables.flatMap { table in
      table.columns.enumerated().filter { !table.merged.contains($0.offset) }.map(\.element.name)
    }
    return tables.flatMap { table in
      table.columns.enumerated().filter { !table.merged.contains($0.offset) }.map(\.element.name)
    }.filter(others.contains)
  }
}

extension SQLError {
  fileprivate static func undefinedJoinColumn(_ name: String, side: String) -> SQLError {
    SQLError(
      sqlState: "42703",
      message: "column \"\(name)\" specified in USING clause does not exist in \(side) table")
  }
}
