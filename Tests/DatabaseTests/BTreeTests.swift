import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `A B+ tree` {
  /// A tree on a volume of its own, and what it should contain.
  final class Model {
    let random: RandomStream
    let space: PageSpace
    let tree: BTree
    let store: MemoryStore
    var entries: [(key: [UInt8], value: [UInt8])] = []

    init(_ bench: Bench, seed: UInt64) async throws {
      random = RandomStream(seed: seed).fork("tree")
      store = bench.store()
      let engine = try await bench.engine(store)
      space = engine.space
      tree = engine.catalog.table.tree
    }

    /// Keys of few bytes and of many, with long shared beginnings.
    func key() -> [UInt8] {
      let prefix = [UInt8](repeating: 0x61, count: random.index(below: 3) * 20)
      let tail = (0..<2).map { _ in UInt8(random.index(below: 24)) }
      let filler = random.chance(0.1) ? random.index(below: 400) : random.index(below: 4)
      return prefix + tail + [UInt8](repeating: 7, count: filler)
    }

    func value() -> [UInt8] {
      let size = random.chance(0.05) ? 6000 : random.index(below: 700)
      return (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    func place(of key: [UInt8]) -> Int {
      entries.firstIndex { !$0.key.lexicographicallyPrecedes(key) } ?? entries.count
    }

    func put(_ key: [UInt8], _ value: [UInt8]) throws {
      try key.withBytes { key throws(PageMiss) in
        try value.withBytes { value throws(PageMiss) in
          let position = try tree.find(key)
          let plan =
            position.isExact
            ? try tree.planReplace(valueCount: value.count, at: position)
            : try tree.planInsert(key, valueCount: value.count, at: position)
          try space.reserve(plan.newPages)
          var pages = space.take(plan.newPages)[...]
          tree.perform(plan, key: key, value: value, pages: &pages)
          if !space.editor.isIdle { space.editor.finish() }
        }
      }
      let place = place(of: key)
      if place < entries.count, entries[place].key == key {
        entries[place].value = value
      } else {
        entries.insert((key, value), at: place)
      }
    }

    func remove(at place: Int) throws {
      let key = entries.remove(at: place).key
      try key.withBytes { key throws(PageMiss) in
        let plan = try tree.planRemove(at: try tree.find(key))
        tree.perform(plan)
        space.free(plan.emptied)
        space.editor.finish()
      }
    }

    func check() throws {
      let inspector = try TreeInspector(tree)
      #expect(inspector.problems.isEmpty)
      #expect(inspector.entries.elementsEqual(entries) { $0.key == $1.key && $0.value == $1.value })
      // Every page is in the tree, in the free list, or one of the engine's own two.
      let meta = try space.meta()
      #expect(inspector.pages.count + Int(meta.freeCount) + 2 == Int(meta.pageCount))
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `agrees with a sorted array, whatever is done to it`(seed: UInt64) throws {
    try Bench.run(seed: seed) { bench in
      let model = try await Model(bench, seed: seed)
      // Some runs grow, some shrink again, some are emptied.
      let removal = [0.15, 0.45, 0.6][Int(seed % 3)]
      for step in 0..<400 {
        if model.entries.isEmpty || !model.random.chance(removal) {
          try model.put(model.key(), model.value())
        } else {
          try model.remove(at: model.random.index(below: model.entries.count))
        }
        if step % 100 == 99 { try model.check() }
      }
      if seed % 5 == 0 {
        while !model.entries.isEmpty {
          try model.remove(at: model.random.index(below: model.entries.count))
        }
      }
      try model.check()
      #expect(model.store.differences(from: model.space.pool) == [])
    }
  }

  @Test func `fills its pages when keys ascend`() throws {
    try Bench.run { bench in
      let model = try await Model(bench, seed: 1)
      for id in 0..<2000 {
        let key = [UInt8(id >> 16), UInt8(id >> 8 & 255), UInt8(id & 255)]
        try model.put(key, [UInt8](repeating: 1, count: 200))
      }
      try model.check()
      let inspector = try TreeInspector(model.tree)
      let used = try inspector.leaves.dropLast().map {
        SlottedPage(try model.space.frame(of: $0)).usedBytes
      }
      #expect(used.allSatisfy { $0 > SlottedPage.capacity * 95 / 100 })
    }
  }

  /// Scans a range while rows come and go between the batches: what was there all the time is seen
  /// exactly once, in order.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `is scanned without loss while it changes`(seed: UInt64) throws {
    try Bench.run(seed: seed) { bench in
      let model = try await Model(bench, seed: seed)
      for _ in 0..<150 { try model.put(model.key(), model.value()) }
      let lasting = model.entries.map(\.key).filter { _ in model.random.chance(0.5) }
      let bounds = [model.key(), model.key()].sorted { $0.lexicographicallyPrecedes($1) }
      let range = KeyRange(lower: bounds[0], upper: bounds[1])
      let direction = seed % 2 == 0 ? ScanDirection.forward : .backward
      var cursor = TreeCursor(tree: model.tree, range: range, direction: direction)
      var seen: [[UInt8]] = []
      while !cursor.isAtEnd {
        var left = 1 + model.random.index(below: 5)
        try cursor.advance { page, slot throws(PageMiss) in
          seen.append([UInt8](page.key(at: slot)))
          left -= 1
          return left > 0
        }
        for _ in 0..<6 {
          let place = model.random.index(below: model.entries.count)
          if model.random.chance(0.5), !lasting.contains(model.entries[place].key) {
            try model.remove(at: place)
          } else {
            try model.put(model.key(), model.value())
          }
        }
      }
      if direction == .backward { seen.reverse() }
      for index in seen.indices.dropFirst() {
        #expect(seen[index - 1].lexicographicallyPrecedes(seen[index]))
      }
      let expected = lasting.filter {
        !$0.lexicographicallyPrecedes(bounds[0]) && $0.lexicographicallyPrecedes(bounds[1])
      }
      #expect(expected.allSatisfy { seen.contains($0) })
      #expect(
        seen.allSatisfy {
          !$0.lexicographicallyPrecedes(bounds[0]) && $0.lexicographicallyPrecedes(bounds[1])
        })
    }
  }

  /// A planted defect: the split that does not tell the right neighbour.
  @Test func `is found out if a link between neighbours is wrong`() throws {
    try Bench.run { bench in
      let model = try await Model(bench, seed: 3)
      for _ in 0..<200 { try model.put(model.key(), model.value()) }
      let leaves = try TreeInspector(model.tree).leaves
      let victim = try model.space.frame(of: leaves[leaves.count / 2])
      model.space.editor.write(leaves[0].value, at: PageOffset.left, of: victim)
      model.space.editor.finish()
      #expect(try !TreeInspector(model.tree).problems.isEmpty)
    }
  }

  /// A planted defect: an edit of a page that is not in the log.
  @Test func `is found out if an edit is missing in the log`() throws {
    try Bench.run { bench in
      let model = try await Model(bench, seed: 4)
      for _ in 0..<50 { try model.put(model.key(), model.value()) }
      model.store.lostRecord = model.store.log.count - 5
      #expect(model.store.differences(from: model.space.pool).count == 1)
    }
  }
}
