import Simulation

/// Looks into every copy of a volume without taking virtual time and without changing anything: for
/// checkers and reports, not for the system itself.
///
/// A node that serves is looked at in memory and on disk; one that is down is rebuilt, on the side,
/// from what its disk holds.
public struct VolumeInspector {
  public let geometry: VolumeGeometry
  /// The node of each copy, by group and by the copy's place in it.
  private let nodes: [[StorageNode]]

  /// What one copy of one protection group has.
  public struct Copy: Sendable, Equatable {
    public let group: Int
    public let copy: Int
    public let host: String
    /// Whether the node answers just now.
    public let isServing: Bool
    /// Epoch of the newest opener whose truncations the copy has installed.
    public let epoch: VolumeEpoch
    /// Complete and on disk up to here.
    public let segmentCompleteLSN: LSN
    /// Whether it holds every record of its group up to the LSN that was asked about.
    public let isComplete: Bool
  }

  /// What a copy makes of a page.
  public struct PageVersion: Sendable, Equatable {
    public let page: PageNumber
    /// LSN of the last record in it.
    public let lsn: LSN
    /// CRC-32 over the page, as if it were sent.
    public let checksum: UInt32
  }

  /// - Precondition: every member of the geometry is among the nodes.
  public init(geometry: VolumeGeometry, nodes: [StorageNode]) {
    self.geometry = geometry
    self.nodes = geometry.members.map { members in
      members.map { member in
        guard let node = nodes.first(where: { $0.address == member }) else {
          preconditionFailure("no storage node has the address of a member")
        }
        return node
      }
    }
  }

  /// The state of all copies with respect to `lsn`, which must be durable.
  public func copies(at lsn: LSN) -> [Copy] {
    geometry.members.indices.flatMap { group in
      let images = nodes[group].map { $0.image(of: group) }
      let tail = Self.tail(of: images, at: lsn)
      return images.enumerated().map { copy, image in
        let segment = image?.segment
        return Copy(
          group: group, copy: copy, host: nodes[group][copy].host.name,
          isServing: nodes[group][copy].isServing, epoch: segment?.history.epoch ?? .none,
          segmentCompleteLSN: segment?.durableLSN ?? .zero,
          isComplete: image.map { $0.isComplete(through: tail) } ?? false)
      }
    }
  }

  /// Whether every copy serves, and has everything up to `lsn`, which must be durable.
  ///
  /// A node that is down is not rebuilt to find out what it lacks.
  public func allServeComplete(at lsn: LSN) -> Bool {
    nodes.allSatisfy { $0.allSatisfy(\.isServing) } && copies(at: lsn).allSatisfy(\.isComplete)
  }

  /// Every page that a copy has, as of `lsn`; pages of which it has a newer image only are left out.
  ///
  /// - Returns: in order of page numbers; `nil` if the copy's disk is lost.
  public func pages(of group: Int, copy: Int, at lsn: LSN) -> [PageVersion]? {
    nodes[group][copy].image(of: group)?.pageVersions(at: lsn)
  }

  /// The volume as it is at `lsn`, which must be durable.
  public func reading(at lsn: LSN) -> Reading {
    let copies = geometry.members.indices.map { group in
      let images = nodes[group].map { $0.image(of: group) }
      let tail = Self.tail(of: images, at: lsn)
      return images.compactMap { $0?.isComplete(through: tail) == true ? $0 : nil }
    }
    return Reading(lsn: lsn, geometry: geometry, copies: copies)
  }

  /// The pages of a volume at one LSN; good until time goes on.
  public struct Reading {
    public let lsn: LSN
    fileprivate let geometry: VolumeGeometry
    /// Those that are complete, by group.
    fileprivate let copies: [[CopyImage]]

    /// The image of a page as the first complete copy would send it that can; `nil` if none can.
    public func image(of page: PageNumber) -> [UInt8]? {
      for copy in copies[geometry.group(of: page).index] {
        if let image = copy.image(of: page, at: lsn) { return image }
      }
      return nil
    }
  }

  /// The group's last record up to `lsn`, as any copy knows it.
  private static func tail(of images: [CopyImage?], at lsn: LSN) -> LSN {
    images.compactMap { $0?.segment.lastRecord(through: lsn) }.max() ?? .zero
  }

  /// The image of a page as a copy would send it; `nil` if it could not.
  public func image(of page: PageNumber, copy: Int, at lsn: LSN) -> [UInt8]? {
    let group = geometry.group(of: page).index
    return nodes[group][copy].image(of: group)?.image(of: page, at: lsn)
  }
}

/// One copy as it is in memory and on disk at one instant.
struct CopyImage {
  let segment: Segment
  let store: PageStore
  let disk: Disk

  /// - Parameter tail: of the group.
  func isComplete(through tail: LSN) -> Bool { segment.remembers && segment.durableLSN >= tail }

  func pageVersions(at lsn: LSN) -> [VolumeInspector.PageVersion] {
    var versions: [VolumeInspector.PageVersion] = []
    segment.pages.visit { page, _ in
      if let image = image(of: page, at: lsn) {
        let (lsn, checksum) = image.withUnsafeBytes { (Page.lsn(of: $0), Page.checksum(of: $0)) }
        if lsn > .zero {
          versions.append(VolumeInspector.PageVersion(page: page, lsn: lsn, checksum: checksum))
        }
      }
      return true
    }
    return versions
  }

  func image(of page: PageNumber, at lsn: LSN) -> [UInt8]? {
    let entry = segment.pages[page]
    guard entry.baseLSN <= lsn, !entry.isDamaged else { return nil }
    var image = StorageIncarnation.blankPage
    if entry.slot >= 0 {
      image = disk.contents(at: store.offset(of: Int(entry.slot)), count: Page.size)
      let isIntact = image.withUnsafeBytes {
        Page.isIntact($0, as: page) && Page.lsn(of: $0) == entry.baseLSN
      }
      guard isIntact else { return nil }
    }
    let isSound = image.withUnsafeMutableBytes { image in
      let isSound = segment.apply(page, upTo: lsn, to: image)
      if Page.lsn(of: UnsafeRawBufferPointer(image)) > .zero { Page.seal(image, as: page) }
      return isSound
    }
    return isSound ? image : nil
  }
}

extension StorageNode {
  /// The copy of a group that this node holds; `nil` if its disk is lost.
  func image(of group: Int) -> CopyImage? {
    guard let place = groups.firstIndex(of: group) else { return nil }
    if let incarnation {
      return CopyImage(
        segment: incarnation.segments[place], store: incarnation.store, disk: disk)
    }
    var rebuild = NodeRebuild(
      groups: groups, of: geometry.groupCount, layout: DiskLayout(tuning))
    while let wanted = rebuild.wanted {
      rebuild.supply(disk.contents(at: wanted.offset, count: wanted.count))
    }
    return CopyImage(segment: rebuild.segments[place], store: rebuild.store, disk: disk)
  }
}
