import Simulation

/// All tables at one moment, by name and by number.
final class CatalogContents {
  /// In ascending order of their numbers.
  let tables: [Table]
  private var byName = LookupTable<String, Table>()
  private var byID = LookupTable<UInt32, Table>()

  init(_ tables: [Table]) {
    self.tables = tables
    for table in tables {
      byName[Self.fullName(table.description.schema, table.name)] = table
      byID[table.id] = table
    }
  }

  subscript(schema: String, name: String) -> Table? { byName[Self.fullName(schema, name)] }
  subscript(id: UInt32) -> Table? { byID[id] }

  /// A name may hold any character but NUL.
  static func fullName(_ schema: String, _ name: String) -> String { "\(schema)\u{0}\(name)" }
}
