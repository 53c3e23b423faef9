/// What the transactions of a workload do.
///
/// Workloads of the same mix share its tables, and so must agree on their size.
public enum Mix: Equatable, Codable, Sendable {
  /// pgbench's built-in script "TPC-B (sort of)": three updates, a select and an insert.
  ///
  /// As in pgbench there are 10 tellers to a branch, and `scale` branches.
  case pgbenchTPCB(scale: Int, accountsPerBranch: Int)
  /// Transfers between accounts, whose total never changes.
  ///
  /// A share of `audits` of the transactions reads every account and adds them up instead.
  case bank(accounts: Int, initialBalance: Int, audits: Percentage)
  /// Transactions of several operations, each of which appends a unique number to a list or reads
  /// one; from what was read, a checker recovers the order of the transactions.
  case listAppend(keys: Int, operations: ClosedRange<Int>, reads: Percentage)
}

extension Mix {
  static let names = ["pgbench-tpcb", "bank", "list-append"]

  static let parameters: [(mix: String, keys: [String])] = [
    ("pgbench-tpcb", ["scale", "accounts_per_branch"]),
    ("bank", ["accounts", "initial_balance", "audits"]),
    ("list-append", ["keys", "operations", "reads"]),
  ]

  /// The keys of every mix.
  static let keys = parameters.flatMap(\.keys)

  public var name: String {
    switch self {
    case .pgbenchTPCB: "pgbench-tpcb"
    case .bank: "bank"
    case .listAppend: "list-append"
    }
  }

  /// Whether any of its transactions writes.
  public var writes: Bool {
    switch self {
    case .pgbenchTPCB: true
    case .bank(_, _, let audits): audits < .whole
    case .listAppend(_, _, let reads): reads < .whole
    }
  }

  /// Whether both could run over one set of tables.
  func sharesTables(with other: Mix) -> Bool {
    switch (self, other) {
    case (.pgbenchTPCB, .pgbenchTPCB): self == other
    case (.bank(let mine, let myBalance, _), .bank(let theirs, let theirBalance, _)):
      mine == theirs && myBalance == theirBalance
    case (.listAppend(let mine, _, _), .listAppend(let theirs, _, _)): mine == theirs
    default: true
    }
  }

  init(reading section: Section) throws(ScenarioError) {
    let field = try section.required("mix")
    let name = try field.text("the name of a mix")
    guard Self.names.contains(name) else {
      throw field.refusal(.unknownName(name, kind: "mix", known: Self.names))
    }
    for other in Self.parameters where other.mix != name {
      for key in other.keys {
        guard let stray = section[key] else { continue }
        throw stray.refusal(.contradiction("it belongs to the mix \(other.mix), not to \(name)"))
      }
    }
    switch name {
    case "pgbench-tpcb":
      self = .pgbenchTPCB(
        scale: try section["scale"]?.value(in: 1...10_000) ?? 1,
        accountsPerBranch: try section["accounts_per_branch"]?.value(in: 1...100_000) ?? 1000)
    case "bank":
      self = .bank(
        accounts: try section["accounts"]?.value(in: 2...100_000) ?? 50,
        initialBalance: try section["initial_balance"]?.value(in: 1...1_000_000) ?? 1000,
        audits: try section["audits"]?.value() ?? .percent(10))
    default:
      self = .listAppend(
        keys: try section["keys"]?.value(in: 1...100_000) ?? 20,
        operations: try section["operations"]?.operationCounts() ?? 1...4,
        reads: try section["reads"]?.value() ?? .percent(50))
    }
  }

  var plan: [(key: String, value: PlanNode?)] {
    switch self {
    case .pgbenchTPCB(let scale, let accountsPerBranch):
      [("scale", .value(scale)), ("accounts_per_branch", .value(accountsPerBranch))]
    case .bank(let accounts, let initialBalance, let audits):
      [
        ("accounts", .value(accounts)), ("initial_balance", .value(initialBalance)),
        ("audits", .value(audits)),
      ]
    case .listAppend(let keys, let operations, let reads):
      [("keys", .value(keys)), ("operations", .value(operations)), ("reads", .value(reads))]
    }
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
