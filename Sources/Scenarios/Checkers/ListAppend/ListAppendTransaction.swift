public import Simulation

/// One transaction of the list-append workload, as its client saw it.
///
/// Every append to a list has a value of its own, so that a reading of the list tells not only
/// which appends came before it, but in which order: the whole history of that list.
public struct ListAppendTransaction: Codable, Equatable, Sendable {
  public enum Operation: Codable, Equatable, Sendable {
    /// Adds `value` to the end of a list; no other transaction or operation adds the same value to
    /// the same list, retries included.
    case append(list: Int, value: Int)
    /// What the list was found to hold; empty if it did not exist.
    case read(list: Int, values: [Int])
  }

  /// What the client knows of the end.
  public enum Outcome: String, Codable, Sendable {
    /// The commit was acknowledged.
    case committed
    /// It was refused, or never asked for: nothing of it may ever be seen.
    case rolledBack
    /// The commit was sent and no answer came: either may be true.
    case inDoubt
  }

  /// The client, which has at most one transaction at a time.
  public var process: Int
  /// Those that were answered, in their order; a last append of unknown fate belongs here too.
  public var operations: [Operation]
  public var outcome: Outcome
  /// When the client began it.
  public var invoked: Instant
  /// When the client had its answer; `nil` for one in doubt.
  public var completed: Instant?

  public init(
    process: Int, operations: [Operation], outcome: Outcome, invoked: Instant,
    completed: Instant?
  ) {
    self.process = process
    self.operations = operations
    self.outcome = outcome
    self.invoked = invoked
    self.completed = completed
  }
}
