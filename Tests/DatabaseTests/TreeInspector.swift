import Simulation
import Testing

@testable import Database
@testable import Volume

/// Walks a tree whose pages are in memory, says what is wrong with it, and remembers what is in it.
struct TreeInspector {
  let problems: [String]
  private(set) var leaves: [PageNumber] = []
  private(set) var pages: [PageNumber] = []
  private(set) var entries: [(key: [UInt8], value: [UInt8])] = []

  init(_ tree: BTree) throws {
    let pool = tree.space.pool
    var (leaves, pages) = (leaves, pages)
    var entries = entries
    let examination = TreeExamination(
      root: tree.root, owner: tree.owner, images: PageImages { pool.image(of: $0) },
      claim: { page in
        pages.append(page)
        if pool.resident(page).map({ SlottedPage($0).level }) == 0 { leaves.append(page) }
        return true
      }, visit: { entries.append(([UInt8]($0), [UInt8]($1))) })
    #expect(examination.unreadableCount == 0, "the inspector wants every page in memory")
    problems = examination.problems
    (self.leaves, self.pages, self.entries) = (leaves, pages, entries)
  }
}

extension MemoryStore {
  /// The pages in memory that differ from what the log makes of them.
  func differences(from pool: BufferPool) -> [PageNumber] {
    var pages: [PageNumber] = []
    for number in 0..<pool.pageBound {
      let page = PageNumber(number)
      guard let held = pool.image(of: page) else { continue }
      let made = image(of: page, at: LSN(UInt64(log.count)))
      if made != held { pages.append(page) }
    }
    return pages
  }
}

extension BufferPool {
  /// A copy of a page that is in memory.
  func image(of page: PageNumber) -> [UInt8]? {
    resident(page).map { [UInt8](UnsafeRawBufferPointer($0.buffer)) }
  }

  /// Above every page that is in memory.
  var pageBound: UInt32 {
    (resident(.meta).map { MetaPage($0).pageCount } ?? 0) + 1
  }
}
