import SQL

/// How the rows of a table are reached: by which tree, and by which part of it.
///
/// ```
///   key columns:   a = 1    b = $2    c > 7     d        of a primary key or an index (a, b, c, d)
///                  └─ equalities ─┘   └ bounds ┘ unused
/// ```
struct AccessPath {
  /// One end of a range over the key column behind the equalities.
  struct Bound {
    let value: BoundExpression
    let isIncluded: Bool
  }

  /// `nil` for the table's own tree, which is ordered by the primary key.
  var index: Index?
  /// Positions of the tree's key columns in the table, in order; empty if the engine numbers the rows.
  var keyColumns: [Int]
  /// The values of the leading key columns, over what is known before the table is read.
  var equalities: [BoundExpression] = []
  var lower: Bound?
  var upper: Bound?
  var isBackward = false
  /// Whether at most one row has the key.
  var isUnique = false
  /// The conditions that the path itself fulfils, by their places in the list it was chosen for.
  var fulfilled: [Int] = []

  /// Less is better.
  var rank: Int {
    if isPoint { return 0 }
    if !equalities.isEmpty { return 10 - min(equalities.count, 4) }
    if lower != nil && upper != nil { return 20 }
    return lower != nil || upper != nil ? 21 : 30
  }

  /// Whether it leads to at most one row.
  var isPoint: Bool { isUnique && equalities.count == keyColumns.count }

  /// Whether it passes over all rows.
  var isFull: Bool { equalities.isEmpty && lower == nil && upper == nil }
}

/// Finds the best access path to one table.
struct AccessPathFinder {
  let table: Table
  /// Where its columns stand in the flat row.
  let offset: Int
  /// Whether a column of the flat row has a value before the table is read.
  let isKnown: (Int) -> Bool
  /// All must hold for a row to be wanted.
  let conditions: [BoundExpression]
  /// All subqueries of the statement.
  let subplans: [Subplan]

  func best() -> AccessPath {
    var best = path(primary: table)
    for index in table.indexes {
      let path = fulfil(
        AccessPath(
          index: index, keyColumns: index.description.columns,
          isUnique: index.description.isUnique))
      if path.rank < best.rank { best = path }
    }
    return best
  }

  /// Every way to pass over the table, the one by its own tree first.
  func all() -> [AccessPath] {
    [path(primary: table)]
      + table.indexes.map { index in
        fulfil(
          AccessPath(
            index: index, keyColumns: index.description.columns,
            isUnique: index.description.isUnique))
      }
  }

  private func path(primary table: Table) -> AccessPath {
    fulfil(
      AccessPath(
        keyColumns: table.description.primaryKey,
        isUnique: !table.description.primaryKey.isEmpty))
  }

  private func fulfil(_ path: AccessPath) -> AccessPath {
    var path = path
    for column in path.keyColumns {
      guard let (place, value) = condition(on: column, { $0 == .equal }) else {
        addBounds(on: column, to: &path)
        break
      }
      path.equalities.append(value)
      path.fulfilled.append(place)
    }
    return path
  }

  private func addBounds(on column: Int, to path: inout AccessPath) {
    if let (place, value) = condition(on: column, { $0 == .greater || $0 == .greaterOrEqual }) {
      path.lower = AccessPath.Bound(value: value, isIncluded: isIncluded(place))
      path.fulfilled.append(place)
    }
    if let (place, value) = condition(on: column, { $0 == .less || $0 == .lessOrEqual }) {
      path.upper = AccessPath.Bound(value: value, isIncluded: isIncluded(place))
      path.fulfilled.append(place)
    }
  }

  private func isIncluded(_ place: Int) -> Bool {
    guard case .comparison(let comparison, _, _, _) = conditions[place] else { return false }
    return comparison == .lessOrEqual || comparison == .greaterOrEqual
  }

  /// A condition that compares a column of the table with something known.
  ///
  /// - Parameter isWanted: is asked about the operator with the column on its left.
  private func condition(
    on column: Int, _ isWanted: (ComparisonOperator) -> Bool
  ) -> (place: Int, value: BoundExpression)? {
    for (place, condition) in conditions.enumerated() {
      guard case .comparison(let comparison, let left, let right, let how) = condition else {
        continue
      }
      if isColumn(left, column, how), isWanted(comparison), isUsable(right) {
        return (place, right)
      }
      if isColumn(right, column, how), isWanted(comparison.flipped), isUsable(left) {
        return (place, left)
      }
    }
    return nil
  }

  /// Whether an operand is the column, compared as the tree orders it.
  private func isColumn(_ operand: BoundExpression, _ column: Int, _ how: Comparison) -> Bool {
    guard case .column(offset + column, let type) = operand else { return false }
    return (how == .withoutPadding) == (type.kind == .character)
  }

  private func isUsable(_ value: BoundExpression) -> Bool {
    var isUsable = true
    value.walk { node in
      switch node {
      case .column(let index, _): if !isKnown(index) { isUsable = false }
      case .scalarSubquery(let subquery, _):
        if subplans[subquery.index].isCorrelated { isUsable = false }
      case .exists, .quantified, .systemCall: isUsable = false
      case .call(let function, _): if !function.isImmutable { isUsable = false }
      default: break
      }
      return isUsable
    }
    return isUsable
  }
}
