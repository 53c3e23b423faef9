import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `A database that is looked through` {
  /// Runs a few sessions over an indexed table, waits for purge, and gives engine and table to `body`.
  private static func run(
    seed: UInt64 = 1, _ body: @escaping (StorageEngine, Table) async throws -> Void
  ) throws {
    try Bench.run(seed: seed) { bench in
      let engine = try await bench.engine(bench.store())
      let table = try await engine.createPairs(isIndexed: true)
      try await Workload(bench, engine, table, seed: seed).run(sessions: 4, transactions: 20)
      let t = engine.begin(.readCommitted)
      for id in 1_000..<1_400 as Range<Int64> {
        try await engine.put(id, String(repeating: "x", count: 150) + "\(id)", in: table, t)
      }
      try await engine.commit(t)
      try await engine.purge()
      try await body(engine, table)
    }
  }

  private static func report(_ engine: StorageEngine) -> DatabaseReport {
    DatabaseInspector { engine.pool.image(of: $0) ?? [UInt8](repeating: 0, count: Page.size) }
      .inspect()
  }

  /// Edits a page behind the engine's back.
  private static func edit(
    _ engine: StorageEngine, _ page: PageNumber, _ offset: Int, _ value: UInt32
  ) throws {
    engine.space.editor.write(value, at: offset, of: try engine.space.frame(of: page))
    engine.space.editor.finish()
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `is sound after whatever sessions did, and holds nothing that nobody needs`(seed: UInt64)
    throws
  {
    try Self.run(seed: seed) { engine, table in
      let report = Self.report(engine)
      #expect(report.problems == [])
      #expect(report.remnants.isEmpty, "\(report.remnants)")
      #expect(report.rowCount >= 400 && report.entryCount == report.rowCount)
      #expect(report.tableCount == 1 && report.treeCount == 3)
    }
  }

  @Test func `tells what an open transaction and an open view keep`() throws {
    try Self.run { engine, table in
      let view = engine.view()
      let t = engine.begin(.readCommitted)
      try await engine.remove(1_000, from: table, t)
      try await engine.set(1_001, "moved", in: table, t)
      var report = Self.report(engine)
      #expect(report.problems == [] && report.openTransactionCount == 1)
      try await engine.commit(t)
      try await engine.purge()
      report = Self.report(engine)
      #expect(report.problems == [])
      #expect(report.remnants.deletedRows == 1 && report.remnants.markedEntries == 2)
      _ = view.snapshot
    }
  }

  @Test func `is found out if a row lacks its entry`() throws {
    try Self.run { engine, table in
      let row = try await engine.newestRow(table.key(1_200), of: table)
      try await engine.dropEntry(
        engine.entry(of: row, table.key(1_200), in: table.indexes[0]), of: table.indexes[0],
        unlessIn: .beforeNewest, of: table.key(1_200), in: table, onlyIfMarked: false)
      let problems = Self.report(engine).problems
      #expect(problems.count == 1 && problems[0].contains("there is no entry"))
    }
  }

  @Test func `is found out if an entry has no row`() throws {
    try Self.run { engine, table in
      try await engine.addEntry(
        of: table.row(1_200, "never"), table.key(1_200), to: table.indexes[0])
      let problems = Self.report(engine).problems
      #expect(problems.count == 1 && problems[0].contains("not there or has another key"))
    }
  }

  @Test func `is found out if two rows have one unique key`() throws {
    try Bench.run { bench in
      let engine = try await bench.engine(bench.store())
      let table = try await engine.createPairs(isIndexed: true, isUnique: true)
      let t = engine.begin(.readCommitted)
      try await engine.put(1, "same", in: table, t)
      try await engine.put(2, "other", in: table, t)
      try await engine.commit(t)
      bench.simulation.plantedDefects = PlantedDefects([DatabaseDefect.ignoresTakenKeys.rawValue])
      let u = engine.begin(.readCommitted)
      try await engine.set(2, "same", in: table, u)
      try await engine.commit(u)
      let problems = Self.report(engine).problems
      #expect(problems.contains { $0.contains("two rows have the same key") })
    }
  }

  @Test func `is found out if a leaf is linked to another`() throws {
    try Self.run { engine, table in
      let leaves = try TreeInspector(table.tree).leaves
      try Self.edit(engine, leaves[2], PageOffset.left, leaves[0].value)
      #expect(Self.report(engine).problems.contains { $0.contains("but is linked to") })
    }
  }

  @Test func `is found out if a page is used twice`() throws {
    try Self.run { engine, table in
      let leaves = try TreeInspector(table.tree).leaves
      let meta = try engine.space.meta()
      engine.space.editor.write(leaves[1].value, at: MetaPage.Offset.firstFree, of: meta.frame)
      engine.space.editor.write(UInt32(1), at: MetaPage.Offset.freeCount, of: meta.frame)
      engine.space.editor.finish()
      let problems = Self.report(engine).problems
      #expect(problems.contains { $0.contains("but in use") })
      #expect(
        problems.contains { $0.contains("is used by table pairs and by the list of free pages") })
    }
  }

  @Test func `is found out if a page was lost`() throws {
    try Self.run { engine, table in
      let meta = try engine.space.meta()
      try Self.edit(engine, .meta, MetaPage.Offset.pageCount, meta.pageCount + 3)
      #expect(Self.report(engine).remnants.lostPages == 3)
    }
  }

  @Test func `is found out if undo does not hang together`() throws {
    try Self.run { engine, table in
      let t = engine.begin(.readCommitted)
      for id in 1_000..<1_010 as Range<Int64> { try await engine.set(id, "y", in: table, t) }
      let slot = try #require(t.slot)
      try Self.edit(engine, slot.tail, PageOffset.heapStart, 0x0041_0041)
      #expect(Self.report(engine).problems.contains { $0.contains("the last record is at") })
    }
  }
}
