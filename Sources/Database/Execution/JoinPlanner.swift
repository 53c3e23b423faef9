import SQL

/// Decides in which order the inputs of FROM are joined, and how each is reached.
///
/// ```
///   flat row:  │ a.x a.y │ b.x b.y b.z │ c.x │ key of a │      every row below the output has this shape;
///              └ filled by the scan of a ────┘              what is not joined yet is NULL
/// ```
/// Joins are left-deep. The next input is the one that can be reached best from those already joined:
/// by a unique key, by a part of a key, by hashing an equality, and only then by pairing every row with
/// every other; among equals, the order as written. A LEFT JOIN comes after all that its condition
/// reads. A condition is checked as soon as all its columns are there.
struct JoinPlanner {
  private let planner: Planner
  /// The columns of the scope; keys of rows that are looked for again follow behind them.
  private let scopeWidth: Int

  /// The conditions of WHERE.
  var conditions: [BoundExpression] = []
  /// Columns that the steps above read; those of conditions are added here.
  var needed: [Int] = []
  /// Inputs, by their places, whose rows will be looked for again: to be locked or changed.
  var lockedInputs: [Int] = []
  /// The order that the steps above want, if the rows may come in it as they are.
  var ordering: [BoundOrdering] = []
  /// Whether only some of the rows may be asked for, so that to have them in order at once pays.
  var isLimited = false
  /// Whether the plan made yields its rows in ``ordering``.
  private(set) var givesOrdering = false

  private var isPlaced: [Bool] = []
  private var isNeeded: [Bool] = []
  private var width = 0
  private var pending: [BoundExpression] = []

  init(_ planner: Planner, width: Int) {
    self.planner = planner
    scopeWidth = width
  }

  /// One input, and what joins it to those before it.
  private struct Element {
    var input: JoinInput
    /// The condition of a LEFT JOIN; `nil` if it is joined by conditions of WHERE.
    var outerConditions: [BoundExpression]?
  }

  // MARK: Planning

  /// - Parameter tree: `nil` for a SELECT without FROM.
  mutating func plan(_ tree: JoinTree?) throws(SQLError) -> any PlanStep {
    width = scopeWidth + lockedInputs.count
    isPlaced = Array(repeating: false, count: width)
    isNeeded = Array(repeating: false, count: width)
    pending = conditions
    var elements: [Element] = []
    if let tree {
      guard tree.expressions.allSatisfy({ $0.columns.first ?? 0 >= 0 }) else {
        throw .featureNotSupported("LATERAL from within an outer join in brackets")
      }
      let wanted = planner.neededColumns(conditions + tree.expressions) + needed
      for column in wanted { isNeeded[column] = true }
      try collect(tree, into: &elements)
      for (place, input) in lockedInputs.enumerated() {
        elements[input].input.keyColumn = scopeWidth + place
      }
    }
    let late = takeLateConditions()
    var step: any PlanStep
    if elements.isEmpty {
      step = ValuesStep(ValuesStep.oneEmptyRow)
      step = filtered(step)
      givesOrdering = ordering.isEmpty
    } else {
      step = try first(&elements)
      while !elements.isEmpty { step = try next(step, &elements) }
    }
    guard !late.isEmpty else { return step }
    return FilterStep(step, RowExpressions(late, planner.subplans))
  }

  /// All conditions under which a row of the join is wanted, for checking one again whose table row has
  /// changed.
  func allConditions(_ tree: JoinTree?) -> [BoundExpression] {
    conditions + (tree?.innerConditions ?? [])
  }

  /// How the rows of an input are found again, to be locked.
  func lockTarget(_ lock: RowLock, _ tree: JoinTree?) -> LockRowsStep.Target? {
    guard let place = lockedInputs.firstIndex(of: lock.input), let input = tree?.inputs[lock.input],
      case .table(let table) = input.source
    else { return nil }
    let waiting: LockWaiting =
      switch lock.clause.waitPolicy {
      case .wait: .wait
      case .skipLocked: .skip
      case .noWait: .fail
      }
    return LockRowsStep.Target(
      table: table, range: input.range, keyColumn: scopeWidth + place,
      mode: lock.clause.strength.lockMode, waiting: waiting)
  }

