import SQL
import Simulation

/// Puts all rows into an order; rows whose keys are equal stay in the order in which they came.
final class SortStep: PlanStep {
  private let input: any PlanStep
  private let ordering: [BoundOrdering]
  private let keys: RowExpressions

  /// - Parameter subplans: all of the statement's.
  init(_ input: any PlanStep, _ ordering: [BoundOrdering], _ subplans: [Subplan]) {
    self.input = input
    self.ordering = ordering
    keys = RowExpressions(ordering.map(\.expression), subplans)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(input: try input.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step("Sort")
    text.below(input)
  }

  private final class Source: RowSource {
    private var input: (any RowSource)?
    private let step: SortStep
    private let run: StatementRun
    private var sorted: [Row] = []
    private var position = 0

    init(input: any RowSource, step: SortStep, run: StatementRun) {
      (self.input, self.step, self.run) = (input, step, run)
    }

    func next() async throws -> [Row]? {
      if let input {
        sorted = try await sort(input)
        self.input = nil
      }
      guard position < sorted.count else { return nil }
      let end = min(position + BatchSize.largest, sorted.count)
      defer { position = end }
      return Array(sorted[position..<end])
    }

    private func sort(_ input: any RowSource) async throws -> [Row] {
      var rows: [Row] = []
      var keys: [Row] = []
      while let batch = try await input.next() {
        for row in batch {
          if step.keys.needsSubplans { try await step.keys.prepare(row, run) }
          var key: Row = []
          try step.keys.evaluate(row, run, into: &key)
          keys.append(key)
          rows.append(row)
        }
        try await run.settle()
      }
      var places = Array(rows.indices)
      // The place breaks ties, so that the result does not depend on the algorithm.
      places.sort { left, right in
        for (index, ordering) in step.ordering.enumerated() {
          let order = ordering.order(keys[left][index], keys[right][index])
          if order != 0 { return order < 0 }
        }
        return left < right
      }
      return places.map { rows[$0] }
    }
  }
}
