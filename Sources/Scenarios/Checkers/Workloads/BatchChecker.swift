public import Simulation

/// Batches of rows that are written, changed and removed as a whole: whoever sees one sees all of it, with one stamp.
public struct BatchChecker: Checker {
  public enum Observation: Sendable {
    case batch(by: String, batch: Int64, rows: Int64, stamps: ClosedRange<Int64>)
    /// Rows were read one after the other: their keys, in the order in which they came.
    case order(by: String, [Int64])
    /// At the end: who has stamped a batch last, and whether he has left his entry in the log too.
    case stamped(batch: Int64, stamp: Int64, isLogged: Bool)
    /// At the end: how many transactions have had their turn at a batch, and how many have left an entry in the log.
    case turns(Int64, logged: Int64)
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
    case .stamped(let batch, let stamp, let isLogged):
      return isLogged
        ? nil
        : violation(
          now, "batch \(batch) has stamp \(stamp), of a transaction that is not in the log")
    case .turns(let turns, let logged):
      return turns == logged
        ? nil : violation(now, "\(turns) turns were had at batches, and \(logged) are in the log")
    }
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.largeTransactionsWhole, at: now, evidence: evidence)
  }
}