  // MARK: Collecting

  private mutating func collect(
    _ tree: JoinTree, into elements: inout [Element]
  ) throws(SQLError) {
    switch tree {
    case .input(let input): elements.append(Element(input: input))
    case .inner(let left, let right, let own):
      try collect(left, into: &elements)
      if right.containsOuterJoin {
        elements.append(Element(input: try composite(right, behind: elements.count)))
      } else {
        try collect(right, into: &elements)
      }
      pending += own
    case .left(let left, let right, let own):
      try collect(left, into: &elements)
      guard case .input(let input) = right else {
        let input = try composite(right, behind: elements.count)
        return elements.append(Element(input: input, outerConditions: own))
      }
      elements.append(Element(input: input, outerConditions: own))
    case .full: elements.append(Element(input: try composite(tree, behind: elements.count)))
    }
  }

  /// Plans a join in brackets on its own, as one input.
  ///
  /// - Parameter count: how many inputs stand before it, of which rows may be looked for again.
  private func composite(_ tree: JoinTree, behind count: Int) throws(SQLError) -> JoinInput {
    guard lockedInputs.allSatisfy({ $0 < count }) else {
      throw .featureNotSupported("to lock rows of an outer join in brackets")
    }
    let range = tree.range
    let step =
      if case .full(let left, let right, let own, let merged) = tree {
        try full(left, right, own, merged, range)
      } else {
        try separate(tree)
      }
    return JoinInput(name: "join", source: .rows(step), range: range)
  }

  /// A step that yields just the columns of a part of FROM.
  private func separate(_ tree: JoinTree) throws(SQLError) -> any PlanStep {
    let range = tree.range
    var inner = JoinPlanner(planner, width: range.count)
    inner.needed = range.filter { isNeeded[$0] }.map { $0 - range.lowerBound }
    return try inner.plan(tree.shifted(by: -range.lowerBound))
  }

  /// A FULL JOIN: both sides on their own, paired, then the columns that USING merges.
  private func full(
    _ left: JoinTree, _ right: JoinTree, _ own: [BoundExpression], _ merged: [BoundExpression],
    _ range: Range<Int>
  ) throws(SQLError) -> any PlanStep {
    func moved(_ expressions: [BoundExpression]) -> [BoundExpression] {
      expressions.map { $0.movingColumns { $0 - range.lowerBound } }
    }
    let leftSide = left.shifted(by: -range.lowerBound).range
    let rightSide = right.shifted(by: -range.lowerBound).range
    let conditions = moved(own)
    let keys = Self.hashKeys(
      conditions, isOuter: { leftSide.contains($0) }, isInner: { rightSide.contains($0) })
    let checked = keys.map(\.place)
    let paired = PairingJoinStep(
      Self.widened(try separate(left), leftSide, to: range.count), try separate(right),
      range: rightSide, keyColumn: nil, outerKeys: keys.map(\.outer),
      innerKeys: keys.map { $0.inner.movingColumns { $0 - rightSide.lowerBound } },
      conditions: RowExpressions(
        conditions.indices.filter { !checked.contains($0) }.map { conditions[$0] },
        planner.subplans), kind: .full(width: range.count))
    if merged.isEmpty { return paired }
    let outputs = (0..<rightSide.upperBound).map { BoundExpression.column($0, .unknown) }
    return ProjectStep(paired, RowExpressions(outputs + moved(merged), planner.subplans))
  }

  /// Conditions with subqueries that depend on the row; they are checked when all is joined.
  private mutating func takeLateConditions() -> [BoundExpression] {
    let isLate = pending.map { RowExpressions([$0], planner.subplans).needsSubplans }
    let late = pending.indices.filter { isLate[$0] }.map { pending[$0] }
    pending = pending.indices.filter { !isLate[$0] }.map { pending[$0] }
    return late
  }

