/// A kind of transactions: its name and keys in a scenario, its plan, and the script that carries it out.
///
/// The rest of the language knows ``Mix`` only, and the rest of a run knows ``TransactionScript`` only. What
/// a mix promises, its script judges: see ``TransactionScript/judgements(of:)``.
protocol MixKind: Equatable, Sendable {
  /// As a scenario writes it under `mix`.
  static var name: String { get }
  /// What a workload of this mix may say besides what every workload may.
  static var keys: [String] { get }

  init(reading section: Section) throws(ScenarioError)

  /// Its keys with their values, in the order of the reference.
  var plan: PlanFields { get }
  /// Whether any of its transactions writes.
  var writes: Bool { get }
  /// Whether both could run over one set of tables.
  func sharesTables(with other: Self) -> Bool
  /// Rows of its tables before the first transaction.
  var rowCount: Int { get }
  /// The same with smaller tables, the smallest first; empty if there is nothing to take away.
  var simpler: [Self] { get }

  /// A script for the tables of this mix.
  func makeScript() -> any TransactionScript
}

extension MixKind {
  func isEqual(to other: any MixKind) -> Bool { (other as? Self).map { $0 == self } ?? false }

  /// Mixes of two kinds have tables of their own, and never disagree on their size.
  func mayShareTables(with other: any MixKind) -> Bool {
    (other as? Self).map(sharesTables) ?? true
  }

  var anySimpler: [Mix] { simpler.map { Mix($0) } }
}
