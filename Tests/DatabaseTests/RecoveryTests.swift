import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `Recovery` {
  /// What all trees and indexes must satisfy once nothing is in progress.
  static func check(
    _ engine: StorageEngine, _ table: Table, expected: [String], _ place: String
  ) async throws {
    let rows = try await engine.all(of: table)
    if rows != expected { Issue.record("\(place): rows are \(rows), not \(expected)") }
    for index in table.indexes {
      let found = try await engine.all(of: table, by: index)
      if found != Workload.byWord(expected) { Issue.record("\(place): the index gives \(found)") }
    }
    try await engine.purge()
    // The inspector wants every page in memory, also where the workload had few.
    engine.poolCapacity = 4096
    for number in 0..<MetaPage(try await engine.pool.fetch(.meta)).pageCount {
      _ = try await engine.pool.fetch(PageNumber(number))
    }
    for tree in [table.tree, engine.catalog.table.tree] + table.indexes.map(\.tree) {
      let inspector = try TreeInspector(tree)
      if !inspector.problems.isEmpty { Issue.record("\(place): \(inspector.problems)") }
      if tree.root != engine.catalog.table.tree.root, inspector.entries.count != expected.count {
        Issue.record("\(place): \(inspector.entries.count) entries are left of \(expected.count)")
      }
    }
  }

  private static func workload(
    _ bench: Bench, seed: UInt64, pool: Int = 4096
  ) async throws -> (Workload, MemoryStore) {
    let store = bench.store()
    let engine = try await bench.engine(store, pool: pool)
    let table = try await engine.createPairs(isIndexed: true, isUnique: seed % 3 == 0)
    let workload = Workload(bench, engine, table, seed: seed)
    try await workload.run(sessions: 5, transactions: 12)
    return (workload, store)
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `is not needed: sessions side by side leave what they committed`(seed: UInt64) throws {
    try Bench.run(seed: seed) { bench in
      // Every other seed works with far fewer pages in memory than it needs.
      let (workload, store) = try await Self.workload(
        bench, seed: seed, pool: seed % 2 == 0 ? 4096 : 6)
      #expect(workload.problems == [])
      try await Self.check(
        workload.engine, workload.table, expected: workload.rows(asOf: LSN(.max)), "seed \(seed)")
      #expect(store.differences(from: workload.engine.pool) == [])
      #expect(workload.engine.activeTransactionCount == 0)
      #expect(workload.engine.locks.lockCount == 0)
    }
  }

  /// The log is cut behind any mini-transaction, the volume is opened again, and what was in progress is
  /// rolled back: what was committed by then is there, and nothing else. Then the log of the
  /// recovery itself is cut somewhere, and the volume opened once more.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func `finds what was committed, wherever the log is cut`(seed: UInt64) throws {
    try Bench.run(seed: seed) { bench in
      let (workload, store) = try await Self.workload(bench, seed: seed)
      let random = RandomStream(seed: seed).fork("cuts")
      let created = workload.commits.first?.lsn ?? LSN(1)
      for _ in 0..<5 {
        let points = store.consistencyPoints.filter { $0 > Int(created.value) }
        let cut = points[random.index(below: points.count)]
        let expected = workload.rows(asOf: LSN(UInt64(cut)))
        let second = bench.store(store.prefix(cut))
        let end = try await Self.reopen(bench, second, expected, "seed \(seed), cut at \(cut)")
        let inside = second.consistencyPoints.filter { $0 > cut && $0 <= end }
        if inside.isEmpty { continue }
        let again = inside[random.index(below: inside.count)]
        _ = try await Self.reopen(
          bench, bench.store(second.prefix(again)), expected,
          "seed \(seed), cut at \(cut), then at \(again)")
      }
    }
  }

  /// - Returns: how long the log was when the recovery was done.
  private static func reopen(
    _ bench: Bench, _ store: MemoryStore, _ expected: [String], _ place: String
  ) async throws -> Int {
    let engine = try await bench.engine(store, pool: 64)
    let table = try await engine.existing("pairs")
    // Before the rollback is done, nobody sees what was in progress.
    let early = try await engine.all(of: table)
    if early != expected { Issue.record("\(place): before the rollback, rows are \(early)") }
    try await engine.rollBackInterrupted()
    try await check(engine, table, expected: expected, place)
    let end = store.log.count
    let t = engine.begin(.readCommitted)
    try await engine.put(1_000, "new", in: table, t)
    try await engine.commit(t)
    return end
  }

  @Test func `makes new work wait for a row that is being rolled back`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let engine = try await bench.engine(store)
      let table = try await engine.createPairs()
      let first = engine.begin(.readCommitted)
      try await engine.put(1, "a", in: table, first)
      try await engine.commit(first)
      let lost = engine.begin(.readCommitted)
      try await engine.set(1, "lost", in: table, lost)

      let reopened = try await bench.engine(bench.store(store.log))
      let same = try await reopened.existing("pairs")
      #expect(reopened.hasInterrupted)
      let t = reopened.begin(.readCommitted)
      let waiting = bench.start { try await reopened.set(1, "new", in: same, t) }
      try await bench.process.sleep(for: .milliseconds(50))
      #expect(!waiting.isFulfilled)
      try await reopened.rollBackInterrupted()
      #expect(try await waiting.value(in: bench.process).get())
      try await reopened.commit(t)
      #expect(try await reopened.all(of: same) == ["1:new"])
    }
  }

  /// A planted defect: recovery that leaves out one step of undo.
  @Test func `is found out if it skips an undo`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let engine = try await bench.engine(store)
      let table = try await engine.createPairs()
      let lost = engine.begin(.readCommitted)
      for id in 0..<5 { try await engine.put(Int64(id), "lost", in: table, lost) }

      let reopened = try await bench.engine(bench.store(store.log))
      let same = try await reopened.existing("pairs")
      reopened.interrupted[0].undoCount = 3
      reopened.interrupted[0].lastUndo = nil
      try await reopened.rollBackInterrupted()
      #expect(try await reopened.all(of: same) != [])
    }
  }
}
