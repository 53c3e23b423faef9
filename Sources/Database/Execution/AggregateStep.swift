import OrderedCollections
import SQL
import Simulation

/// Gathers rows into groups and yields one row for each: its keys, then its aggregates.
///
/// Groups come out in the order in which their first rows came in.
final class AggregateStep: PlanStep {
  private let input: any PlanStep
  private let keys: RowExpressions
  private let aggregates: [BoundAggregate]
  /// What the aggregates read, for the subqueries in it.
  private let arguments: RowExpressions

  /// - Parameter keys: if empty, all rows are one group, which exists even without rows.
  init(
    _ input: any PlanStep, keys: [BoundExpression], aggregates: [BoundAggregate],
    _ subplans: [Subplan]
  ) {
    self.input = input
    self.keys = RowExpressions(keys, subplans)
    self.aggregates = aggregates
    arguments = RowExpressions(
      aggregates.flatMap { aggregate in
        aggregate.arguments + (aggregate.filter.map { [$0] } ?? [])
          + aggregate.ordering.map(\.expression)
      }, subplans)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(input: try input.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step(keys.isEmpty ? "Aggregate" : "HashAggregate")
    text.below(input)
  }

  private final class Source: RowSource {
    private var input: (any RowSource)?
    private let step: AggregateStep
    private let run: StatementRun
    private var places: OrderedDictionary<Row, Int> = [:]
    /// The states of all groups, those of one group side by side.
    private var states: [AggregateState] = []

    init(input: any RowSource, step: AggregateStep, run: StatementRun) {
      (self.input, self.step, self.run) = (input, step, run)
    }

    func next() async throws -> [Row]? {
      guard let input else { return nil }
      if step.keys.isEmpty { _ = place(of: []) }
      while let batch = try await input.next() {
        for row in batch { try await accumulate(row) }
        try await run.settle()
      }
      self.input = nil
      var rows: [Row] = []
      rows.reserveCapacity(places.count)
      for (key, place) in places {
        var row = key
        for state in states[place..<place + step.aggregates.count] {
          row.append(try state.result())
        }
        rows.append(row)
      }
      states = []
      return rows.isEmpty ? nil : rows
    }

    private func accumulate(_ row: Row) async throws {
      if step.keys.needsSubplans { try await step.keys.prepare(row, run) }
      var key: Row = []
      try step.keys.evaluate(row, run, into: &key)
      if step.arguments.needsSubplans { try await step.arguments.prepare(row, run) }
      let place = place(of: key)
      for index in place..<place + step.aggregates.count {
        try states[index].accumulate(row: row, parameters: run.parameters, context: run)
      }
    }

    private func place(of key: Row) -> Int {
      if let place = places[key] { return place }
      let place = states.count
      places[key] = place
      for aggregate in step.aggregates { states.append(AggregateState(aggregate)) }
      return place
    }
  }
}
