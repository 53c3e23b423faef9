public import Simulation

/// Judges the isolation of a history of list-append transactions.
///
///     observe ─► ListAppendHistory ─► VersionOrder per list ─┬─► ReadingInspection: what one
///                everything numbered   the longest reading   │   reading or list proves by itself
///                                                            └─► DependencyGraph ─► CycleInspection
///                                                                ww, wr, rw edges   one witness per
///                                                                                   component
///
/// Because every value is unique, a reading of a list is the whole history of that list: it gives
/// the order of the versions for nothing, and with it every dependency between transactions. What
/// would take exponential time for plain registers takes time linear in the length of the history.
/// An isolation level is then a set of forbidden cycles.
///
/// What it cannot see: the place of an append that nobody read. The workload therefore ends with a
/// reading of every list, which also tells the lost appends. Readings of transactions that did not
/// commit are ignored; appends of those in doubt count as committed once somebody has read them.
///
/// Sources: Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental
/// Observations", VLDB 2020; Adya, Liskov and O'Neil, ICDE 2000. We differ: snapshot isolation is
/// decided by one linear search over pairs of transaction and last edge.
public struct ListAppendChecker: Checker {
  public enum Observation: Sendable {
    /// In any order in which each client's transactions stay in theirs.
    case transaction(ListAppendTransaction)
    /// What a list holds when all is over; empty if it does not exist. Once for every list.
    case finalReading(list: Int, values: [Int])
  }

  /// What else orders transactions, besides what they read and wrote.
  public enum Strictness: String, CaseIterable, Codable, Sendable {
    /// Nothing: a reader may be behind.
    case none
    /// A client's transactions take effect in their order.
    case session
    /// A transaction takes effect before any that began after it was over.
    case realTime = "real time"
  }

  public let promise: Scenario.IsolationLevel
  public let strictness: Strictness

  private var transactions: [ListAppendTransaction] = []
  private var finalReadings: [(list: Int, values: [Int])] = []

  public init(promise: Scenario.IsolationLevel, strictness: Strictness = .none) {
    self.promise = promise
    self.strictness = strictness
  }

  /// - Returns: always `nil`: isolation can only be judged as a whole.
  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .transaction(let transaction): transactions.append(transaction)
    case .finalReading(let list, let values): finalReadings.append((list, values))
    }
    return nil
  }

  /// One violation for each listed anomaly that the promise forbids.
  public func finish(at end: Instant) -> [Violation] {
    anomalies(at: end).filter { promise.forbids($0.kind) }.map { anomaly in
      Violation(
        .isolation, at: anomaly.instant, evidence: anomaly.witness,
        level: .weakest(against: anomaly.kind), anomaly: anomaly.kind)
    }
  }

  /// Every anomaly in the history, forbidden or not: the most basic kinds first, of each kind at
  /// most ``AnomalyList/limit`` and a note of how many more there are.
  ///
  /// - Complexity: linear in the number of values read, O(n log n) in the number of dependencies.
  /// - Precondition: no value was appended to a list twice.
  public func anomalies(at end: Instant) -> [Anomaly] {
    let history = ListAppendHistory(transactions, finalReadings: finalReadings, end: end)
    let orders = history.labels.indices.map { VersionOrder(of: $0, in: history) }
    var found = AnomalyList(history: history)
    ReadingInspection(history: history, orders: orders).inspect(into: &found)
    let graph = DependencyGraph(of: history, orders: orders, strictness: strictness)
    CycleInspection(graph: graph, orders: orders).inspect(into: &found)
    return found.sorted()
  }
}
