/// Large transactions: batches of rows that are written, changed or removed as a whole, and scans that read all of them
/// piece by piece.
///
/// A share of `reads` of the transactions are such scans.
struct BatchMix: MixKind {
  let batches: Int
  let rows: Int
  let reads: Percentage

  static let name = "batches"
  static let keys = ["batches", "batch_rows", "reads"]

  var writes: Bool { reads < .whole }

  func sharesTables(with other: Self) -> Bool { batches == other.batches && rows == other.rows }

  var rowCount: Int { 0 }

  var simpler: [Self] {
    Halving.towards(1, from: batches).map { Self(batches: $0, rows: rows, reads: reads) }
      + Halving.towards(1, from: rows).map { Self(batches: batches, rows: $0, reads: reads) }
  }

  var plan: PlanFields {
    [("batches", .value(batches)), ("batch_rows", .value(rows)), ("reads", .value(reads))]
  }

  func makeScript() -> any TransactionScript { BatchScript(batches: batches, rows: rows) }
}

extension BatchMix {
  init(reading section: Section) throws(ScenarioError) {
    batches = try section["batches"]?.value(in: 1...1000) ?? 4
    rows = try section["batch_rows"]?.value(in: 1...10_000) ?? 200
    reads = try section["reads"]?.value() ?? .percent(30)
  }
}
