import SQL
import Simulation

/// The rows of one table that an access path leads to and that fulfil the remaining conditions.
final class TableScanStep: PlanStep {
  private let reader: TableReader
  private let keys: KeyRangeBuilder
  /// Without subqueries that depend on the row.
  private let conditions: [BoundExpression]
  private let title: String

  init(_ reader: TableReader, path: AccessPath, conditions: [BoundExpression], title: String) {
    self.reader = reader
    keys = KeyRangeBuilder(path, of: reader.table)
    self.conditions = conditions
    self.title = title
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    if keys.path.isPoint, keys.path.index == nil {
      return LookupSource(step: self, key: try keys.key([], run), run: run)
    }
    guard let range = try keys.range([], run) else { return RowListSource([]) }
    return ScanSource(step: self, scan: reader.open(keys.path, range, run), run: run)
  }

  func explain(_ text: inout PlanText) {
    text.step(ExpressionText.scan(keys.path, of: reader.table, title))
    ExpressionText.describe(keys.path, of: reader.table, conditions, &text)
  }

  private final class LookupSource: RowSource {
    private let step: TableScanStep
    private var key: [UInt8]?
    private let run: StatementRun

    init(step: TableScanStep, key: [UInt8]?, run: StatementRun) {
      (self.step, self.key, self.run) = (step, key, run)
    }

    func next() async throws -> [Row]? {
      guard let key else { return nil }
      self.key = nil
      run.work.rowsRead += 1
      let reader = step.reader
      let found = try await run.engine.lookup(key, in: reader.table, view: run.view) { stored in
        key.withUnsafeBytes { reader.row($0, stored) }
      }
      guard let found, try run.allHold(step.conditions, found) else { return nil }
      return [found]
    }
  }

  private final class ScanSource: RowSource {
    private let step: TableScanStep
    private let scan: Scan
    private let run: StatementRun
    private var limit = BatchSize.first
    private var isFirst = true

    init(step: TableScanStep, scan: Scan, run: StatementRun) {
      (self.step, self.scan, self.run) = (step, scan, run)
    }

    func next() async throws -> [Row]? {
      while !scan.isAtEnd {
        try run.checkForInterrupt()
        var rows: [Row] = []
        var failure: SQLError?
        let reader = step.reader
        let conditions = step.conditions
        let run = run
        let count = try await scan.next(limit) { key, stored in
          let row = reader.row(key, stored)
          do throws(SQLError) {
            if try run.allHold(conditions, row) { rows.append(row) }
            return true
          } catch {
            failure = error
            return false
          }
        }
        if isFirst {
          isFirst = false
          run.work.rowsRead += 1
        }
        run.work.rowsScanned += count
        try await run.keepPace()
        if let failure { throw failure }
        limit = min(limit * 2, BatchSize.largest)
        if !rows.isEmpty { return rows }
      }
      return nil
    }
  }
}
