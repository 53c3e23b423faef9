/// Transactions of several parts, some of which are rolled back to a savepoint, or fail and are.
struct SavepointMix: MixKind {
  let tallies: Int

  static let name = "savepoints"
  static let keys = ["tallies"]

  var writes: Bool { true }

  func sharesTables(with other: Self) -> Bool { tallies == other.tallies }

  var rowCount: Int { tallies }

  var simpler: [Self] { Halving.towards(1, from: tallies).map { Self(tallies: $0) } }

  var plan: PlanFields { [("tallies", .value(tallies))] }

  func makeScript() -> any TransactionScript { SavepointScript(tallies: tallies) }
}

extension SavepointMix {
  init(reading section: Section) throws(ScenarioError) {
    tallies = try section["tallies"]?.value(in: 1...10_000) ?? 10
  }
}
