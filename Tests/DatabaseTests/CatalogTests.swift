import SQL
import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `The catalog` {
  private static func names(_ engine: StorageEngine, _ t: Transaction? = nil) async throws
    -> [String]
  {
    try await engine.tables(for: t).map(\.name)
  }

  /// Pages that are handed out and not in the free list.
  private static func usedPages(_ engine: StorageEngine) throws -> Int {
    let meta = try engine.space.meta()
    return Int(meta.pageCount - meta.freeCount)
  }

  @Test func `keeps every property of a table`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let engine = try await bench.engine(store)
      let description = TableDescription(
        schema: "bank", name: "Konten \u{1F4B6}",
        columns: [
          ColumnDescription(name: "a", type: .numeric(precision: 12, scale: 2), isNotNull: true),
          ColumnDescription(name: "b", type: .character(84), defaultText: "'x'::bpchar"),
          ColumnDescription(name: "c", type: .timestampWithTimeZone, defaultText: "now()"),
        ],
        primaryKey: [2, 0], primaryKeyName: "konten_pkey",
        indexes: [
          IndexDescription(name: "i1", columns: [1], isUnique: true),
          IndexDescription(name: "i2", columns: [0, 2]),
        ],
        options: [StorageOption(name: "fillfactor", value: "90")])
      let t = engine.begin(.readCommitted)
      let created = try await engine.createTable(description, for: t)
      try await engine.commit(t)
      let reopened = try await bench.engine(bench.store(store.log))
      let found = try await reopened.existing("Konten \u{1F4B6}", schema: "bank")
      #expect(found.description == created.description)
      #expect(found.description.columns == description.columns)
      #expect(try await !reopened.has("Konten \u{1F4B6}"))
    }
  }

  @Test func `undoes DDL with its transaction, and frees its pages`() throws {
    try Bench.run { bench in
      let engine = try await bench.engine(bench.store())
      let table = try await engine.createPairs("old", isIndexed: true)
      let filler = engine.begin(.readCommitted)
      for id in 0..<300 {
        try await engine.put(Int64(id), String(repeating: "f", count: 200), in: table, filler)
      }
      try await engine.commit(filler)
      let before = try Self.usedPages(engine)

      let t = engine.begin(.readCommitted)
      let new = try await engine.createTable(.pairs("new", isIndexed: true), for: t)
      for id in 0..<300 { try await engine.put(Int64(id), "n\(id)", in: new, t) }
      let emptied = try await engine.truncate(table, for: t)
      try await engine.put(7, "after", in: emptied, t)
      #expect(try await Self.names(engine, t) == ["old", "new"])
      #expect(try await Self.names(engine) == ["old"])
      #expect(try await engine.all(of: emptied, t) == ["7:after"])
      try await engine.rollback(t)

      #expect(try await Self.names(engine) == ["old"])
      let same = try await engine.existing("old")
      #expect(try await engine.all(of: same).count == 300)
      try await engine.purge()
      #expect(try Self.usedPages(engine) <= before + 1)
    }
  }

  @Test func `frees the pages of what was dropped once no view needs them`() throws {
    try Bench.run { bench in
      let engine = try await bench.engine(bench.store())
      let empty = try Self.usedPages(engine)
      let table = try await engine.createPairs(isIndexed: true)
      let t = engine.begin(.readCommitted)
      for id in 0..<500 {
        try await engine.put(Int64(id), "\(id) " + String(repeating: "f", count: 300), in: table, t)
      }
      try await engine.commit(t)
      let reader = engine.begin(.repeatableRead)
      #expect(try await engine.all(of: table, reader).count == 500)

      let dropper = engine.begin(.readCommitted)
      try await engine.dropTable(table, for: dropper)
      try await engine.commit(dropper)
      try await engine.purge()
      #expect(try await Self.names(engine) == [])
      #expect(try await engine.all(of: table, reader).count == 500)
      try await engine.commit(reader)
      try await engine.purge()
      #expect(try Self.usedPages(engine) <= empty + 2)
      #expect(try TreeInspector(engine.catalog.table.tree).entries.isEmpty)
    }
  }

  @Test func `builds an index over what is there, and keeps it`() throws {
    try Bench.run { bench in
      let engine = try await bench.engine(bench.store())
      var table = try await engine.createPairs()
      let t = engine.begin(.readCommitted)
      for id in 0..<100 { try await engine.put(Int64(id), "w\(99 - id)", in: table, t) }
      try await engine.commit(t)
      let ddl = engine.begin(.readCommitted)
      table = try await engine.createIndex(
        IndexDescription(name: "by_word", columns: [1], isUnique: true), on: table, for: ddl)
      try await engine.commit(ddl)
      let index = try #require(try await engine.existing("pairs").index(named: "by_word"))
      #expect(
        try await engine.all(of: table, by: index)
          == Workload.byWord((0..<100).map { "\($0):w\(99 - $0)" }))

      let second = engine.begin(.readCommitted)
      await #expect(throws: StorageError.uniqueViolation(index: "by_word")) {
        try await engine.put(200, "w5", in: table, second)
      }
      try await engine.rollback(second)
      let third = engine.begin(.readCommitted)
      table = try await engine.dropIndex("by_word", of: table, for: third)
      try await engine.put(200, "w5", in: table, third)
      let error = await #expect(throws: StorageError.self) {
        _ = try await engine.createIndex(
          IndexDescription(name: "again", columns: [1], isUnique: true), on: table, for: third)
      }
      #expect(error?.description == "could not create unique index \"again\"")
      try await engine.rollback(third)
      #expect(try await engine.existing("pairs").description.indexes.map(\.name) == ["by_word"])
    }
  }

  @Test func `refuses a name that is taken, also by somebody who is at it`() throws {
    try Bench.run { bench in
      let engine = try await bench.engine(bench.store())
      let (first, second) = (engine.begin(.readCommitted), engine.begin(.readCommitted))
      _ = try await engine.createTable(.pairs(), for: first)
      let waiting = bench.start { try await engine.createTable(.pairs(), for: second).id }
      try await bench.process.sleep(for: .milliseconds(20))
      #expect(!waiting.isFulfilled)
      try await engine.commit(first)
      await #expect(throws: StorageError.duplicateTable("pairs")) {
        try await waiting.value(in: bench.process).get()
      }
      try await engine.rollback(second)
    }
  }

  @Test func `numbers the rows of a table without a primary key`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let engine = try await bench.engine(store)
      let t = engine.begin(.readCommitted)
      let table = try await engine.createTable(
        TableDescription(
          name: "history", columns: [ColumnDescription(name: "delta", type: .integer)]), for: t)
      for value in 0..<3 {
        let key = try await engine.nextRowKey(of: table)
        try await engine.insert(
          key, table.rowEncoding.encode([.integer(Int64(value))]), into: table, for: t)
      }
      try await engine.commit(t)
      let reopened = try await bench.engine(bench.store(store.log))
      let same = try await reopened.existing("history")
      let again = reopened.begin(.readCommitted)
      let key = try await reopened.nextRowKey(of: same)
      try await reopened.insert(
        key, same.rowEncoding.encode([.integer(9)]), into: same, for: again)
      try await reopened.commit(again)
      var values: [Value] = []
      try await reopened.scan(same, view: reopened.view()).next(10) { _, row in
        values.append(same.rowEncoding.decode(column: 0, from: row))
        return true
      }
      #expect(values == [.integer(0), .integer(1), .integer(2), .integer(9)])
    }
  }
}
