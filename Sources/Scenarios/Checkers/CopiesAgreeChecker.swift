public import Simulation
import Statistics

/// At one LSN at or below the VDL, all complete copies of a page are the same.
///
/// Fed at the end of a run, when the segments have been asked for their pages as of one LSN. A
/// copy that is behind, being repaired or a tail without pages is simply not announced as complete.
///
/// Source: Verbitski et al., SIGMOD 2017, §3.3.
public struct CopiesAgreeChecker: Checker {
  public enum Observation: Sendable {
    /// This copy of the protection group has every record up to the common LSN.
    case complete(group: Int, copy: Int)
    /// What a copy made of a page: the LSN of the last record in it, and its checksum.
    case page(group: Int, page: UInt64, copy: Int, lsn: UInt64, checksum: UInt32)
  }

  private struct Place: Hashable, Comparable, Sendable {
    let group: Int
    let page: UInt64

    static func < (lhs: Self, rhs: Self) -> Bool {
      (lhs.group, lhs.page) < (rhs.group, rhs.page)
    }
  }

  private struct Version: Equatable, Sendable {
    let lsn: UInt64
    let checksum: UInt32
  }

  /// How many pages are reported one by one.
  private static let listed = 10

  /// The VDL at which the copies were read.
  private let durableLSN: UInt64
  private var complete = LookupTable<Int, [Int]>()
  private var pages = LookupTable<Place, [(copy: Int, version: Version)]>()

  /// Pages compared so far; a check of no page proves nothing.
  public var pageCount: Int { pages.count }

  /// How many copies of a group were complete, and could be compared with one another.
  public func completeCount(of group: Int) -> Int { complete[group]?.count ?? 0 }

  public init(volumeDurableLSN: UInt64) { durableLSN = volumeDurableLSN }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .complete(let group, let copy):
      complete[group, default: []].append(copy)
      return nil
    case .page(let group, let page, let copy, let lsn, let checksum):
      pages[Place(group: group, page: page), default: []]
        .append((copy, Version(lsn: lsn, checksum: checksum)))
      if lsn <= durableLSN { return nil }
      return Violation(
        .copiesAgree, at: now,
        evidence: "copy \(copy) of page \(page) in protection group \(group) is at LSN \(lsn), "
          + "beyond the VDL \(durableLSN)")
    }
  }

  public func finish(at end: Instant) -> [Violation] {
    var violations: [Violation] = []
    var differing = 0
    for (place, copies) in pages.sortedByKey() {
      guard let evidence = disagreement(of: copies, at: place) else { continue }
      differing += 1
      if differing <= Self.listed {
        violations.append(Violation(.copiesAgree, at: end, evidence: evidence))
      }
    }
    if differing > Self.listed {
      violations.append(
        Violation(
          .copiesAgree, at: end,
          evidence:
            "\(FixedPoint.grouped(differing)) of \(FixedPoint.grouped(pages.count)) pages differ;"
            + " the first \(Self.listed) are listed"))
    }
    return violations
  }

  /// Says which copy has what, or `nil` if all complete copies have the same.
  private func disagreement(
    of copies: [(copy: Int, version: Version)], at place: Place
  ) -> String? {
    let expected = (complete[place.group] ?? []).sorted()
    var versions: [(version: Version?, copies: [Int])] = []
    for copy in expected {
      let version = copies.first { $0.copy == copy }?.version
      if let index = versions.firstIndex(where: { $0.version == version }) {
        versions[index].copies.append(copy)
      } else {
        versions.append((version, [copy]))
      }
    }
    guard versions.count > 1 else { return nil }
    let parts = versions.map { version, copies in
      let subject =
        copies.count == 1
        ? "copy \(copies[0]) has"
        : "copies \(copies.map(String.init).joined(separator: ", ")) have"
      guard let version else { return "\(subject) no such page" }
      return "\(subject) LSN \(version.lsn) and checksum \(Self.hexadecimal(version.checksum))"
    }
    return "page \(place.page) of protection group \(place.group): "
      + parts.joined(separator: "; ")
  }

  private static func hexadecimal(_ checksum: UInt32) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
