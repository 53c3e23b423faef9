import SQL
import Simulation

/// For each row of the outer input, the rows of an inner one that is run anew with what it reads of it.
final class LateralJoinStep: PlanStep {
  private let outer: any PlanStep
  /// Its rows have just the columns of `range`.
  private let inner: any PlanStep
  private let range: Range<Int>
  /// The parameters that stand for what is read of the outer row, and that over the flat row.
  private let slots: [Int]
  private let arguments: [BoundExpression]
  /// Over the flat row of a pair.
  private let conditions: RowExpressions
  /// Whether an outer row without a match is kept, with NULLs.
  private let isOuter: Bool

  init(
    _ outer: any PlanStep, _ inner: any PlanStep, range: Range<Int>, slots: [Int],
    arguments: [BoundExpression], conditions: RowExpressions, isOuter: Bool
  ) {
    (self.outer, self.inner, self.range) = (outer, inner, range)
    (self.slots, self.arguments) = (slots, arguments)
    (self.conditions, self.isOuter) = (conditions, isOuter)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(outer: try outer.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step(isOuter ? "Nested Loop Left Join" : "Nested Loop")
    text.below(outer)
    text.below(inner)
  }

  private final class Source: RowSource {
    private let outer: any RowSource
    private let step: LateralJoinStep
    private let run: StatementRun

    init(outer: any RowSource, step: LateralJoinStep, run: StatementRun) {
      (self.outer, self.step, self.run) = (outer, step, run)
    }

    func next() async throws -> [Row]? {
      while let batch = try await outer.next() {
        var joined: [Row] = []
        for row in batch {
          try run.checkForInterrupt()
          let before = joined.count
          try await match(row, into: &joined)
          try await run.keepPace()
          if step.isOuter, joined.count == before { joined.append(row) }
        }
        if !joined.isEmpty { return joined }
      }
      return nil
    }

    private func match(_ outer: Row, into joined: inout [Row]) async throws {
      for (slot, argument) in zip(step.slots, step.arguments) {
        run.parameters[slot] = try run.evaluate(argument, outer)
      }
      let inner = try step.inner.open(run)
      var pair = outer
      while let batch = try await inner.next() {
        run.work.rowsScanned += batch.count
        for row in batch {
          for column in step.range { pair[column] = row[column - step.range.lowerBound] }
          if step.conditions.needsSubplans { try await step.conditions.prepare(pair, run) }
          if try step.conditions.hold(pair, run) { joined.append(pair) }
        }
      }
    }
  }
}
