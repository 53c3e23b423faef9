import OrderedCollections
import SQL
import Simulation

/// WITH RECURSIVE: rows, then what follows from them, round after round, until nothing new follows.
final class RecursiveUnionStep: PlanStep {
  /// The working table that holds the rows of the last round.
  private let number: Int
  private let base: any PlanStep
  private let round: any PlanStep
  private let keepsDuplicates: Bool

  init(_ number: Int, _ base: any PlanStep, _ round: any PlanStep, keepsDuplicates: Bool) {
    (self.number, self.base, self.round) = (number, base, round)
    self.keepsDuplicates = keepsDuplicates
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(try base.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step("Recursive Union")
    text.below(base)
    text.below(round)
  }

  private final class Source: RowSource {
    private let step: RecursiveUnionStep
    private let run: StatementRun
    private var current: any RowSource
    /// What this round has found.
    private var found: [Row] = []
    private var seen = OrderedSet<Row>()

    init(_ base: any RowSource, step: RecursiveUnionStep, run: StatementRun) {
      (current, self.step, self.run) = (base, step, run)
    }

    func next() async throws -> [Row]? {
      while true {
        try run.checkForInterrupt()
        while let batch = try await current.next() {
          run.work.rowsScanned += batch.count
          try await run.keepPace()
          let kept = step.keepsDuplicates ? batch : batch.filter { seen.append($0).inserted }
          found += kept
          if !kept.isEmpty { return kept }
        }
        if found.isEmpty { return nil }
        run.setWorkingTable(step.number, found)
        found = []
        current = try step.round.open(run)
      }
    }
  }
}

/// The rows that the last round of a recursive query has found.
final class WorkingTableStep: PlanStep {
  private let name: String
  private let number: Int

  init(_ name: String, _ number: Int) { (self.name, self.number) = (name, number) }

  func open(_ run: StatementRun) throws -> any RowSource {
    RowListSource(run.workingTable(number))
  }

  func explain(_ text: inout PlanText) { text.step("WorkTable Scan on \(name)") }
}
