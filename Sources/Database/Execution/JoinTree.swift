import SQL

/// What stands in FROM, with names resolved: sources of rows and how they are joined.
///
/// All conditions are over the flat row, in which each input has its own range of columns.
indirect enum JoinTree {
  case input(JoinInput)
  case inner(JoinTree, JoinTree, [BoundExpression])
  case left(JoinTree, JoinTree, [BoundExpression])

  /// The same tree with all columns `distance` places further to the right.
  func shifted(by distance: Int) -> JoinTree {
    if distance == 0 { return self }
    func moved(_ conditions: [BoundExpression]) -> [BoundExpression] {
      conditions.map { $0.movingColumns { $0 + distance } }
    }
    switch self {
    case .input(let input): return .input(input.shifted(by: distance))
    case .inner(let left, let right, let conditions):
      return .inner(
        left.shifted(by: distance), right.shifted(by: distance), moved(conditions))
    case .left(let left, let right, let conditions):
      return .left(left.shifted(by: distance), right.shifted(by: distance), moved(conditions))
    }
  }

  /// The columns of all its inputs, which lie side by side.
  var range: Range<Int> {
    switch self {
    case .input(let input): input.range
    case .inner(let left, let right, _), .left(let left, let right, _):
      left.range.lowerBound..<right.range.upperBound
    }
  }

  var containsLeftJoin: Bool {
    switch self {
    case .input: false
    case .inner(let left, let right, _): left.containsLeftJoin || right.containsLeftJoin
    case .left: true
    }
  }

  var conditions: [BoundExpression] {
    switch self {
    case .input: []
    case .inner(let left, let right, let own), .left(let left, let right, let own):
      left.conditions + right.conditions + own
    }
  }
}

/// One source of rows in FROM.
struct JoinInput {
  enum Source {
    case table(Table)
    /// Yields rows that have just the columns of `range`.
    case rows(any PlanStep)
  }

  /// As EXPLAIN shows it.
  let name: String
  let source: Source
  /// Its columns in the flat row.
  let range: Range<Int>
  /// Where in the flat row the key of the table's row is put, if somebody needs it to find the row
  /// again.
  var keyColumn: Int?

  func shifted(by distance: Int) -> JoinInput {
    JoinInput(
      name: name, source: source,
      range: range.lowerBound + distance..<range.upperBound + distance, keyColumn: keyColumn)
  }
}
