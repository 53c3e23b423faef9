import SQL

/// What stands in FROM, with names resolved: sources of rows and how they are joined.
///
/// All conditions are over the flat row, in which each input has its own range of columns.
indirect enum JoinTree {
  case input(JoinInput)
  case inner(JoinTree, JoinTree, [BoundExpression])
  /// The columns of the second may stand in front of those of the first: that is a RIGHT JOIN.
  case left(JoinTree, JoinTree, [BoundExpression])
  /// With expressions for the columns that USING merges, which stand behind all others.
  case full(JoinTree, JoinTree, [BoundExpression], merged: [BoundExpression])

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
    case .full(let left, let right, let conditions, let merged):
      return .full(
        left.shifted(by: distance), right.shifted(by: distance), moved(conditions),
        merged: moved(merged))
    }
  }

  /// The columns of all its inputs, which lie side by side.
  var range: Range<Int> {
    switch self {
    case .input(let input): input.range
    case .inner(let left, let right, _), .left(let left, let right, _):
      min(
        left.range.lowerBound, right.range.lowerBound)..<max(
          left.range.upperBound, right.range.upperBound)
    case .full(let left, let right, _, let merged):
      left.range.lowerBound..<right.range.upperBound + merged.count
    }
  }

  var containsOuterJoin: Bool {
    switch self {
    case .input: false
    case .inner(let left, let right, _): left.containsOuterJoin || right.containsOuterJoin
    case .left, .full: true
    }
  }

  /// All expressions in it.
  var expressions: [BoundExpression] {
    switch self {
    case .input(let input): input.arguments
    case .inner(let left, let right, let own), .left(let left, let right, let own):
      left.expressions + right.expressions + own
    case .full(let left, let right, let own, let merged):
      left.expressions + right.expressions + own + merged
    }
  }

  /// Its inputs, in the order in which they are joined.
  var inputs: [JoinInput] {
    switch self {
    case .input(let input): [input]
    case .inner(let left, let right, _), .left(let left, let right, _),
      .full(let left, let right, _, _):
      left.inputs + right.inputs
    }
  }

  /// For each input, whether an outer join may put NULLs in the place of its rows.
  var areNullable: [Bool] {
    func all(_ tree: JoinTree) -> [Bool] { tree.inputs.map { _ in true } }
    return switch self {
    case .input: [false]
    case .inner(let left, let right, _): left.areNullable + right.areNullable
    case .left(let left, let right, _): left.areNullable + all(right)
    case .full(let left, let right, _, _): all(left) + all(right)
    }
  }
}

/// One source of rows in FROM.
struct JoinInput {
  enum Source {
    case table(Table)
    /// Yields rows that have just the columns of `range`.
    case rows(any PlanStep)
    /// So do these, which are made anew for each row of what stands to the left.
    ///
    /// The arguments are what is read of that row, for the parameters `slots`; their columns count from
    /// the beginning of `range`.
    case lateral(any PlanStep, slots: [Int], arguments: [BoundExpression])
  }

  /// As EXPLAIN shows it.
  let name: String
  let source: Source
  /// Its columns in the flat row.
  let range: Range<Int>
  /// Where in the flat row the key of the table's row is put, if somebody needs it to find the row
  /// again.
  var keyColumn: Int?

  /// Over the flat row, what it needs of the inputs to its left.
  var arguments: [BoundExpression] {
    guard case .lateral(_, _, let arguments) = source else { return [] }
    return arguments.map { $0.movingColumns { $0 + range.lowerBound } }
  }

  func shifted(by distance: Int) -> JoinInput {
    JoinInput(
      name: name, source: source,
      range: range.lowerBound + distance..<range.upperBound + distance, keyColumn: keyColumn)
  }
}
