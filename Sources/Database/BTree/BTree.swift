import Volume

/// A B+ tree over keys that compare as bytes, from its root page on.
///
/// ```
///                         ┌───────── root: never moves ─────────┐
///                         │   ·→A            m→B          t→C    │   level 2
///                         └───┬──────────────┬─────────────┬────┘
///                 ┌───────────┘              │             └──────┐
///              ┌──┴── A ──┐             ┌────┴─ B ──┐         ┌───┴─ C ──┐  level 1
///              │ ·→1  f→2 │             │ m→3   p→4 │         │ t→5      │
///              └─┬─────┬──┘             └─┬──────┬──┘         └─┬────────┘
///   leaves:      1 ⇄   2        ⇄         3 ⇄    4      ⇄       5            level 0
/// ```
///
/// Every change is two steps. The first *plans*: it finds all pages that the change touches, those of
/// a split and of its neighbours included, and may miss. The second *performs* and cannot miss. All edits
/// of one change lie in one mini-transaction, so that neither a reader nor a recovery ever sees half a
/// split.
///
/// When a root is full, its contents move into two new children; so the catalog never has to learn of
/// another root. A page that loses its last entry is given back, and so is every ancestor that had no
/// other child.
struct BTree {
  let root: PageNumber
  /// The table or index that the pages belong to.
  let owner: UInt32
  let space: PageSpace

  /// A place in a leaf: where a key is, or where it would be put.
  struct Position {
    let frame: Frame
    let slot: Int
    let isExact: Bool

    var page: SlottedPage { SlottedPage(frame) }
    var key: UnsafeRawBufferPointer { page.key(at: slot) }
    var value: UnsafeRawBufferPointer { page.value(at: slot) }
  }

  /// One step on the way from the root to a leaf.
  struct Step {
    let frame: Frame
    let slot: Int

    var page: SlottedPage { SlottedPage(frame) }
    var isLast: Bool { slot == page.slotCount - 1 }
  }

  /// Finds the first entry that is not less than `key`, in the leaf where `key` belongs.
  ///
  /// The slot may be behind the leaf's last; the entry is in a leaf to the right then.
  @inline(__always)
  func find(_ key: UnsafeRawBufferPointer) throws(PageMiss) -> Position {
    var page = SlottedPage(try space.frame(of: root))
    while page.level > 0 {
      page = SlottedPage(try space.frame(of: page.child(at: page.childSlot(for: key))))
    }
    let (slot, isExact) = page.lowerBound(of: key)
    return Position(frame: page.frame, slot: slot, isExact: isExact)
  }

  /// The first or last leaf.
  func outermostLeaf(isLast: Bool) throws(PageMiss) -> Frame {
    var page = SlottedPage(try space.frame(of: root))
    while page.level > 0 {
      page = SlottedPage(try space.frame(of: page.child(at: isLast ? page.slotCount - 1 : 0)))
    }
    return page.frame
  }

  /// The way to the leaf where `key` belongs: inner nodes with the slots taken, from the root on.
  func path(to key: UnsafeRawBufferPointer) throws(PageMiss) -> [Step] {
    var steps: [Step] = []
    var page = SlottedPage(try space.frame(of: root))
    while page.level > 0 {
      let slot = page.childSlot(for: key)
      steps.append(Step(frame: page.frame, slot: slot))
      page = SlottedPage(try space.frame(of: page.child(at: slot)))
    }
    return steps
  }

  /// Makes a taken page the empty root of a tree.
  static func format(_ root: Frame, owner: UInt32, with editor: PageEditor) {
    editor.format(
      root, level: 0, owner: owner, left: .none, right: .none, isBlank: root.kind == .unused)
  }
}
