/// Names that are taken, given up and passed on under a unique key, and found by another index.
///
/// A share of `reads` of the transactions compares what an index gives with what the table gives.
struct RegistryMix: MixKind {
  let names: Int
  let reads: Percentage

  static let name = "registry"
  static let keys = ["names", "reads"]

  var writes: Bool { reads < .whole }

  func sharesTables(with other: Self) -> Bool { names == other.names }

  var rowCount: Int { names }

  var simpler: [Self] { Halving.towards(2, from: names).map { Self(names: $0, reads: reads) } }

  var plan: PlanFields { [("names", .value(names)), ("reads", .value(reads))] }

  func makeScript() -> any TransactionScript { RegistryScript(names: names) }
}

extension RegistryMix {
  init(reading section: Section) throws(ScenarioError) {
    names = try section["names"]?.value(in: 2...100_000) ?? 20
    reads = try section["reads"]?.value() ?? .percent(25)
  }
}
