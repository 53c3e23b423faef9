extension Invariant {
  public static let isolation: Invariant = .init(
    5, "isolation", "transactions are isolated as their level promises",
    source: "Adya, Liskov and O'Neil, ICDE 2000; Kingsbury and Alvaro, VLDB 2020",
    hasLevels: true, impossibility: { $0.missesMix(ListAppendMix.name) }, judge: nil)
}

extension Scenario.ClaimedInvariant {
  public static func isolation(_ level: Scenario.IsolationLevel) -> Self {
    Self(.isolation, at: level)
  }
}
