public import Simulation

/// Which protection group holds a page, and where the six copies of each group live.
///
/// The paper's volume is a concatenation of groups. Ours deals pages out to its groups in extents of
/// eight, so that a small database exercises several groups; a group still holds at most 10 GiB.
///
/// Source: Verbitski et al., SIGMOD 2017, §2.2. We differ in the dealing-out.
public struct VolumeGeometry: Sendable {
  public static let pagesPerExtent: UInt32 = 8
  public static let copiesPerGroup = 6

  public let quorum: Quorum
  /// For each group, the addresses of the six storage nodes that hold a copy: two in each zone.
  public let members: [[Address]]

  /// - Precondition: six members in every group, at least one group.
  public init(quorum: Quorum, members: [[Address]]) {
    precondition(!members.isEmpty, "a volume has at least one protection group")
    precondition(members.allSatisfy { $0.count == Self.copiesPerGroup }, "a group has six copies")
    (self.quorum, self.members) = (quorum, members)
  }

  public var groupCount: Int { members.count }

  /// The storage nodes that hold a copy of anything, in the order in which they first occur.
  public var nodes: [Address] {
    var nodes: [Address] = []
    for member in members.joined() where !nodes.contains(member) { nodes.append(member) }
    return nodes
  }

  /// All copies of one group.
  public func segments(ofGroup group: Int) -> [SegmentID] {
    members[group].indices.map { SegmentID(group: group, copy: $0) }
  }

  /// All copies on one storage node, one for each group that it is a member of.
  public func segments(on node: Address) -> [SegmentID] {
    members.indices.flatMap { group in
      segments(ofGroup: group).filter { self.node(of: $0) == node }
    }
  }

  public func node(of segment: SegmentID) -> Address { members[segment.group][segment.copy] }

  @inline(__always)
  public func group(of page: PageNumber) -> ProtectionGroupID {
    ProtectionGroupID(index: Self.group(of: page, among: members.count))
  }

  @inline(__always)
  static func group(of page: PageNumber, among groupCount: Int) -> Int {
    Int(page.value / pagesPerExtent) % groupCount
  }
}

/// One copy of a protection group: the group's place in the volume, and the copy's among its members.
public struct SegmentID: Hashable, Sendable {
  public let group: Int
  public let copy: Int

  public init(group: Int, copy: Int) { (self.group, self.copy) = (group, copy) }
}

/// The place of a protection group in its volume.
public struct ProtectionGroupID: Hashable, Comparable, Codable, Sendable {
  public let index: Int
  public init(index: Int) { self.index = index }
  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.index < rhs.index }
}
