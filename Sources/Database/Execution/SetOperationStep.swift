import OrderedCollections
import SQL
import Simulation

/// UNION, INTERSECT and EXCEPT of two streams of rows.
///
/// With ALL, INTERSECT and EXCEPT count how often a row comes on each side; without, each row comes
/// out once. The order is that of the left side, then the right.
final class SetOperationStep: PlanStep {
  private let operation: SetOperation
  private let keepsDuplicates: Bool
  private let left: any PlanStep
  private let right: any PlanStep

  init(
    _ operation: SetOperation, keepsDuplicates: Bool, _ left: any PlanStep, _ right: any PlanStep
  ) {
    self.operation = operation
    self.keepsDuplicates = keepsDuplicates
    self.left = left
    self.right = right
  }

  func open(_ run: StatementRun) throws -> any RowSource {
    let (left, right) = (try left.open(run), try right.open(run))
    if operation == .union {
      let both = ConcatenationSource(left, right)
      return keepsDuplicates ? both : UniqueSource(both)
    }
    return CountingSource(
      keepsCommon: operation == .intersect, keepsDuplicates: keepsDuplicates, left, right)
  }

  func explain(_ text: inout PlanText) {
    let all = keepsDuplicates ? " All" : ""
    switch operation {
    case .union: text.step(keepsDuplicates ? "Append" : "HashAggregate")
    case .intersect: text.step("HashSetOp Intersect\(all)")
    case .except: text.step("HashSetOp Except\(all)")
    }
    text.below(left)
    text.below(right)
  }

  private final class ConcatenationSource: RowSource {
    private var left: (any RowSource)?
    private let right: any RowSource

    init(_ left: any RowSource, _ right: any RowSource) { (self.left, self.right) = (left, right) }

    func next() async throws -> [Row]? {
      if let left {
        if let batch = try await left.next() { return batch }
        self.left = nil
      }
      return try await right.next()
    }
  }

  private final class UniqueSource: RowSource {
    private let input: any RowSource
    private var seen = OrderedSet<Row>()

    init(_ input: any RowSource) { self.input = input }

    func next() async throws -> [Row]? {
      while let batch = try await input.next() {
        let kept = batch.filter { seen.append($0).inserted }
        if !kept.isEmpty { return kept }
      }
      return nil
    }
  }

  private final class CountingSource: RowSource {
    private let keepsCommon: Bool
    private let keepsDuplicates: Bool
    private let left: any RowSource
    private var right: (any RowSource)?
    /// How many rows of the right side are not used up.
    private var counts: OrderedDictionary<Row, Int> = [:]
    private var seen = OrderedSet<Row>()

    init(
      keepsCommon: Bool, keepsDuplicates: Bool, _ left: any RowSource, _ right: any RowSource
    ) {
      self.keepsCommon = keepsCommon
      self.keepsDuplicates = keepsDuplicates
      (self.left, self.right) = (left, right)
    }

    func next() async throws -> [Row]? {
      if let right {
        while let batch = try await right.next() {
          for row in batch { counts[row, default: 0] += 1 }
        }
        self.right = nil
      }
      while let batch = try await left.next() {
        let kept = batch.filter(keeps)
        if !kept.isEmpty { return kept }
      }
      return nil
    }

    private func keeps(_ row: Row) -> Bool {
      let count = counts[row] ?? 0
      guard keepsDuplicates else {
        return (count > 0) == keepsCommon && seen.append(row).inserted
      }
      if count > 0 { counts[row] = count - 1 }
      return (count > 0) == keepsCommon
    }
  }
}