  // MARK: The first input

  private mutating func first(_ elements: inout [Element]) throws(SQLError) -> any PlanStep {
    var best = (place: 0, rank: Int.max)
    for (place, element) in elements.enumerated()
    where element.outerConditions == nil && element.input.arguments.isEmpty {
      let rank = path(to: element.input, pending)?.rank ?? 30
      if rank < best.rank { best = (place, rank) }
    }
    let input = elements.remove(at: best.place).input
    switch input.source {
    case .table(let table):
      var path = orderedPath(table, input) ?? path(to: input, pending)
      if path == nil { path = AccessPath(keyColumns: table.description.primaryKey) }
      guard let path else { preconditionFailure("a table has no way to it") }
      place(input)
      let residual = takeConditions(fulfilledBy: path)
      return TableScanStep(
        reader(table, input), path: path, conditions: residual, title: input.name)
    case .rows(let step), .lateral(let step, _, _):
      place(input)
      givesOrdering = ordering.isEmpty
      return filtered(Self.widened(step, input.range, to: width))
    }
  }

  /// A path that yields the rows in the order wanted, if that is worth it.
  private mutating func orderedPath(_ table: Table, _ input: JoinInput) -> AccessPath? {
    guard !ordering.isEmpty else {
      givesOrdering = true
      return nil
    }
    let finder = finder(table, input, pending)
    let best = finder.best()
    for var path in finder.all() {
      guard let isBackward = direction(of: path, input, table) else { continue }
      // Reading all rows in the order of an index is slower than sorting them, unless few are wanted.
      guard path.rank <= best.rank || (isLimited && path.rank <= 30 && best.rank >= 20) else {
        continue
      }
      if path.isFull, path.index != nil, !isLimited { continue }
      path.isBackward = isBackward
      givesOrdering = true
      return path
    }
    return nil
  }

  /// Whether the path gives the order wanted, and if so, whether backwards.
  private func direction(of path: AccessPath, _ input: JoinInput, _ table: Table) -> Bool? {
    var columns = path.keyColumns.dropFirst(path.equalities.count)
    let constant = path.keyColumns.prefix(path.equalities.count)
    var isBackward: Bool?
    for term in ordering {
      guard case .column(let index, _) = term.expression, input.range.contains(index) else {
        return nil
      }
      let column = index - input.range.lowerBound
      if constant.contains(column) { continue }
      guard columns.first == column else { return nil }
      columns = columns.dropFirst()
      let isNotNull = table.description.columns[column].isNotNull
      guard term.nullsFirst == term.isDescending || isNotNull else { return nil }
      guard isBackward == nil || isBackward == term.isDescending else { return nil }
      isBackward = term.isDescending
    }
    return isBackward ?? false
  }

  // MARK: Further inputs

  private mutating func next(
    _ step: any PlanStep, _ elements: inout [Element]
  ) throws(SQLError) -> any PlanStep {
    var best = (place: -1, rank: Int.max)
    for (place, element) in elements.enumerated() {
      guard element.input.arguments.allSatisfy({ isReady($0, with: element.input) }) else {
        continue
      }
      let rank: Int
      if let outer = element.outerConditions {
        guard outer.allSatisfy({ isReady($0, with: element.input) }) else { continue }
        rank = self.rank(element.input, outer)
      } else {
        rank = self.rank(element.input, pending)
      }
      if rank < best.rank { best = (place, rank) }
    }
    precondition(best.place >= 0, "no input can be joined next")
    let element = elements.remove(at: best.place)
    return try join(step, element)
  }

  private func rank(_ input: JoinInput, _ conditions: [BoundExpression]) -> Int {
    if case .lateral = input.source { return 40 }
    let rank = path(to: input, conditions)?.rank ?? 30
    if rank < 20 { return rank }
    return hashKeys(input, conditions).isEmpty ? rank + 20 : 15
  }

