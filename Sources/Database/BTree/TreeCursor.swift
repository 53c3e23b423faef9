import Volume

/// Which keys a scan visits: from `lower` on, up to but without `upper`; `nil` is no bound.
public struct KeyRange: Sendable {
  public var lower: [UInt8]?
  public var upper: [UInt8]?

  public init(lower: [UInt8]? = nil, upper: [UInt8]? = nil) {
    (self.lower, self.upper) = (lower, upper)
  }

  public static let all = KeyRange()
}

public enum ScanDirection: Sendable {
  case forward
  case backward
}

/// A place in a tree that survives whatever happens to the tree between two visits.
///
/// ```
///   visit ── visit ── visit ─┬─ enough, or a page is missing: remember key, page, LSN and slot
///     ▲                      │
///     │        … awaits; rows come and go, pages split …
///     │                      │
///     └── page still there with the same LSN? go on at the slot : look the key up again
/// ```
struct TreeCursor {
  private enum Resume {
    case start
    /// At the saved key, or what follows it.
    case at
    /// Behind the saved key.
    case after
    case end
  }

  let tree: BTree
  let range: KeyRange
  let direction: ScanDirection
  private var resume = Resume.start
  private var savedKey: [UInt8] = []
  private var hint = (page: PageNumber.none, lsn: LSN.zero, slot: 0)

  init(tree: BTree, range: KeyRange, direction: ScanDirection) {
    (self.tree, self.range, self.direction) = (tree, range, direction)
  }

  var isAtEnd: Bool { resume == .end }

  /// Visits entries in order until there are no more or `visit` has had enough.
  ///
  /// - Parameter visit: is given a leaf and a slot; returns whether to go on. If it misses a page, the
  ///   entry will be visited again.
  mutating func advance(
    _ visit: (SlottedPage, Int) throws(PageMiss) -> Bool
  ) throws(PageMiss) {
    if resume == .end { return }
    switch direction {
    case .forward: try advanceForward(visit)
    case .backward: try advanceBackward(visit)
    }
  }

  private mutating func advanceForward(
    _ visit: (SlottedPage, Int) throws(PageMiss) -> Bool
  ) throws(PageMiss) {
    var (page, slot) = try locate()
    var last: (page: SlottedPage, slot: Int)?
    while true {
      let end = upperSlot(of: page)
      while slot < end {
        do throws(PageMiss) {
          if try !visit(page, slot) {
            save(.after, page, slot, next: slot + 1)
            return
          }
        } catch {
          save(.at, page, slot, next: slot)
          throw error
        }
        last = (page, slot)
        slot += 1
      }
      if end < page.slotCount || page.frame.right == .none {
        resume = .end
        return
      }
      do throws(PageMiss) {
        page = SlottedPage(try tree.space.frame(of: page.frame.right))
      } catch {
        if let last { save(.after, last.page, last.slot, next: last.slot + 1) }
        throw error
      }
      slot = 0
    }
  }

  private mutating func advanceBackward(
    _ visit: (SlottedPage, Int) throws(PageMiss) -> Bool
  ) throws(PageMiss) {
    var (page, slot) = try locate()
    var last: (page: SlottedPage, slot: Int)?
    while true {
      let start = lowerSlot(of: page)
      while slot >= start {
        do throws(PageMiss) {
          if try !visit(page, slot) {
            save(.after, page, slot, next: slot - 1)
            return
          }
        } catch {
          save(.at, page, slot, next: slot)
          throw error
        }
        last = (page, slot)
        slot -= 1
      }
      if start > 0 || page.frame.left == .none {
        resume = .end
        return
      }
      do throws(PageMiss) {
        page = SlottedPage(try tree.space.frame(of: page.frame.left))
      } catch {
        if let last { save(.after, last.page, last.slot, next: last.slot - 1) }
        throw error
      }
      slot = page.slotCount - 1
    }
  }

  /// The next entry to visit; the slot may be outside the page.
  private func locate() throws(PageMiss) -> (page: SlottedPage, slot: Int) {
    if resume != .start, let frame = tree.space.pool.resident(hint.page), frame.lsn == hint.lsn {
      frame.isReferenced = true
      return (SlottedPage(frame), hint.slot)
    }
    switch (resume, direction) {
    case (.start, .forward):
      guard let lower = range.lower else {
        return (SlottedPage(try tree.outermostLeaf(isLast: false)), 0)
      }
      let position = try find(lower)
      return (position.page, position.slot)
    case (.start, .backward):
      guard let upper = range.upper else {
        let page = SlottedPage(try tree.outermostLeaf(isLast: true))
        return (page, page.slotCount - 1)
      }
      let position = try find(upper)
      return (position.page, position.slot - 1)
    case (_, .forward):
      let position = try find(savedKey)
      let isBehind = resume == .after && position.isExact
      return (position.page, isBehind ? position.slot + 1 : position.slot)
    case (_, .backward):
      let position = try find(savedKey)
      let isHere = resume == .at && position.isExact
      return (position.page, isHere ? position.slot : position.slot - 1)
    }
  }

  private func find(_ key: [UInt8]) throws(PageMiss) -> BTree.Position {
    // A throwing closure would lose the type of the error.
    let found = key.withUnsafeBytes { key in
      Result { () throws(PageMiss) in try tree.find(key) }
    }
    return try found.get()
  }

  private mutating func save(_ resume: Resume, _ page: SlottedPage, _ slot: Int, next: Int) {
    self.resume = resume
    savedKey.removeAll(keepingCapacity: true)
    savedKey.append(contentsOf: page.key(at: slot))
    hint = (page.frame.page, page.frame.lsn, next)
  }

  /// Where the range ends on this page.
  private func upperSlot(of page: SlottedPage) -> Int {
    guard let upper = range.upper else { return page.slotCount }
    return upper.withUnsafeBytes { page.lowerBound(of: $0).slot }
  }

  private func lowerSlot(of page: SlottedPage) -> Int {
    guard let lower = range.lower else { return 0 }
    return lower.withUnsafeBytes { page.lowerBound(of: $0).slot }
  }
}
