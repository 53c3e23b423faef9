extension Invariant {
  public static let bankTotalConstant: Invariant = .init(
    4, "bank_total_constant", "the total of all accounts never changes",
    source: "the workload's own arithmetic: transfers move money, and make none",
    impossibility: { $0.missesMix(BankMix.name) }, judge: nil)
}

extension Scenario.ClaimedInvariant {
  public static let bankTotalConstant = Self(.bankTotalConstant)
}

extension Scenario {
  /// Why an invariant of a mix would never be checked; `nil` if some workload has the mix.
  func missesMix(_ name: String) -> String? {
    workloads.contains { $0.mix.name == name }
      ? nil : "no workload has the mix \(name), so nothing would be checked"
  }
}
