/// pgbench's built-in script "TPC-B (sort of)": three updates, a select and an insert.
///
/// As in pgbench there are 10 tellers to a branch, and `scale` branches.
struct TPCBMix: MixKind {
  let scale: Int
  let accountsPerBranch: Int

  static let name = "pgbench-tpcb"
  static let keys = ["scale", "accounts_per_branch"]

  var writes: Bool { true }

  func sharesTables(with other: Self) -> Bool { self == other }

  /// Each branch has ten tellers.
  var rowCount: Int { scale * (accountsPerBranch + 11) }

  var simpler: [Self] {
    Halving.towards(1, from: scale).map { Self(scale: $0, accountsPerBranch: accountsPerBranch) }
      + Halving.towards(1, from: accountsPerBranch).map {
        Self(scale: scale, accountsPerBranch: $0)
      }
  }

  var plan: PlanFields {
    [("scale", .value(scale)), ("accounts_per_branch", .value(accountsPerBranch))]
  }

  func makeScript() -> any TransactionScript {
    TPCBScript(scale: scale, accountsPerBranch: accountsPerBranch)
  }
}

extension TPCBMix {
  init(reading section: Section) throws(ScenarioError) {
    scale = try section["scale"]?.value(in: 1...10_000) ?? 1
    accountsPerBranch = try section["accounts_per_branch"]?.value(in: 1...100_000) ?? 1000
  }
}

extension Mix {
  public static func pgbenchTPCB(scale: Int, accountsPerBranch: Int) -> Mix {
    Mix(TPCBMix(scale: scale, accountsPerBranch: accountsPerBranch))
  }
}
