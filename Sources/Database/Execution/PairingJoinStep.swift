import OrderedCollections
import SQL
import Simulation

/// Joins by keeping all rows of the inner input in memory and pairing each outer row with those that fit.
///
/// With keys, the inner rows stand in a hash table under theirs (a hash join); without, every outer row
/// meets every inner row. In both cases the result has the order of the outer rows, and for each of them
/// that of the inner rows: the table is only ever asked, never walked.
final class PairingJoinStep: PlanStep {
  enum Kind {
    case inner
    /// An outer row without a match is kept, with NULLs.
    case left
    /// So is, behind all others, an inner row without a match, in a row of `width` columns.
    case full(width: Int)
  }

  private let outer: any PlanStep
  /// Its rows have just the columns of `range`, and the key of the table's row behind them if one is wanted.
  private let inner: any PlanStep
  private let range: Range<Int>
  private let keyColumn: Int?
  /// Over the flat row, and over the inner row; a pair must agree in all.
  private let outerKeys: [BoundExpression]
  private let innerKeys: [BoundExpression]
  /// Over the flat row of a pair.
  private let conditions: RowExpressions
  private let kind: Kind

  init(
    _ outer: any PlanStep, _ inner: any PlanStep, range: Range<Int>, keyColumn: Int?,
    outerKeys: [BoundExpression], innerKeys: [BoundExpression], conditions: RowExpressions,
    kind: Kind
  ) {
    (self.outer, self.inner, self.range, self.keyColumn) = (outer, inner, range, keyColumn)
    (self.outerKeys, self.innerKeys) = (outerKeys, innerKeys)
    (self.conditions, self.kind) = (conditions, kind)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(outer: try outer.open(run), inner: try inner.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    let method = outerKeys.isEmpty ? "Nested Loop" : "Hash"
    switch kind {
    case .inner: text.step(outerKeys.isEmpty ? method : "\(method) Join")
    case .left: text.step("\(method) Left Join")
    case .full: text.step("\(method) Full Join")
    }
    text.below(outer)
    text.below { text in
      text.step(outerKeys.isEmpty ? "Materialize" : "Hash")
      text.below(inner)
    }
  }

  private final class Source: RowSource {
    private let outer: any RowSource
    private var inner: (any RowSource)?
    private let step: PairingJoinStep
    private let run: StatementRun
    private var rows: [Row] = []
    /// For each key, the places of its rows.
    private var places: OrderedDictionary<Row, [Int]> = [:]
    /// In a full join, the inner rows that have met an outer one.
    private var isMatched: [Bool] = []

    init(outer: any RowSource, inner: any RowSource, step: PairingJoinStep, run: StatementRun) {
      (self.outer, self.inner, self.step, self.run) = (outer, inner, step, run)
    }

    func next() async throws -> [Row]? {
      if let inner {
        try await gather(inner)
        self.inner = nil
      }
      while let batch = try await outer.next() {
        try run.checkForInterrupt()
        var joined: [Row] = []
        for row in batch {
          let before = joined.count
          try await match(row, into: &joined)
          try await run.keepPace()
          switch step.kind {
          case .inner: break
          case .left, .full: if joined.count == before { joined.append(row) }
          }
        }
        if !joined.isEmpty { return joined }
      }
      return unmatched()
    }

    /// The inner rows of a full join that have met no outer one.
    private func unmatched() -> [Row]? {
      guard case .full(let width) = step.kind, !rows.isEmpty else { return nil }
      var left: [Row] = []
      for (place, inner) in rows.enumerated() where !isMatched[place] {
        var row = Row(repeating: .null, count: width)
        for column in step.range { row[column] = inner[column - step.range.lowerBound] }
        left.append(row)
      }
      rows = []
      return left.isEmpty ? nil : left
    }

    private func gather(_ inner: any RowSource) async throws {
      while let batch = try await inner.next() {
        for row in batch {
          if step.innerKeys.isEmpty {
            rows.append(row)
          } else if let key = try key(step.innerKeys, row) {
            places[key, default: []].append(rows.count)
            rows.append(row)
          } else if case .full = step.kind {
            rows.append(row)
          }
        }
      }
      if case .full = step.kind { isMatched = Array(repeating: false, count: rows.count) }
    }

    /// The values of a key; `nil` if one is NULL, to which nothing is equal.
    private func key(_ expressions: [BoundExpression], _ row: Row) throws(SQLError) -> Row? {
      var key: Row = []
      for expression in expressions {
        let value = try expression.evaluate(
          row: row, parameters: run.parameters, context: run)
        if value.isNull { return nil }
        key.append(value)
      }
      return key
    }

    private func match(_ outer: Row, into joined: inout [Row]) async throws {
      var pair = outer
      if step.innerKeys.isEmpty {
        run.work.rowsScanned += rows.count
        for place in rows.indices { try await add(place, to: &pair, into: &joined) }
      } else if let key = try key(step.outerKeys, outer), let matches = places[key] {
        run.work.rowsScanned += matches.count
        for place in matches { try await add(place, to: &pair, into: &joined) }
      }
    }

    private func add(_ place: Int, to pair: inout Row, into joined: inout [Row]) async throws {
      let inner = rows[place]
      for column in step.range { pair[column] = inner[column - step.range.lowerBound] }
      if let keyColumn = step.keyColumn { pair[keyColumn] = inner[step.range.count] }
      if step.conditions.needsSubplans { try await step.conditions.prepare(pair, run) }
      guard try step.conditions.hold(pair, run) else { return }
      joined.append(pair)
      if case .full = step.kind { isMatched[place] = true }
    }
  }
}
