public import SQL

/// A table as the engine works with it: its description, its trees, and how its bytes are read.
///
/// Immutable: DDL makes another one. A statement keeps the one it began with, under a table lock.
public final class Table {
  public let description: TableDescription
  public let rowEncoding: RowEncoding
  /// How the primary key is encoded, or the number that the engine gives to a row without one.
  public let keyEncoding: KeyEncoding
  public let indexes: [Index]
  let tree: BTree
  let hasUniqueIndexes: Bool
  /// The columns of the primary key and of unique indexes: a row whose values in them stay keeps its key.
  let keyColumns: [Int]

  init(_ description: TableDescription, space: PageSpace) {
    self.description = description
    rowEncoding = RowEncoding(types: description.columns.map(\.type))
    keyEncoding = KeyEncoding(
      types: description.primaryKey.isEmpty
        ? [.bigint] : description.primaryKey.map { description.columns[$0].type })
    tree = BTree(root: description.tree.root, owner: description.tree.id, space: space)
    indexes = description.indexes.map { Index($0, of: description, space: space) }
    hasUniqueIndexes = description.indexes.contains { $0.isUnique }
    keyColumns =
      description.primaryKey + description.indexes.filter(\.isUnique).flatMap(\.columns)
  }

  public var id: UInt32 { description.id }
  public var name: String { description.name }

  public func index(named name: String) -> Index? {
    indexes.first { $0.description.name == name }
  }

  /// The key of a row that the engine numbered.
  func key(ofRow number: UInt64) -> [UInt8] {
    keyEncoding.encode([.integer(Int64(number))])
  }
}

/// A secondary index of a table.
///
/// ```
///   entry:  key = index columns ‖ primary key     value = size of the index columns (2), flags (1)
/// ```
///
/// An entry says where a row of this key may be, not that there is one: a reader looks at the row's
/// version that it sees, and compares. An entry whose row has moved on is marked as deleted, and removed
/// once no view can need it.
public final class Index {
  public let description: IndexDescription
  let encoding: IndexEncoding
  let tree: BTree

  static let entryValueSize = 3

  init(_ description: IndexDescription, of table: TableDescription, space: PageSpace) {
    self.description = description
    encoding = IndexEncoding(description, of: table)
    tree = BTree(root: description.tree.root, owner: description.tree.id, space: space)
  }

  public var name: String { description.name }

  /// How the index columns are encoded; an entry's key goes on with the primary key.
  public var keyEncoding: KeyEncoding { encoding.columns }
}

/// The key of an index entry, put together.
struct IndexEntry: Equatable {
  let key: [UInt8]
  /// How many bytes the index columns take.
  let columnsCount: Int
  let hasNull: Bool

  var columns: [UInt8] { [UInt8](key[..<columnsCount]) }

  /// The value that goes with the key.
  func value(isDeleted: Bool) -> [UInt8] {
    [
      UInt8(truncatingIfNeeded: columnsCount), UInt8(truncatingIfNeeded: columnsCount >> 8),
      isDeleted ? 1 : 0,
    ]
  }

  static func columnsCount(of value: UnsafeRawBufferPointer) -> Int {
    Int(value[0]) | Int(value[1]) << 8
  }

  static func isDeleted(_ value: UnsafeRawBufferPointer) -> Bool { value[2] & 1 != 0 }
}
