import Simulation
import Volume

/// Putting in, and making larger: splits.
///
/// ```
///   before:   P [a b c d e f] ⇄ R               parent: … k→P  z→R …
///   after:    P [a b c] ⇄ N [d X e f] ⇄ R       parent: … k→P  d→N  z→R …
/// ```
///
/// A key that is put behind the last one of the whole tree gets a page of its own: ascending keys fill
/// their pages instead of leaving them half empty.
extension BTree {
  /// Everything that a change of one leaf will touch.
  struct LeafPlan {
    let position: Position
    let splits: [Split]
    /// Where the topmost split's new page is entered; `nil` if the root is split, or nothing is.
    let parent: Step?
    /// Pages that must be reserved before, and taken to perform the plan.
    let newPages: Int
  }

  /// How one node is split.
  struct Split {
    let frame: Frame
    /// Where the entry goes that makes the node too full, or which entry grows.
    let slot: Int
    let isReplacement: Bool
    /// How many entries stay left, that entry counted.
    let cut: Int
    /// Bounds the new right page from below.
    let separator: [UInt8]
    /// The leaf to the right, whose link back must be changed.
    let neighbour: Frame?

    /// The first cell that moves to the right page.
    var firstMoved: Int { isReplacement || cut <= slot ? cut : cut - 1 }
    var goesRight: Bool { slot >= cut }
  }

  /// Plans to put in a key that is not there.
  ///
  /// - Parameter position: what ``find(_:)`` gave for the key.
  @inline(__always)
  func planInsert(
    _ key: UnsafeRawBufferPointer, valueCount: Int, at position: Position
  ) throws(PageMiss) -> LeafPlan {
    let size = SlottedPage.cellHeader + key.count + valueCount
    if position.page.freeBytes >= size + SlottedPage.slotSize {
      return LeafPlan(position: position, splits: [], parent: nil, newPages: 0)
    }
    return try planSplit(key, size: size, at: position)
  }

  /// Plans to give an entry a value of another size.
  @inline(__always)
  func planReplace(valueCount: Int, at position: Position) throws(PageMiss) -> LeafPlan {
    let growth = valueCount - position.value.count
    if growth <= position.page.freeBytes {
      return LeafPlan(position: position, splits: [], parent: nil, newPages: 0)
    }
    return try planSplit(
      position.key, size: position.page.cellSize(at: position.slot) + growth, at: position)
  }

  /// Performs a plan: puts the entry in, or gives it its new value.
  ///
  /// - Parameter pages: as many as the plan asked for, taken; what is left over is the caller's.
  func perform(
    _ plan: LeafPlan, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer,
    pages: inout ArraySlice<Frame>
  ) {
    let position = plan.position
    guard !plan.splits.isEmpty else {
      put(key, value, at: position.slot, of: position.frame, replacing: position.isExact)
      paranoid(
        position.page.isOrdered(at: position.slot), "\(position.frame.page): a key is out of order")
      return
    }
    // The key of an entry that grows lies on a page that is about to change.
    let leafKey = [UInt8](key)
    var entry = (key: leafKey, child: PageNumber.none)
    for (level, split) in plan.splits.enumerated() {
      entry.key.withUnsafeBytes { key in
        withUnsafeBytes(of: entry.child.value.littleEndian) { child in
          let value = level == 0 ? value : child
          if split.frame.page == root {
            splitRoot(split, key, value, pages: &pages)
          } else {
            entry.child = splitNode(split, key, value, pages: &pages)
          }
        }
      }
      entry.key = split.separator
    }
    guard let parent = plan.parent else { return }
    entry.key.withUnsafeBytes { key in
      withUnsafeBytes(of: entry.child.value.littleEndian) { child in
        put(key, child, at: parent.slot + 1, of: parent.frame, replacing: false)
      }
    }
  }

  private func put(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, at slot: Int, of frame: Frame,
    replacing: Bool
  ) {
    if replacing {
      space.editor.replaceValue(with: value, at: slot, of: frame)
    } else {
      space.editor.insertCell(key: key, value: value, at: slot, of: frame)
    }
  }

  // MARK: Planning

  private func planSplit(
    _ key: UnsafeRawBufferPointer, size: Int, at position: Position
  ) throws(PageMiss) -> LeafPlan {
    precondition(size <= SlottedPage.largestCell, "a cell of \(size) bytes fits no page")
    var path = try path(to: key)
    var isRightmost = position.frame.right == .none
    let cut = Self.cut(
      position.page, slot: position.slot, size: size, isReplacement: position.isExact,
      isRightmost: isRightmost)
    var splits = [
      Split(
        frame: position.frame, slot: position.slot, isReplacement: position.isExact, cut: cut,
        separator: Self.separator(position, key, cut: cut),
        neighbour: isRightmost ? nil : try space.frame(of: position.frame.right))
    ]
    var newPages = position.frame.page == root ? 2 : 1
    while let parent = path.popLast() {
      let separator = splits[splits.count - 1].separator
      let size = SlottedPage.cellHeader + separator.count + 4
      if parent.page.freeBytes >= size + SlottedPage.slotSize {
        try space.reserve(newPages)
        return LeafPlan(position: position, splits: splits, parent: parent, newPages: newPages)
      }
      isRightmost = isRightmost && parent.isLast
      let slot = parent.slot + 1
      let cut = Self.cut(
        parent.page, slot: slot, size: size, isReplacement: false, isRightmost: isRightmost)
      let middle =
        cut == slot ? separator : [UInt8](parent.page.key(at: cut > slot ? cut - 1 : cut))
      splits.append(
        Split(
          frame: parent.frame, slot: slot, isReplacement: false, cut: cut, separator: middle,
          neighbour: nil))
      newPages += parent.frame.page == root ? 2 : 1
    }
    return LeafPlan(position: position, splits: splits, parent: nil, newPages: newPages)
  }

