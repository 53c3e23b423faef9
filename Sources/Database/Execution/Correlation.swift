import SQL

/// A subquery while it is planned, and what it may see of the rows around it.
///
/// ```
///   SELECT … FROM a WHERE EXISTS (SELECT … FROM b WHERE b.x = a.x
///                                                 AND EXISTS (SELECT … FROM c WHERE c.y = a.y))
///   scope of a ◀── outer ── frame of b ◀── parent ── frame of c
/// ```
/// `a.y` is found two frames out. It becomes a parameter that the query over `a` fills in whenever it
/// runs the subquery over `b`; so it is a correlation of that frame, and both frames depend on a row.
final class SubqueryFrame {
  /// A column of the row directly around, and the parameter that stands for it.
  typealias Correlation = (slot: Int, column: Int, type: SQLType)

  let parent: SubqueryFrame?
  /// The row of the query directly around.
  let outer: Scope
  /// The columns of that row that it reads, each with the parameter that stands for it.
  private(set) var correlations: [Correlation] = []
  private(set) var isCorrelated = false

  init(parent: SubqueryFrame?, outer: Scope) { (self.parent, self.outer) = (parent, outer) }

  /// Says that it reads something of the rows around it that is no column.
  func markCorrelated() { isCorrelated = true }

  /// Finds a column in the rows around, the nearest first.
  ///
  /// - Parameter newSlot: takes another parameter.
  /// - Returns: the parameter that stands for it; `nil` if no row around has such a column.
  func resolve(
    _ reference: ColumnReference, newSlot: () throws(SQLError) -> Int
  ) throws(SQLError) -> (slot: Int, type: SQLType)? {
    let found: (index: Int, type: SQLType)
    do throws(SQLError) {
      found = try outer.resolve(reference)
    } catch {
      guard error.isAboutMissingColumn else { throw error }
      let outside = try parent?.resolve(reference, newSlot: newSlot)
      if outside != nil { isCorrelated = true }
      return outside
    }
    isCorrelated = true
    if let known = correlations.first(where: { $0.column == found.index }) {
      return (known.slot, found.type)
    }
    let slot = try newSlot()
    correlations.append((slot, found.index, found.type))
    return (slot, found.type)
  }
}

extension SQLError {
  /// Whether a name was not found, as opposed to found twice.
  var isAboutMissingColumn: Bool { sqlState == "42703" || sqlState == "42P01" }
}
