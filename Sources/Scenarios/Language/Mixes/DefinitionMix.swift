/// Tables that are made, filled and dropped, and an index that is dropped and made anew beside those who write.
///
/// A share of `reads` of the transactions compares that index with its table.
struct DefinitionMix: MixKind {
  let reads: Percentage

  static let name = "definitions"
  static let keys = ["reads"]

  var writes: Bool { reads < .whole }

  func sharesTables(with other: Self) -> Bool { true }

  var rowCount: Int { 0 }

  var simpler: [Self] { [] }

  var plan: PlanFields { [("reads", .value(reads))] }

  func makeScript() -> any TransactionScript { DefinitionScript() }
}

extension DefinitionMix {
  init(reading section: Section) throws(ScenarioError) {
    reads = try section["reads"]?.value() ?? .percent(20)
  }
}
