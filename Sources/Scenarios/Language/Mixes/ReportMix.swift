/// Long reports in one snapshot, which read the same rows again and again beside transactions that change them.
///
/// A share of `reads` of the transactions are such reports.
struct ReportMix: MixKind {
  let rows: Int
  let reads: Percentage

  static let name = "reports"
  static let keys = ["report_rows", "reads"]

  var writes: Bool { reads < .whole }

  func sharesTables(with other: Self) -> Bool { rows == other.rows }

  var rowCount: Int { rows }

  var simpler: [Self] { Halving.towards(2, from: rows).map { Self(rows: $0, reads: reads) } }

  var plan: PlanFields { [("report_rows", .value(rows)), ("reads", .value(reads))] }

  func makeScript() -> any TransactionScript { ReportScript(rows: rows) }
}

extension ReportMix {
  init(reading section: Section) throws(ScenarioError) {
    rows = try section["report_rows"]?.value(in: 2...10_000) ?? 30
    reads = try section["reads"]?.value() ?? .percent(15)
  }
}
