import SQL

/// The values of one row, in the order of its columns.
typealias Row = [Value]

/// One step of a plan: makes a stream of rows, usually out of those of the steps below it.
///
/// ```
///   Limit ── Project ── Sort ── Join ─┬─ table scan         a plan is a tree of steps, built once;
///                                     └─ table scan         an execution is a tree of row sources
/// ```
///
/// A step knows nothing of executions and may be run by any number of sessions; what an execution
/// remembers lives in the ``RowSource`` that `open` returns.
protocol PlanStep: AnyObject {
  func open(_ run: StatementRun) throws -> any RowSource

  /// Adds its lines to the text of EXPLAIN.
  func explain(_ text: inout PlanText)
}

/// The rows of one execution of a step, in batches.
protocol RowSource: AnyObject {
  /// The next rows: never an empty batch, and `nil` once there are no more.
  func next() async throws -> [Row]?
}

/// How many rows steps hand on at once. The first batch of a scan is small, for a LIMIT above may want
/// no more; each further one is twice as large.
enum BatchSize {
  static let first = 8
  static let largest = 256
}

extension RowSource {
  /// All rows that are left.
  func drain() async throws -> [Row] {
    guard var rows = try await next() else { return [] }
    while let batch = try await next() { rows.append(contentsOf: batch) }
    return rows
  }
}

/// The text of EXPLAIN, line by line, indented as PostgreSQL does.
struct PlanText {
  private(set) var lines: [String] = []
  private var depth = 0

  /// A line for a step.
  mutating func step(_ title: String) {
    lines.append(
      depth == 0 ? title : String(repeating: " ", count: depth * 6 - 4) + "->  " + title)
  }

  /// A line about the step above.
  mutating func detail(_ name: String, _ text: String) {
    lines.append(String(repeating: " ", count: depth * 6 + 2) + "\(name): \(text)")
  }

  /// The steps below the one just named.
  mutating func below(_ body: (inout PlanText) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  mutating func below(_ step: any PlanStep) { below { step.explain(&$0) } }
}
