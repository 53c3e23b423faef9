public import Simulation

/// Counters that are only ever counted up by one, each step written down beside it by the same transaction.
///
/// At every instant, and so in every reading, a counter has as many steps as it says; at the end its steps are the numbers
/// from one on, each once. A counter that two transactions have counted up from the same number, as one of them must not,
/// has a step twice, or more steps than it says.
public struct CounterChecker: Checker {
  public enum Observation: Sendable {
    /// A counter and its steps, read by one statement.
    case read(by: String, counter: Int, value: Int64, steps: Int64)
    /// An update of one counter by its key has changed so many rows.
    case changed(by: String, counter: Int, rows: Int)
    /// At the end: a counter, and its steps in their order.
    case left(counter: Int, value: Int64, steps: [Int64])
  }

  public private(set) var readCount = 0
  public private(set) var stepCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .read(let reader, let counter, let value, let steps):
      readCount += 1
      guard value != steps else { return nil }
      return violation(now, "\(reader) read counter \(counter) at \(value), with \(steps) steps")
    case .changed(let writer, let counter, let rows):
      guard rows > 1 else { return nil }
      return violation(now, "\(writer) changed counter \(counter) in \(rows) rows")
    case .left(let counter, let value, let steps):
      stepCount += steps.count
      if let place = steps.indices.first(where: { steps[$0] != Int64($0) + 1 }) {
        return violation(
          now,
          "step \(place + 1) of counter \(counter) is \(steps[place]), of \(steps.count) in all")
      }
      guard value != Int64(steps.count) else { return nil }
      return violation(now, "counter \(counter) is at \(value), with \(steps.count) steps")
    }
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.noLostUpdate, at: now, evidence: evidence)
  }
}
