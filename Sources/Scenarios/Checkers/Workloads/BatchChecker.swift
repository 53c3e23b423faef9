public import Simulation

/// Batches of rows that are written, changed and removed as a whole: whoever sees one sees all of it, with one stamp.
public struct BatchChecker: Checker {
  public enum Observation: Sendable {
    case batch(by: String, batch: Int64, rows: Int64, stamps: ClosedRange<Int64>)
    /// Rows were read one after the other: their keys, in the order in which they came.
    case order(by: String, [Int64])
  }

  private let rowsPerBatch: Int
  public private(set) var batchCount = 0

  public init(rowsPerBatch: Int) { self.rowsPerBatch = rowsPerBatch }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .batch(let reader, let batch, let rows, let stamps):
      batchCount += 1
      guard rows != Int64(rowsPerBatch) || stamps.lowerBound != stamps.upperBound else {
        return nil
      }
      return violation(
        now,
        "\(reader) saw \(rows) of the \(rowsPerBatch) rows of batch \(batch), with stamps from"
          + " \(stamps.lowerBound) to \(stamps.upperBound)")
    case .order(let reader, let keys):
      guard let place = keys.indices.dropFirst().first(where: { keys[$0] <= keys[$0 - 1] }) else {
        return nil
      }
      return violation(now, "\(reader) read row \(keys[place]) after row \(keys[place - 1])")
    }
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.largeTransactionsWhole, at: now, evidence: evidence)
  }
}
