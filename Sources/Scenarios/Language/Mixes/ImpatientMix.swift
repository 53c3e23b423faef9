/// Clients that go on in a failed transaction, give up waiting for a lock, wait for each other in a circle, or leave
/// without a word, and look what became of it.
struct ImpatientMix: MixKind {
  static let name = "impatient"
  static let keys: [String] = []

  var writes: Bool { true }

  func sharesTables(with other: Self) -> Bool { true }

  var rowCount: Int { 0 }

  var simpler: [Self] { [] }

  var plan: PlanFields { [] }

  func makeScript() -> any TransactionScript { ImpatientScript() }
}

extension ImpatientMix {
  init(reading section: Section) throws(ScenarioError) {}
}