  private mutating func join(
    _ step: any PlanStep, _ element: Element
  ) throws(SQLError) -> any PlanStep {
    let input = element.input
    let isOuter = element.outerConditions != nil
    let offered = element.outerConditions ?? pending
    if case .lateral(let inner, let slots, _) = input.source {
      place(input)
      let joined = LateralJoinStep(
        step, inner, range: input.range, slots: slots, arguments: input.arguments,
        conditions: RowExpressions(isOuter ? offered : takeConditions(), planner.subplans),
        isOuter: isOuter)
      return isOuter ? filtered(joined) : joined
    }
    let keyed = path(to: input, offered)
    let needsSubplans = RowExpressions(offered, planner.subplans).needsSubplans
    if let path = keyed, path.rank < 20, !needsSubplans, case .table(let table) = input.source {
      place(input)
      let residual =
        isOuter
        ? offered.indices.filter { !path.fulfilled.contains($0) }.map { offered[$0] }
        : takeConditions(fulfilledBy: path)
      let joined = IndexJoinStep(
        step, reader(table, input), path: path, conditions: residual, isOuter: isOuter,
        title: input.name)
      return isOuter ? filtered(joined) : joined
    }
    let keys = hashKeys(input, offered)
    let own = offered.indices.filter {
      isOwn(offered[$0], input) && !RowExpressions([offered[$0]], planner.subplans).needsSubplans
    }
    let inner = localStep(input, own.map { offered[$0] })
    place(input)
    let checked = keys.map(\.place) + own
    let residual: [BoundExpression]
    if isOuter {
      residual = offered.indices.filter { !checked.contains($0) }.map { offered[$0] }
    } else {
      for place in checked.sorted(by: >) { pending.remove(at: place) }
      residual = takeConditions()
    }
    let joined = PairingJoinStep(
      step, inner, range: input.range, keyColumn: input.keyColumn,
      outerKeys: keys.map(\.outer),
      innerKeys: keys.map { $0.inner.movingColumns { $0 - input.range.lowerBound } },
      conditions: RowExpressions(residual, planner.subplans), kind: isOuter ? .left : .inner)
    return isOuter ? filtered(joined) : joined
  }

  /// Equalities between what is joined already and this input.
  private func hashKeys(
    _ input: JoinInput, _ conditions: [BoundExpression]
  ) -> [(place: Int, outer: BoundExpression, inner: BoundExpression)] {
    Self.hashKeys(
      conditions, isOuter: { isPlaced[$0] }, isInner: { input.range.contains($0) })
  }

  /// Equalities between expressions over the columns of either side, which no subquery stands in.
  private static func hashKeys(
    _ conditions: [BoundExpression], isOuter: (Int) -> Bool, isInner: (Int) -> Bool
  ) -> [(place: Int, outer: BoundExpression, inner: BoundExpression)] {
    func reads(_ expression: BoundExpression, _ isSide: (Int) -> Bool) -> Bool {
      let columns = expression.columns
      return !columns.isEmpty && columns.allSatisfy(isSide) && !expression.containsSubquery
    }
    return conditions.enumerated().compactMap { place, condition in
      guard case .comparison(.equal, let left, let right, .byValue) = condition else { return nil }
      if reads(left, isOuter), reads(right, isInner) { return (place, left, right) }
      if reads(right, isOuter), reads(left, isInner) { return (place, right, left) }
      return nil
    }
  }

  private func isOwn(_ expression: BoundExpression, _ input: JoinInput) -> Bool {
    let columns = expression.columns
    return !columns.isEmpty && columns.allSatisfy(input.range.contains)
  }

