/// Counters that are counted up: by a row lock that is taken before the counter is read, or by an update on the
/// condition that it still says what was read.
///
/// A share of `reads` of the transactions compares a counter with the steps that are written down.
struct CounterMix: MixKind {
  let counters: Int
  let reads: Percentage

  static let name = "counters"
  static let keys = ["counters", "reads"]

  var writes: Bool { reads < .whole }

  func sharesTables(with other: Self) -> Bool { counters == other.counters }

  var rowCount: Int { counters }

  var simpler: [Self] {
    Halving.towards(1, from: counters).map { Self(counters: $0, reads: reads) }
  }

  var plan: PlanFields { [("counters", .value(counters)), ("reads", .value(reads))] }

  func makeScript() -> any TransactionScript { CounterScript(counters: counters) }
}

extension CounterMix {
  init(reading section: Section) throws(ScenarioError) {
    counters = try section["counters"]?.value(in: 1...10_000) ?? 5
    reads = try section["reads"]?.value() ?? .percent(20)
  }
}
