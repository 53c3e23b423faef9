/// Who becomes the writer.
///
/// Source: Aurora User Guide, "Fault tolerance for an Aurora DB cluster": the reader of the smallest
/// promotion tier; among equals the largest; among those any, for which we take the order of creation.
/// After five failed attempts tiers no longer count.
enum Election {
  /// - Parameters:
  ///   - members: in order of creation.
  ///   - excluded: who has been tried in vain, and whoever else is not to be elected.
  /// - Returns: `nil` if there is nobody.
  static func candidate(
    among members: [ClusterMember], excluding excluded: [String], ignoringTiers: Bool
  ) -> ClusterMember? {
    let others = members.filter { !excluded.contains($0.id) }
    // An engine that is not open may still open as writer, when nothing else is left.
    return best(of: others.filter(\.isOpenReader), ignoringTiers: ignoringTiers)
      ?? best(of: others.filter(\.isReachable), ignoringTiers: ignoringTiers)
  }

  private static func best(
    of candidates: [ClusterMember], ignoringTiers: Bool
  ) -> ClusterMember? {
    var best: ClusterMember?
    for candidate in candidates {
      guard let leader = best else {
        best = candidate
        continue
      }
      let isBetter =
        if !ignoringTiers, candidate.tier != leader.tier {
          candidate.tier < leader.tier
        } else {
          candidate.rank > leader.rank
        }
      if isBetter { best = candidate }
    }
    return best
  }
}