  /// The rows of an input alone that fulfil conditions about nothing else.
  private func localStep(_ input: JoinInput, _ conditions: [BoundExpression]) -> any PlanStep {
    let own = conditions.map { $0.movingColumns { $0 - input.range.lowerBound } }
    switch input.source {
    case .rows(let step), .lateral(let step, _, _):
      return own.isEmpty ? step : FilterStep(step, RowExpressions(own, planner.subplans))
    case .table(let table):
      let finder = AccessPathFinder(
        table: table, offset: 0, isKnown: { _ in false }, conditions: own,
        subplans: planner.subplans)
      let keyColumn = input.keyColumn.map { _ in input.range.count }
      let reader = TableReader(
        table, offset: 0, width: input.range.count + (keyColumn == nil ? 0 : 1),
        isNeeded: input.range.map { isNeeded[$0] }, keyColumn: keyColumn)
      let path = finder.best()
      let residual = own.indices.filter { !path.fulfilled.contains($0) }.map { own[$0] }
      return TableScanStep(reader, path: path, conditions: residual, title: input.name)
    }
  }

  // MARK: Conditions

  private mutating func place(_ input: JoinInput) {
    for column in input.range { isPlaced[column] = true }
  }

  private func isReady(_ condition: BoundExpression, with input: JoinInput) -> Bool {
    condition.columns.allSatisfy { isPlaced[$0] || input.range.contains($0) }
  }

  /// Takes the conditions whose columns are all there, but for those that a path fulfils.
  private mutating func takeConditions(fulfilledBy path: AccessPath? = nil) -> [BoundExpression] {
    var taken: [BoundExpression] = []
    var left: [BoundExpression] = []
    for (place, condition) in pending.enumerated() {
      if path?.fulfilled.contains(place) ?? false { continue }
      if condition.columns.allSatisfy({ isPlaced[$0] }) {
        taken.append(condition)
      } else {
        left.append(condition)
      }
    }
    pending = left
    return taken
  }

  private mutating func filtered(_ step: any PlanStep) -> any PlanStep {
    let conditions = takeConditions()
    if conditions.isEmpty { return step }
    return FilterStep(step, RowExpressions(conditions, planner.subplans))
  }

  // MARK: Access

  private func path(to input: JoinInput, _ conditions: [BoundExpression]) -> AccessPath? {
    guard case .table(let table) = input.source else { return nil }
    return finder(table, input, conditions).best()
  }

  private func finder(
    _ table: Table, _ input: JoinInput, _ conditions: [BoundExpression]
  ) -> AccessPathFinder {
    let isPlaced = isPlaced
    return AccessPathFinder(
      table: table, offset: input.range.lowerBound, isKnown: { isPlaced[$0] },
      conditions: conditions, subplans: planner.subplans)
  }

  private func reader(_ table: Table, _ input: JoinInput) -> TableReader {
    TableReader(
      table, offset: input.range.lowerBound, width: width,
      isNeeded: input.range.map { isNeeded[$0] }, keyColumn: input.keyColumn)
  }

  /// Puts the columns of an input at their places in the flat row.
  private static func widened(
    _ step: any PlanStep, _ range: Range<Int>, to width: Int
  ) -> any PlanStep {
    if range == 0..<width { return step }
    let outputs = (0..<width).map { column -> BoundExpression in
      range.contains(column)
        ? .column(column - range.lowerBound, .unknown) : .constant(.null, .unknown)
    }
    return ProjectStep(step, RowExpressions(outputs, []))
  }
}

extension JoinTree {
  /// The conditions of its inner joins.
  var innerConditions: [BoundExpression] {
    switch self {
    case .input: []
    case .inner(let left, let right, let own):
      left.innerConditions + right.innerConditions + own
    case .left(let left, _, _): left.innerConditions
    case .full: []
    }
  }
}

extension BoundExpression {
  fileprivate var containsSubquery: Bool {
    var found = false
    walk { node in
      switch node {
      case .scalarSubquery, .exists, .quantified: found = true
      default: break
      }
      return !found
    }
    return found
  }
}
