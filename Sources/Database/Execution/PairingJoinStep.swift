import OrderedCollections
import SQL
import Simulation

/// Joins by keeping all rows of the inner input in memory and pairing each outer row with those that fit.
///
/// With keys, the inner rows stand in a hash table under theirs (a hash join); without, every outer row
/// meets every inner row. In both cases the result has the order of the outer rows, and for each of them
/// that of the inner rows: the table is only ever asked, never walked.
final class PairingJoinStep: PlanStep {
  private let outer: any PlanStep
  /// Its rows have just the columns of `range`, and the key of the table's row behind them if one is wanted.
  private let inner: any PlanStep
  private let range: Range<Int>
  private let keyColumn: Int?
  /// Over the flat row, and over the inner row; a pair must agree in all.
  private let outerKeys: [BoundExpression]
  private let innerKeys: [BoundExpression]
  /// Over the flat row of a pair.
  private let conditions: [BoundExpression]
  private let isOuter: Bool

  init(
    _ outer: any PlanStep, _ inner: any PlanStep, range: Range<Int>, keyColumn: Int?,
    outerKeys: [BoundExpression], innerKeys: [BoundExpression], conditions: [BoundExpression],
    isOuter: Bool
  ) {
    (self.outer, self.inner, self.range, self.keyColumn) = (outer, inner, range, keyColumn)
    (self.outerKeys, self.innerKeys) = (outerKeys, innerKeys)
    (self.conditions, self.isOuter) = (conditions, isOuter)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(outer: try outer.open(run), inner: try inner.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    let kind = outerKeys.isEmpty ? "Nested Loop" : "Hash"
    text.step(
      isOuter ? "\(kind) Left Join" : (outerKeys.isEmpty ? kind : "\(kind) Join"))
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
          try match(row, into: &joined)
          if step.isOuter, joined.count == before { joined.append(row) }
        }
        if !joined.isEmpty { return joined }
      }
      return nil
    }

    private func gather(_ inner: any RowSource) async throws {
      while let batch = try await inner.next() {
        for row in batch {
          if step.innerKeys.isEmpty {
            rows.append(row)
          } else if let key = try key(step.innerKeys, row) {
            places[key, default: []].append(rows.count)
            rows.append(row)
          }
        }
      }
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

    private func match(_ outer: Row, into joined: inout [Row]) throws(SQLError) {
      var pair = outer
      if step.innerKeys.isEmpty {
        for row in rows { try add(row, to: &pair, into: &joined) }
      } else if let key = try key(step.outerKeys, outer), let matches = places[key] {
        for place in matches { try add(rows[place], to: &pair, into: &joined) }
      }
    }

    private func add(
      _ inner: Row, to pair: inout Row, into joined: inout [Row]
    ) throws(SQLError) {
      for column in step.range { pair[column] = inner[column - step.range.lowerBound] }
      if let keyColumn = step.keyColumn { pair[keyColumn] = inner[step.range.count] }
      if try run.allHold(step.conditions, pair) { joined.append(pair) }
    }
  }
}
