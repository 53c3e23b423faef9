import SQL
import Simulation
import Volume

/// The tables that there are: rows of a table themselves.
///
/// ```
///   catalog tree (root at a fixed page):   table number ──▶ header · description
/// ```
///
/// The catalog's rows are written with undo and read through views like any others, so that DDL is
/// transactional, reaches readers as redo, and needs no recovery of its own. What is read from it is
/// cached until a transaction that changed it ends.
///
/// A tree's pages are freed by whoever takes the last description that names it out of the catalog for
/// good: rollback of the statement that made it, or purge of the one that dropped it.
final class Catalog {
  /// The catalog's own table: two columns, of which the row is one description.
  static let tableID: UInt32 = 1
  static let root = PageNumber(1)
  /// What is created by users is numbered from here on.
  static let firstObject: UInt32 = 16_384

  let table: Table
  private(set) var cached: CatalogContents?
  /// Counts how often the cache was given up.
  private(set) var version: UInt64 = 0
  /// Transactions in progress that have changed the catalog.
  var changerCount = 0

  init(space: PageSpace) {
    var description = TableDescription(
      schema: "pg_catalog", name: "tables",
      columns: [ColumnDescription(name: "id", type: .bigint, isNotNull: true)], primaryKey: [0])
    description.id = Self.tableID
    description.tree = TreeDescription(id: Self.tableID, root: Self.root)
    table = Table(description, space: space)
  }

  func keep(_ contents: CatalogContents) { cached = contents }

  func invalidate() {
    cached = nil
    version += 1
  }

  func key(of table: UInt32) -> [UInt8] { self.table.key(ofRow: UInt64(table)) }

  static func row(of description: TableDescription) -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    description.encode(into: &writer)
    return writer.take()
  }

  static func description(from row: UnsafeRawBufferPointer) -> TableDescription {
    var reader = ByteReader(row)
    do {
      return try TableDescription(from: &reader)
    } catch {
      preconditionFailure("a row of the catalog is malformed: \(error)")
    }
  }
}
