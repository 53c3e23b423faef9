public import SQL
import Simulation
import Volume

/// What the catalog says of a table.
public struct TableDescription: Hashable, Sendable {
  /// Given by the engine when the table is created.
  public internal(set) var id: UInt32 = 0
  public var schema: String
  public var name: String
  public var columns: [ColumnDescription]
  /// Positions of the key's columns, in the key's order; empty if rows are numbered by the engine.
  public var primaryKey: [Int]
  /// The name of the primary key's constraint.
  public var primaryKeyName: String
  public var indexes: [IndexDescription]
  public var options: [StorageOption]
  var tree = TreeDescription()

  public init(
    schema: String = "public", name: String, columns: [ColumnDescription], primaryKey: [Int] = [],
    primaryKeyName: String = "", indexes: [IndexDescription] = [], options: [StorageOption] = []
  ) {
    self.schema = schema
    self.name = name
    self.columns = columns
    self.primaryKey = primaryKey
    self.primaryKeyName = primaryKeyName
    self.indexes = indexes
    self.options = options
  }

  /// All trees of the table: its own and those of its indexes.
  var trees: [TreeDescription] { [tree] + indexes.map(\.tree) }
}

public struct ColumnDescription: Hashable, Sendable {
  public var name: String
  public var type: SQLType
  public var isNotNull: Bool
  /// The default as SQL text.
  public var defaultText: String?

  public init(
    name: String, type: SQLType, isNotNull: Bool = false, defaultText: String? = nil
  ) {
    (self.name, self.type, self.isNotNull, self.defaultText) = (name, type, isNotNull, defaultText)
  }
}

/// A secondary index: entries of the key's columns and the primary key.
public struct IndexDescription: Hashable, Sendable {
  public var name: String
  /// Positions of the key's columns, in the key's order.
  public var columns: [Int]
  public var isUnique: Bool
  var tree = TreeDescription()

  public init(name: String, columns: [Int], isUnique: Bool = false) {
    (self.name, self.columns, self.isUnique) = (name, columns, isUnique)
  }
}

/// Where a tree is. Its number names this incarnation: one that was emptied by TRUNCATE gets another.
struct TreeDescription: Hashable, Sendable {
  var id: UInt32 = 0
  var root = PageNumber.none
}

/// How a description lies in the catalog: fields one after another, counts and texts with their lengths.
extension TableDescription {
  func encode(into writer: inout ByteWriter) {
    writer.append(id)
    writer.append(lengthPrefixed: schema)
    writer.append(lengthPrefixed: name)
    writer.append(lengthPrefixed: primaryKeyName)
    tree.encode(into: &writer)
    writer.append(UInt16(columns.count))
    for column in columns {
      writer.append(lengthPrefixed: column.name)
      writer.append(column.type.kind.rawValue)
      writer.append(UInt32(bitPattern: column.type.modifier))
      writer.append((column.isNotNull ? 1 : 0) | (column.defaultText == nil ? 0 : 2) as UInt8)
      if let text = column.defaultText { writer.append(lengthPrefixed: text) }
    }
    Self.encode(primaryKey, into: &writer)
    writer.append(UInt16(indexes.count))
    for index in indexes {
      writer.append(lengthPrefixed: index.name)
      writer.append(index.isUnique ? 1 : 0 as UInt8)
      index.tree.encode(into: &writer)
      Self.encode(index.columns, into: &writer)
    }
    writer.append(UInt16(options.count))
    for option in options {
      writer.append(lengthPrefixed: option.name)
      writer.append(lengthPrefixed: option.value)
    }
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    let id = try reader.readUInt32()
    self.init(
      schema: try reader.readLengthPrefixedString(), name: try reader.readLengthPrefixedString(),
      columns: [], primaryKeyName: try reader.readLengthPrefixedString())
    self.id = id
    tree = try TreeDescription(from: &reader)
    for _ in 0..<(try reader.readUInt16()) {
      let name = try reader.readLengthPrefixedString()
      let code = try reader.readUInt8()
      guard let kind = SQLType.Kind(rawValue: code) else {
        throw ByteReader.Malformed(offset: reader.offset, wanted: 1)
      }
      let type = SQLType(kind, modifier: Int32(bitPattern: try reader.readUInt32()))
      let flags = try reader.readUInt8()
      columns.append(
        ColumnDescription(
          name: name, type: type, isNotNull: flags & 1 != 0,
          defaultText: flags & 2 == 0 ? nil : try reader.readLengthPrefixedString()))
    }
    primaryKey = try Self.positions(from: &reader)
    for _ in 0..<(try reader.readUInt16()) {
      var index = IndexDescription(name: try reader.readLengthPrefixedString(), columns: [])
      index.isUnique = try reader.readUInt8() != 0
      index.tree = try TreeDescription(from: &reader)
      index.columns = try Self.positions(from: &reader)
      indexes.append(index)
    }
    for _ in 0..<(try reader.readUInt16()) {
      options.append(
        StorageOption(
          name: try reader.readLengthPrefixedString(),
          value: try reader.readLengthPrefixedString()))
    }
  }

  private static func encode(_ positions: [Int], into writer: inout ByteWriter) {
    writer.append(UInt16(positions.count))
    for position in positions { writer.append(UInt16(position)) }
  }

  private static func positions(
    from reader: inout ByteReader
  ) throws(ByteReader.Malformed) -> [Int] {
    var positions: [Int] = []
    for _ in 0..<(try reader.readUInt16()) { positions.append(Int(try reader.readUInt16())) }
    return positions
  }
}

extension TreeDescription {
  func encode(into writer: inout ByteWriter) {
    writer.append(id)
    writer.append(root.value)
  }

  init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    id = try reader.readUInt32()
    root = PageNumber(try reader.readUInt32())
  }
}
