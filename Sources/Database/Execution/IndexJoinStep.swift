import SQL
import Simulation

/// For each row of the outer input, the rows of a table that a key made of it leads to.
final class IndexJoinStep: PlanStep {
  private let outer: any PlanStep
  private let reader: TableReader
  private let keys: KeyRangeBuilder
  private let conditions: [BoundExpression]
  /// Whether an outer row without a match is kept, with NULLs.
  private let isOuter: Bool
  private let title: String

  init(
    _ outer: any PlanStep, _ reader: TableReader, path: AccessPath, conditions: [BoundExpression],
    isOuter: Bool, title: String
  ) {
    self.outer = outer
    self.reader = reader
    keys = KeyRangeBuilder(path, of: reader.table)
    self.conditions = conditions
    self.isOuter = isOuter
    self.title = title
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(outer: try outer.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step(isOuter ? "Nested Loop Left Join" : "Nested Loop")
    text.below(outer)
    text.below { text in
      text.step(ExpressionText.scan(keys.path, of: reader.table, title))
      ExpressionText.describe(keys.path, of: reader.table, conditions, &text)
    }
  }

  private final class Source: RowSource {
    private let outer: any RowSource
    private let step: IndexJoinStep
    private let run: StatementRun

    init(outer: any RowSource, step: IndexJoinStep, run: StatementRun) {
      (self.outer, self.step, self.run) = (outer, step, run)
    }

    func next() async throws -> [Row]? {
      while let batch = try await outer.next() {
        var rows: [Row] = []
        for row in batch {
          let before = rows.count
          try await match(row, into: &rows)
          try await run.keepPace()
          if step.isOuter, rows.count == before { rows.append(row) }
        }
        if !rows.isEmpty { return rows }
      }
      return nil
    }

    private func match(_ outer: Row, into rows: inout [Row]) async throws {
      let (reader, run) = (step.reader, run)
      run.work.rowsRead += 1
      if step.keys.path.isPoint, step.keys.path.index == nil {
        guard let key = try step.keys.key(outer, run) else { return }
        let found = try await run.engine.lookup(key, in: reader.table, view: run.view) { stored in
          key.withUnsafeBytes { reader.row(joining: outer, $0, stored) }
        }
        if let found, try run.allHold(step.conditions, found) { rows.append(found) }
        return
      }
      guard let range = try step.keys.range(outer, run) else { return }
      let scan = reader.open(step.keys.path, range, run)
      while !scan.isAtEnd {
        try run.checkForInterrupt()
        var found: [Row] = []
        let count = try await scan.next(BatchSize.largest) { key, stored in
          found.append(reader.row(joining: outer, key, stored))
          return true
        }
        run.work.rowsScanned += count
        try await run.keepPace()
        for row in found where try run.allHold(step.conditions, row) { rows.append(row) }
      }
    }
  }
}
