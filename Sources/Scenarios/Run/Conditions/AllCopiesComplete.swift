extension Scenario.Condition {
  /// All six copies of every protection group are complete up to the VDL.
  public static let allCopiesComplete = Self(
    "all_copies_complete", .looks { $0.copiesAreComplete })
}
