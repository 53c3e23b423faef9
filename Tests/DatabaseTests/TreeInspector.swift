import Testing

@testable import Database
@testable import Volume

/// Walks a tree whose pages are in memory, and says what is wrong with it.
struct TreeInspector {
  let tree: BTree
  private(set) var problems: [String] = []
  private(set) var leaves: [PageNumber] = []
  private(set) var pages: [PageNumber] = []
  private(set) var entries: [(key: [UInt8], value: [UInt8])] = []

  init(_ tree: BTree) throws {
    self.tree = tree
    let root = SlottedPage(try tree.space.frame(of: tree.root))
    try visit(root, level: root.level, lower: [], upper: nil)
    try checkSiblings()
    for index in entries.indices.dropFirst()
    where !entries[index - 1].key.lexicographicallyPrecedes(entries[index].key) {
      problems.append("entry \(index) is out of order")
    }
  }

  private mutating func visit(
    _ page: SlottedPage, level: Int, lower: [UInt8], upper: [UInt8]?
  ) throws {
    let number = page.frame.page
    pages.append(number)
    if page.level != level { problems.append("\(number) is at level \(page.level), not \(level)") }
    if page.frame.owner != tree.owner { problems.append("\(number) belongs to another tree") }
    checkSpace(page)
    if level > 0, page.slotCount == 0 { problems.append("\(number) has no children") }
    if level == 0 {
      leaves.append(number)
      if page.slotCount == 0, number != tree.root { problems.append("leaf \(number) is empty") }
    }
    for slot in 0..<page.slotCount {
      let key = [UInt8](page.key(at: slot))
      if level == 0 || slot > 0 {
        if key.lexicographicallyPrecedes(lower) { problems.append("\(number): key below bound") }
        if let upper, !key.lexicographicallyPrecedes(upper) {
          problems.append("\(number): key above bound")
        }
      }
      if level == 0 {
        entries.append((key, [UInt8](page.value(at: slot))))
        continue
      }
      let next = slot + 1 < page.slotCount ? [UInt8](page.key(at: slot + 1)) : upper
      try visit(
        SlottedPage(try tree.space.frame(of: page.child(at: slot))), level: level - 1,
        lower: slot == 0 ? lower : key, upper: next)
    }
  }

  /// Cells must lie apart from each other, and free space must add up.
  private mutating func checkSpace(_ page: SlottedPage) {
    let cells = (0..<page.slotCount).map {
      page.offset(of: $0)..<page.offset(of: $0) + page.cellSize(at: $0)
    }.sorted { $0.lowerBound < $1.lowerBound }
    for index in cells.indices.dropFirst()
    where cells[index].lowerBound < cells[index - 1].upperBound {
      problems.append("\(page.frame.page): cells overlap")
    }
    if let first = cells.first, first.lowerBound < page.heapStart {
      problems.append("\(page.frame.page): a cell below the heap")
    }
    if let last = cells.last, last.upperBound > Page.size {
      problems.append("\(page.frame.page): a cell behind the page")
    }
    let used = cells.reduce(page.slotCount * SlottedPage.slotSize) { $0 + $1.count }
    if used != page.usedBytes {
      problems.append("\(page.frame.page): \(used) bytes are used, not \(page.usedBytes)")
    }
  }

  private mutating func checkSiblings() throws {
    for (index, leaf) in leaves.enumerated() {
      let frame = try tree.space.frame(of: leaf)
      let left = index == 0 ? PageNumber.none : leaves[index - 1]
      let right = index == leaves.count - 1 ? PageNumber.none : leaves[index + 1]
      if frame.left != left { problems.append("leaf \(leaf): left is \(frame.left), not \(left)") }
      if frame.right != right {
        problems.append("leaf \(leaf): right is \(frame.right), not \(right)")
      }
    }
  }
}

extension MemoryStore {
  /// The pages in memory that differ from what the log makes of them.
  func differences(from pool: BufferPool) -> [PageNumber] {
    var pages: [PageNumber] = []
    for number in 0..<pool.pageBound {
      let page = PageNumber(number)
      guard let frame = pool.resident(page) else { continue }
      let made = image(of: page, at: LSN(UInt64(log.count)))
      let held = [UInt8](UnsafeRawBufferPointer(frame.buffer))
      if made != held { pages.append(page) }
    }
    return pages
  }
}

extension BufferPool {
  /// Above every page that is in memory.
  var pageBound: UInt32 {
    (resident(.meta).map { MetaPage($0).pageCount } ?? 0) + 1
  }
}
