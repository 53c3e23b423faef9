import Volume

/// Walks one tree from its root down and from its first leaf to its last, and says what is wrong with it.
///
/// ```
///   for each page:   kind, owner and level · cells that lie apart, and free space that adds up
///   for each key:    above the one before · within what the separators of all its ancestors allow
///   for each leaf:   linked with the leaf before, both ways
/// ```
///
/// Never more than one page of each level is in memory.
struct TreeExamination {
  let root: PageNumber
  let owner: UInt32
  private(set) var problems: [String] = []
  private(set) var pageCount = 0
  private(set) var leafCount = 0
  private(set) var entryCount = 0
  /// Pages of which there is no image; what is below them was not looked at.
  private(set) var unreadableCount = 0
  private var lastLeaf: (page: PageNumber, right: PageNumber)?
  private var lastKey: [UInt8]?

  /// - Parameters:
  ///   - claim: told of each page before it is looked at; `false` if it is known to be in use elsewhere.
  ///   - visit: given the key and the value of each entry, in order.
  init(
    root: PageNumber, owner: UInt32, images: PageImages, claim: (PageNumber) -> Bool,
    visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
  ) {
    (self.root, self.owner) = (root, owner)
    descend(to: root, level: nil, lower: [], upper: nil, images, claim, visit)
    if let lastLeaf, lastLeaf.right != .none, unreadableCount == 0 {
      problems.append(
        "\(lastLeaf.page) is the last leaf, but \(lastLeaf.right) is linked behind it")
    }
  }

  /// - Parameter level: what the parent says; `nil` for the root.
  private mutating func descend(
    to number: PageNumber, level: Int?, lower: [UInt8], upper: [UInt8]?, _ images: PageImages,
    _ claim: (PageNumber) -> Bool,
    _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
  ) {
    if !claim(number) { return }
    let found: Void? = images.withPage(number) { frame in
      pageCount += 1
      let page = SlottedPage(frame)
      guard isSound(page, at: level) else { return }
      if page.level == 0 {
        enter(page)
        for slot in 0..<page.slotCount {
          check(page.key(at: slot), on: number, lower, upper)
          visit(page.key(at: slot), page.value(at: slot))
        }
        return
      }
      for slot in 0..<page.slotCount {
        let key = slot == 0 ? lower : [UInt8](page.key(at: slot))
        let next = slot + 1 < page.slotCount ? [UInt8](page.key(at: slot + 1)) : upper
        if slot > 0, !Self.isWithin(key, lower, upper) {
          problems.append("\(number): separator \(slot) is outside of what the page may hold")
        }
        if let next, !key.lexicographicallyPrecedes(next) {
          problems.append("\(number): separators \(slot) and \(slot + 1) are out of order")
        }
        descend(
          to: page.child(at: slot), level: page.level - 1, lower: key, upper: next, images, claim,
          visit)
      }
    }
    if found == nil {
      unreadableCount += 1
      // Which leaves are missing is not known.
      lastLeaf = nil
    }
  }

  /// Whether the page can be read any further.
  private mutating func isSound(_ page: SlottedPage, at level: Int?) -> Bool {
    let number = page.frame.page
    guard page.frame.kind == .tree else {
      problems.append(
        "\(number) is of kind \(page.frame.load(UInt8.self, at: PageOffset.kind)), not a tree's")
      return false
    }
    if page.frame.owner != owner {
      problems.append("\(number) belongs to tree \(page.frame.owner), not \(owner)")
    }
    if let level, page.level != level {
      problems.append("\(number) is at level \(page.level), not \(level)")
      return false
    }
    if let problem = page.spaceProblem {
      problems.append("\(number): \(problem)")
      return false
    }
    if page.slotCount == 0, number != root || page.level > 0 {
      problems.append("\(number) is empty")
    }
    return true
  }

  /// Comes to the next leaf.
  private mutating func enter(_ leaf: SlottedPage) {
    let number = leaf.frame.page
    leafCount += 1
    if let lastLeaf {
      if lastLeaf.right != number {
        problems.append(
          "\(lastLeaf.page) is followed by \(number), but linked to \(lastLeaf.right)")
      }
      if leaf.frame.left != lastLeaf.page {
        problems.append("\(number) follows \(lastLeaf.page), but is linked to \(leaf.frame.left)")
      }
    } else if leafCount == 1, leaf.frame.left != .none {
      problems.append("\(number) is the first leaf, but \(leaf.frame.left) is linked before it")
    }
    lastLeaf = (number, leaf.frame.right)
  }

  private mutating func check(
    _ bytes: UnsafeRawBufferPointer, on number: PageNumber, _ lower: [UInt8], _ upper: [UInt8]?
  ) {
    entryCount += 1
    let key = [UInt8](bytes)
    if !Self.isWithin(key, lower, upper) {
      problems.append("\(number): a key is outside of what the separators above allow")
    }
    if let lastKey, !lastKey.lexicographicallyPrecedes(key) {
      problems.append("\(number): a key is not above the one before it")
    }
    lastKey = key
  }

  private static func isWithin(_ key: [UInt8], _ lower: [UInt8], _ upper: [UInt8]?) -> Bool {
    if key.lexicographicallyPrecedes(lower) { return false }
    return upper.map { key.lexicographicallyPrecedes($0) } ?? true
  }
}

extension SlottedPage {
  /// Whether the key of a slot is above the one before and below the one behind it.
  func isOrdered(at slot: Int) -> Bool {
    (slot == 0 || KeyOrder.compare(key(at: slot - 1), key(at: slot)) < 0)
      && (slot + 1 >= slotCount || KeyOrder.compare(key(at: slot), key(at: slot + 1)) < 0)
  }

  /// What is wrong with directory and heap; `nil` if cells lie apart from each other and the free space adds up.
  var spaceProblem: String? {
    guard directoryEnd <= heapStart, heapStart <= Page.size else {
      return "\(slotCount) slots reach into the heap, which begins at \(heapStart)"
    }
    var cells: [Range<Int>] = []
    for slot in 0..<slotCount {
      let start = offset(of: slot)
      guard start >= heapStart, start + Self.cellHeader <= Page.size,
        start + cellSize(at: slot) <= Page.size
      else { return "the cell of slot \(slot) is outside of the heap" }
      cells.append(start..<start + cellSize(at: slot))
    }
    cells.sort { $0.lowerBound < $1.lowerBound }
    for index in cells.indices.dropFirst()
    where cells[index].lowerBound < cells[index - 1].upperBound { return "cells overlap" }
    let used = cells.reduce(slotCount * Self.slotSize) { $0 + $1.count }
    return used == usedBytes ? nil : "\(used) bytes are used, not \(usedBytes)"
  }
}