  /// How many of the entries, with the new or grown one among them, stay in the left page: about half
  /// of the bytes, and no more than fit on either side.
  private static func cut(
    _ page: SlottedPage, slot: Int, size: Int, isReplacement: Bool, isRightmost: Bool
  ) -> Int {
    let count = page.slotCount + (isReplacement ? 0 : 1)
    if isRightmost, !isReplacement, slot == page.slotCount { return page.slotCount }
    func entrySize(_ index: Int) -> Int {
      if index == slot { return size + SlottedPage.slotSize }
      let cell = isReplacement || index < slot ? index : index - 1
      return page.cellSize(at: cell) + SlottedPage.slotSize
    }
    var total = 0
    for index in 0..<count { total += entrySize(index) }
    var best = (cut: 0, imbalance: Int.max)
    var left = 0
    for cut in 1..<count {
      left += entrySize(cut - 1)
      let right = total - left
      guard left <= SlottedPage.capacity, right <= SlottedPage.capacity else { continue }
      let imbalance = abs(left - right)
      if imbalance < best.imbalance { best = (cut, imbalance) }
    }
    precondition(best.cut > 0, "\(page.frame.page) cannot be split")
    return best.cut
  }

  /// The shortest key that is greater than what stays left and not greater than what goes right.
  private static func separator(
    _ position: Position, _ key: UnsafeRawBufferPointer, cut: Int
  ) -> [UInt8] {
    let page = position.page
    let isReplacement = position.isExact
    func entry(_ index: Int) -> UnsafeRawBufferPointer {
      if !isReplacement, index == position.slot { return key }
      return page.key(at: isReplacement || index < position.slot ? index : index - 1)
    }
    let right = entry(cut)
    let shared = KeyOrder.sharedPrefix(entry(cut - 1), right)
    return [UInt8](right[..<min(shared + 1, right.count)])
  }

  // MARK: Performing

  /// - Returns: the new page, to the right of the old one.
  private func splitNode(
    _ split: Split, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
    pages: inout ArraySlice<Frame>
  ) -> PageNumber {
    let left = split.frame
    let right = pages.removeFirst()
    let page = SlottedPage(left)
    let isLeaf = page.level == 0
    space.editor.format(
      right, level: page.level, owner: owner, left: isLeaf ? left.page : .none,
      right: left.right, isBlank: right.kind == .unused)
    space.editor.copyCells(split.firstMoved..<page.slotCount, of: left, to: right)
    if split.goesRight {
      put(key, value, at: split.slot - split.cut, of: right, replacing: split.isReplacement)
    }
    space.editor.truncateCells(
      from: split.firstMoved, right: isLeaf ? right.page : .none, of: left)
    if !split.goesRight {
      put(key, value, at: split.slot, of: left, replacing: split.isReplacement)
    }
    if let neighbour = split.neighbour {
      space.editor.write(right.page.value, at: PageOffset.left, of: neighbour)
    }
    paranoid(page.spaceProblem == nil, "\(left.page), split: \(page.spaceProblem ?? "")")
    paranoid(
      SlottedPage(right).spaceProblem == nil
        && (!isLeaf || left.right == right.page && right.left == left.page),
      "\(right.page), split off \(left.page): \(SlottedPage(right).spaceProblem ?? "is not linked with it")"
    )
    return right.page
  }

  private func splitRoot(
    _ split: Split, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
    pages: inout ArraySlice<Frame>
  ) {
    let page = SlottedPage(split.frame)
    let level = page.level
    let left = pages.removeFirst()
    let right = pages.removeFirst()
    let editor = space.editor
    editor.format(
      left, level: level, owner: owner, left: .none, right: level == 0 ? right.page : .none,
      isBlank: left.kind == .unused)
    editor.copyCells(0..<split.firstMoved, of: split.frame, to: left)
    if !split.goesRight {
      put(key, value, at: split.slot, of: left, replacing: split.isReplacement)
    }
    editor.format(
      right, level: level, owner: owner, left: level == 0 ? left.page : .none, right: .none,
      isBlank: right.kind == .unused)
    editor.copyCells(split.firstMoved..<page.slotCount, of: split.frame, to: right)
    if split.goesRight {
      put(key, value, at: split.slot - split.cut, of: right, replacing: split.isReplacement)
    }
    editor.format(
      split.frame, level: level + 1, owner: owner, left: .none, right: .none, isBlank: false)
    withUnsafeBytes(of: left.page.value.littleEndian) { child in
      editor.insertCell(
        key: UnsafeRawBufferPointer(start: nil, count: 0), value: child, at: 0, of: split.frame)
    }
    withUnsafeBytes(of: right.page.value.littleEndian) { child in
      split.separator.withUnsafeBytes { key in
        editor.insertCell(key: key, value: child, at: 1, of: split.frame)
      }
    }
  }
}
