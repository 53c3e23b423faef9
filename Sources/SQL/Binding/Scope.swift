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
    /// The places of the columns among its own that decide all others; empty if none are known to.
    public let primaryKey: [Int]

    /// The place of each of its columns in the flat row.
    public var range: Range<Int> { offset..<offset + columns.count }
  }

  public private(set) var tables: [Table] = []
  /// The columns that can be named without their table, in the order of `*`: those that USING and
  /// NATURAL joins merged come first, and stand for those of both sides.
  public private(set) var visible: [Int] = []
  /// How many columns the flat row has.
  public private(set) var width = 0

  public init() {}

  /// A scope of so many columns that nothing names.
  public init(blank width: Int) { self.width = width }

  /// Adds a table behind those already there.
  ///
  /// - Throws: `42712` if the name is taken.
  public mutating func add(
    _ name: String, columns: [Column], primaryKey: [Int] = []
  ) throws(SQLError) {
    guard !tables.contains(where: { $0.name == name }) else { throw .duplicateAlias(name) }
    append(name, columns, primaryKey)
    visible += width - columns.count..<width
  }

  private mutating func append(_ name: String, _ columns: [Column], _ primaryKey: [Int]) {
    tables.append(Table(name: name, columns: columns, offset: width, primaryKey: primaryKey))
    width += columns.count
  }

  /// Adds what stands in FROM under an alias that may rename its leading columns.
  ///
  /// - Throws: `42P10` if the alias names more columns than there are, `42712` if it is taken.
  public mutating func add(
    _ name: String, alias: TableAlias?, columns: [Column], primaryKey: [Int] = []
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
    try add(shown, columns: columns, primaryKey: primaryKey)
  }

  /// Adds the tables of `other` behind those already there.
  public mutating func append(_ other: Scope) throws(SQLError) {
    let offset = width
    for table in other.tables {
      guard table.isNameless || !tables.contains(where: { $0.name == table.name }) else {
        throw .duplicateAlias(table.name)
      }
      tables.append(
        Table(
          name: table.name, columns: table.columns, offset: offset + table.offset,
          primaryKey: table.primaryKey))
    }
    width += other.width
    visible += other.visible.map { $0 + offset }
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
    for index in visible {
      let column = column(at: index)
      guard column.name == name else { continue }
      guard found == nil else { throw .ambiguousColumn(name, position: position) }
      found = (index, column.type)
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
    return visible.map { ($0, column(at: $0)) }
  }

  /// The column at a place of the flat row.
  private func column(at index: Int) -> Column {
    for table in tables where table.range.contains(index) {
      return table.columns[index - table.offset]
    }
    preconditionFailure("the row has no column \(index)")
  }

  /// The column at a place of the flat row, written `t.x`.
  func qualifiedName(of index: Int) -> String {
    guard let table = tables.first(where: { $0.range.contains(index) }) else { return "?column?" }
    let name = table.columns[index - table.offset].name
    return table.isNameless ? name : "\(table.name).\(name)"
  }

  /// The side of a join whose values the merged columns have.
  public enum MergedSide: Sendable {
    case left
    case right
    /// The left one, or the right one where that is NULL: columns of their own, behind all others.
    case both
  }

  /// Merges the columns named by a USING or NATURAL join whose right side starts at table
  /// `firstRight`, and returns the places of each pair.
  ///
  /// - Parameter names: `nil` for NATURAL: all names that both sides have.
  @discardableResult
  public mutating func merge(
    _ names: [String]?, firstRight: Int, into side: MergedSide = .left
  ) throws(SQLError) -> [(left: Int, right: Int, type: SQLType)] {
    let boundary = firstRight < tables.count ? tables[firstRight].offset : width
    var (left, right) = (self, self)
    left.visible.removeAll { $0 >= boundary }
    right.visible.removeAll { $0 < boundary }
    let common = left.visible.map { column(at: $0).name }.filter { name in
      right.visible.contains { column(at: $0).name == name }
    }
    var pairs: [(left: Int, right: Int, type: SQLType)] = []
    var merged: [Column] = []
    for name in names ?? common {
      guard let leftColumn = try left.find(name, position: nil) else {
        throw .undefinedJoinColumn(name, side: "left")
      }
      guard let rightColumn = try right.find(name, position: nil) else {
        throw .undefinedJoinColumn(name, side: "right")
      }
      pairs.append((leftColumn.index, rightColumn.index, leftColumn.type))
      merged.append(Column(name: name, type: leftColumn.type))
    }
    visible.removeAll { index in pairs.contains { $0.left == index || $0.right == index } }
    switch side {
    case .left: visible = pairs.map(\.left) + visible
    case .right: visible = pairs.map(\.right) + visible
    case .both:
      append(Table.nameless, merged, [])
      visible = Array(width - merged.count..<width) + visible
    }
    return pairs
  }
}

extension Scope.Table {
  /// No name that could be written stands for merged columns.
  fileprivate static let nameless = ""

  fileprivate var isNameless: Bool { name == Self.nameless }
}

extension SQLError {
  fileprivate static func undefinedJoinColumn(_ name: String, side: String) -> SQLError {
    SQLError(
      sqlState: "42703",
      message: "column \"\(name)\" specified in USING clause does not exist in \(side) table")
  }
}
