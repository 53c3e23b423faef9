import SQL
import Simulation

/// Locks table rows out of which the rows of a join were made: FOR UPDATE and FOR SHARE.
///
/// At READ COMMITTED, a table row that has changed since the statement began is taken as it is now, and
/// the conditions are looked at again. At REPEATABLE READ it is an error.
final class LockRowsStep: PlanStep {
  struct Target {
    let table: Table
    /// The table's columns in the flat row.
    let range: Range<Int>
    /// Where the flat row has the key of the table's row.
    let keyColumn: Int
    let mode: LockMode
    let waiting: LockWaiting
  }

  private let input: any PlanStep
  private let targets: [Target]
  private let conditions: RowExpressions

  init(_ input: any PlanStep, _ targets: [Target], conditions: RowExpressions) {
    (self.input, self.targets, self.conditions) = (input, targets, conditions)
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    Source(input: try input.open(run), step: self, run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step("LockRows")
    text.below(input)
  }

  /// Yields one row at a time, so that a LIMIT above keeps it from locking more.
  private final class Source: RowSource {
    private let input: any RowSource
    private let step: LockRowsStep
    private let run: StatementRun
    private var batch: [Row] = []
    private var position = 0

    init(input: any RowSource, step: LockRowsStep, run: StatementRun) {
      (self.input, self.step, self.run) = (input, step, run)
    }

    func next() async throws -> [Row]? {
      while true {
        while position < batch.count {
          let row = batch[position]
          position += 1
          if let locked = try await lock(row) { return [locked] }
        }
        guard let next = try await input.next() else { return nil }
        batch = next
        position = 0
      }
    }

    /// - Returns: the row with the newest versions in it; `nil` if it is not wanted any more.
    private func lock(_ row: Row) async throws -> Row? {
      var row = row
      var hasChanged = false
      for target in step.targets {
        guard case .bytes(let key) = row[target.keyColumn] else { continue }
        let (found, newest) = try await run.lockRow(
          key, of: target.table, target.mode, waiting: target.waiting)
        switch found {
        case .unchanged, .changedByStatement: break
        case .gone, .skipped: return nil
        case .changed:
          row.replaceSubrange(target.range, with: newest)
          hasChanged = true
        }
      }
      guard hasChanged else { return row }
      if step.conditions.needsSubplans { try await step.conditions.prepare(row, run) }
      return try step.conditions.hold(row, run) ? row : nil
    }
  }
}
