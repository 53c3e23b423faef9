extension Scenario.Condition {
  /// All instances are up, one as the writer and the others following it.
  public static let instancesOK = Self("instances_ok", .looks { $0.isWhole })
}
