import DequeModule
import SQL
import Simulation

/// Statements that were parsed and planned before, by their text and the types declared for their
/// parameters; all sessions of an instance share it.
///
/// It saves the simulation's time, not the instance's: what the client has parsed is charged to it all
/// the same (see ``CostModel/plan``).
final class PlanCache {
  /// The statements of one text.
  final class Entry {
    let statements: [ParsedStatement]
    /// `nil` where a statement has not been planned, or fails to.
    fileprivate(set) var plans: [Plan?]

    init(_ statements: [ParsedStatement]) {
      self.statements = statements
      plans = Array(repeating: nil, count: statements.count)
    }
  }

  private var entries = LookupTable<String, Entry>()
  /// Texts in the order in which they came; the oldest makes room.
  private var order = Deque<String>()
  private static let capacity = 2_048

  /// The statements of `text`.
  ///
  /// - Throws: what the parser throws.
  func entry(_ text: String, declared: [UInt32]) throws(SQLError) -> Entry {
    let key = declared.isEmpty ? text : text + declared.map { "\u{0}\($0)" }.joined()
    if let entry = entries[key] { return entry }
    let entry = Entry(try PostgreSQLParser.parse(text))
    if order.count == Self.capacity, let oldest = order.popFirst() {
      entries.removeValue(forKey: oldest)
    }
    entries[key] = entry
    order.append(key)
    return entry
  }
}

extension PlanCache.Entry {
  /// The plan of one of the statements, made anew if the catalog is not what it was.
  ///
  /// - Parameter tables: receives those that it names if it cannot be planned.
  func plan(
    _ index: Int, declared: [SQLType?], catalog: CatalogContents,
    tables: inout [Plan.LockedTable]
  ) throws(SQLError) -> Plan {
    if let plan = plans[index], plan.catalog === catalog { return plan }
    let plan = try Planner.plan(
      statements[index], declared: declared, catalog: catalog, tables: &tables)
    plans[index] = plan
    return plan
  }
}

extension StorageEngine {
  /// Whether these are the tables as a transaction sees them now.
  @inline(__always)
  func isCurrent(_ contents: CatalogContents, for transaction: Transaction?) -> Bool {
    guard let transaction, transaction.changesCatalog else { return catalog.cached === contents }
    return ownCatalog(of: transaction) === contents
  }

  /// The tables as a transaction sees them; the same object as long as nothing has changed.
  func catalogContents(for transaction: Transaction?) async throws -> CatalogContents {
    while true {
      if let transaction, transaction.changesCatalog {
        if let own = ownCatalog(of: transaction) { return own }
      } else if let cached = catalog.cached {
        return cached
      }
      _ = try await tables(for: transaction)
    }
  }
}
