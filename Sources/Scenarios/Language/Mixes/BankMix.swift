/// Transfers between accounts, whose total never changes.
///
/// A share of `audits` of the transactions reads every account and adds them up instead.
struct BankMix: MixKind {
  let accounts: Int
  let initialBalance: Int
  let audits: Percentage

  static let name = "bank"
  static let keys = ["accounts", "initial_balance", "audits"]

  var writes: Bool { audits < .whole }

  func sharesTables(with other: Self) -> Bool {
    accounts == other.accounts && initialBalance == other.initialBalance
  }

  var rowCount: Int { accounts }

  var simpler: [Self] {
    Halving.towards(2, from: accounts).map {
      Self(accounts: $0, initialBalance: initialBalance, audits: audits)
    }
  }

  var plan: PlanFields {
    [
      ("accounts", .value(accounts)), ("initial_balance", .value(initialBalance)),
      ("audits", .value(audits)),
    ]
  }

  func makeScript() -> any TransactionScript {
    BankScript(accounts: accounts, initialBalance: initialBalance)
  }
}

extension BankMix {
  init(reading section: Section) throws(ScenarioError) {
    accounts = try section["accounts"]?.value(in: 2...100_000) ?? 50
    initialBalance = try section["initial_balance"]?.value(in: 1...1_000_000) ?? 1000
    audits = try section["audits"]?.value() ?? .percent(10)
  }
}

extension Mix {
  public static func bank(accounts: Int, initialBalance: Int, audits: Percentage) -> Mix {
    Mix(BankMix(accounts: accounts, initialBalance: initialBalance, audits: audits))
  }
}
