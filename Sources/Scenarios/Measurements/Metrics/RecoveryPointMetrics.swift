import Simulation

extension MetricFamily {
  static let recoveryPoint = MetricFamily(reservedWord: "rpo") { _ in
    [.lostTransactions, .lostBytes, .lostTime]
  }
}

extension Metric {
  /// `rpo.transactions`: commits that were acknowledged and are missing at the end.
  public static let lostTransactions = loss("rpo.transactions", in: .count) {
    Double($0.lostCount)
  }
  /// `rpo.bytes`: what their clients had sent.
  public static let lostBytes = loss("rpo.bytes", in: .bytes) { Double($0.lostBytes) }
  /// `rpo.time`: the age that the oldest of them had at the moment of the loss.
  public static let lostTime = loss("rpo.time", in: .time) { Double($0.lostTime.nanoseconds) }

  private static func loss(
    _ name: String, in unit: Unit, _ value: @escaping @Sendable (RecoveryPointLedger) -> Double
  ) -> Metric {
    single(name, name, in: unit) { query in
      guard let ledger = query.measurement.record.verification.ledger else {
        return .unknown("the database could not be read at the end")
      }
      return MetricSample(
        value(ledger),
        doubt: ledger.acknowledgedCount == 0
          ? "no client was told of the commit of a transaction that writes" : nil)
    }
  }
}
