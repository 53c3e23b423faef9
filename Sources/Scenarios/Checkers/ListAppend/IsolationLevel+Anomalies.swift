/// What an isolation level promises, in terms of the anomalies that it forbids.
///
/// Sources: Adya, Liskov and O'Neil, "Generalized Isolation Level Definitions", ICDE 2000; Cerone and
/// Gotsman, "Analysing Snapshot Isolation", PODC 2016; PostgreSQL's manual, chapter 13.
extension Scenario.IsolationLevel {
  public func forbids(_ kind: Anomaly.Kind) -> Bool {
    switch kind {
    case .unknownElement, .duplicateElement, .internalInconsistency, .incompatibleOrder,
      .lostAppend, .abortedRead, .intermediateRead, .writeCycle, .informationCycle:
      true
    case .unrepeatableRead, .lostUpdate, .singleAntiDependency, .nonadjacentAntiDependencies:
      self >= .repeatableRead
    case .antiDependencyCycle:
      self >= .serializable
    }
  }

  /// The weakest level that forbids an anomaly.
  static func weakest(against kind: Anomaly.Kind) -> Self {
    allCases.first { $0.forbids(kind) } ?? .serializable
  }
}
