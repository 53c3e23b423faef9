/// Transactions of several operations, each of which appends a unique number to a list, reads one, or reads all lists
/// in a range of keys, those that do not exist yet among them; from what was read, a checker recovers the order of the
/// transactions.
struct ListAppendMix: MixKind {
  let keyCount: Int
  let operations: ClosedRange<Int>
  let reads: Percentage
  /// The share of the reads that are of a range.
  let ranges: Percentage

  static let name = "list-append"
  static let keys = ["keys", "operations", "reads", "ranges"]

  var writes: Bool { reads < .whole }

  func sharesTables(with other: Self) -> Bool { keyCount == other.keyCount }

  var rowCount: Int { keyCount }

  var simpler: [Self] {
    Halving.towards(1, from: keyCount).map {
      Self(keyCount: $0, operations: operations, reads: reads, ranges: ranges)
    }
  }

  var plan: PlanFields {
    [
      ("keys", .value(keyCount)), ("operations", .value(operations)), ("reads", .value(reads)),
      ("ranges", .value(ranges)),
    ]
  }

  func makeScript() -> any TransactionScript { ListAppendScript(keys: keyCount) }
}

extension ListAppendMix {
  init(reading section: Section) throws(ScenarioError) {
    keyCount = try section["keys"]?.value(in: 1...100_000) ?? 20
    operations = try section["operations"]?.operationCounts() ?? 1...4
    reads = try section["reads"]?.value() ?? .percent(50)
    ranges = try section["ranges"]?.value() ?? .percent(20)
  }
}

extension Field {
  fileprivate func operationCounts() throws(ScenarioError) -> ClosedRange<Int> {
    let range: ClosedRange<Int> = try value()
    guard (1...100).contains(range.lowerBound), range.upperBound <= 100 else {
      throw refusal(expected: "a range within 1..100")
    }
    return range
  }
}

extension Mix {
  public static func listAppend(
    keys: Int, operations: ClosedRange<Int>, reads: Percentage, ranges: Percentage = .percent(20)
  ) -> Mix {
    Mix(ListAppendMix(keyCount: keys, operations: operations, reads: reads, ranges: ranges))
  }
}
