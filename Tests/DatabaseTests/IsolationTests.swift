import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `Isolation` {
  /// An engine with a table of two rows: 1:a and 2:b.
  private static func run(
    isIndexed: Bool = false, isUnique: Bool = false,
    _ body: @escaping (Bench, StorageEngine, Table) async throws -> Void
  ) throws {
    try Bench.run { bench in
      let engine = try await bench.engine(bench.store())
      let table = try await engine.createPairs(isIndexed: isIndexed, isUnique: isUnique)
      let t = engine.begin(.readCommitted)
      try await engine.put(1, "a", in: table, t)
      try await engine.put(2, "b", in: table, t)
      try await engine.commit(t)
      try await body(bench, engine, table)
    }
  }

  @Test(arguments: [IsolationLevel.readCommitted, .repeatableRead])
  func `shows nobody what is not committed`(level: IsolationLevel) throws {
    try Self.run { _, engine, table in
      let (writer, reader) = (engine.begin(.readCommitted), engine.begin(level))
      try await engine.set(1, "dirty", in: table, writer)
      try await engine.put(3, "new", in: table, writer)
      try await engine.remove(2, from: table, writer)
      #expect(try await engine.all(of: table, reader) == ["1:a", "2:b"])
      #expect(try await engine.all(of: table, writer) == ["1:dirty", "3:new"])
      try await engine.rollback(writer)
      #expect(try await engine.all(of: table, reader) == ["1:a", "2:b"])
    }
  }

  @Test func `shows each statement what is committed, at READ COMMITTED`() throws {
    try Self.run { _, engine, table in
      let reader = engine.begin(.readCommitted)
      #expect(try await engine.get(1, in: table, reader) == "a")
      let writer = engine.begin(.readCommitted)
      try await engine.set(1, "z", in: table, writer)
      try await engine.put(3, "phantom", in: table, writer)
      try await engine.commit(writer)
      #expect(try await engine.all(of: table, reader) == ["1:z", "2:b", "3:phantom"])
    }
  }

  @Test func `shows every statement the same, at REPEATABLE READ`() throws {
    try Self.run { _, engine, table in
      let reader = engine.begin(.repeatableRead)
      #expect(try await engine.get(1, in: table, reader) == "a")
      for round in 0..<5 {
        let writer = engine.begin(.readCommitted)
        try await engine.set(1, "z\(round)", in: table, writer)
        try await engine.put(Int64(3 + round), "phantom", in: table, writer)
        if round == 3 { try await engine.remove(2, from: table, writer) }
        try await engine.commit(writer)
        try await engine.purge()
      }
      #expect(try await engine.all(of: table, reader) == ["1:a", "2:b"])
      #expect(engine.historyLength > 0)
      try await engine.commit(reader)
      try await engine.purge()
      #expect(engine.historyLength == 0)
      #expect(try await engine.all(of: table).count == 6)
    }
  }

  @Test func `does not show a statement what it does itself`() throws {
    try Self.run { _, engine, table in
      let t = engine.begin(.readCommitted)
      let view = engine.view(for: t)
      // INSERT INTO pairs SELECT id + 10 FROM pairs, row by row.
      let scan = engine.scan(table, view: view)
      var copied = 0
      while !scan.isAtEnd {
        var ids: [Int64] = []
        try await scan.next(1) { _, row in
          ids.append(table.id(row))
          return true
        }
        for id in ids {
          try await engine.put(id + 10, "copy", in: table, t)
          copied += 1
        }
      }
      #expect(copied == 2)
      #expect(try await engine.all(of: table, t).count == 4)
    }
  }

  @Test func `tells a statement that it has changed a row already`() throws {
    try Self.run { _, engine, table in
      let t = engine.begin(.readCommitted)
      let view = engine.view(for: t)
      func lock() async throws -> LockedRow {
        try await engine.lockRow(
          table.key(1), of: table, .forUpdate, for: t, view: view
        ) { state, _ in state }
      }
      #expect(try await lock() == .unchanged)
      try await engine.update(table.key(1), to: table.row(1, "x"), of: table, for: t)
      #expect(try await lock() == .changedByStatement)
      try await engine.delete(table.key(1), from: table, for: t)
      #expect(try await lock() == .gone)
    }
  }

  /// Two transactions add to the same row. Nothing is lost: the second finds the newest version.
  @Test func `lets the second writer go on from the first's version, at READ COMMITTED`() throws {
    try Self.run { bench, engine, table in
      let (first, second) = (engine.begin(.readCommitted), engine.begin(.readCommitted))
      try await engine.set(1, "first", in: table, first)
      let waiting = bench.start { () async throws -> (LockedRow, String) in
        try await engine.lockRow(
          table.key(1), of: table, .forUpdate, for: second, view: engine.view(for: second)
        ) { state, row in (state, row.map { table.word($0) } ?? "") }
      }
      try await bench.process.sleep(for: .seconds(1))
      #expect(!waiting.isFulfilled)
      try await engine.commit(first)
      let (state, word) = try await waiting.value(in: bench.process).get()
      #expect(state == .changed && word == "first")
      try await engine.commit(second)
    }
  }

  @Test func `refuses the second writer, at REPEATABLE READ`() throws {
    try Self.run { bench, engine, table in
      let (first, second) = (engine.begin(.repeatableRead), engine.begin(.repeatableRead))
      #expect(try await engine.all(of: table, second).count == 2)
      try await engine.set(1, "first", in: table, first)
      try await engine.remove(2, from: table, first)
      let waiting = bench.start { try await engine.set(1, "second", in: table, second) }
      try await engine.commit(first)
      await #expect(throws: StorageError.concurrentUpdate) {
        try await waiting.value(in: bench.process).get()
      }
      await #expect(throws: StorageError.concurrentDelete) {
        try await engine.set(2, "second", in: table, second)
      }
      try await engine.rollback(second)
    }
  }

  @Test func `lets the second writer go on if the first rolls back, at REPEATABLE READ`() throws {
    try Self.run { bench, engine, table in
      let (first, second) = (engine.begin(.repeatableRead), engine.begin(.repeatableRead))
      _ = try await engine.all(of: table, second)
      try await engine.set(1, "first", in: table, first)
      let waiting = bench.start { try await engine.set(1, "second", in: table, second) }
      try await engine.rollback(first)
      #expect(try await waiting.value(in: bench.process).get())
      try await engine.commit(second)
      #expect(try await engine.get(1, in: table, nil) == "second")
    }
  }

  /// Snapshot isolation accepts write skew, as PostgreSQL's REPEATABLE READ does.
  @Test func `accepts write skew at REPEATABLE READ`() throws {
    try Self.run { _, engine, table in
      let (first, second) = (engine.begin(.repeatableRead), engine.begin(.repeatableRead))
      #expect(try await engine.all(of: table, first) == engine.all(of: table, second))
      try await engine.set(1, "off", in: table, first)
      try await engine.set(2, "off", in: table, second)
      try await engine.commit(first)
      try await engine.commit(second)
      #expect(try await engine.all(of: table) == ["1:off", "2:off"])
    }
  }

  /// What a crash could still take back must not be seen.
  @Test func `shows nobody a commit that is not durable yet`() throws {
    try Self.run { bench, engine, table in
      let writer = engine.begin(.readCommitted)
      try await engine.set(1, "late", in: table, writer)
      let lsn = try #require(engine.markCommitted(writer))
      #expect(try await engine.get(1, in: table, nil) == "a")
      let other = engine.begin(.readCommitted)
      #expect(
        try await engine.lockRow(
          table.key(1), of: table, .forUpdate, for: other, view: engine.view(for: other),
          waiting: .skip
        ) { state, _ in state } == .skipped)
      try await engine.store?.waitUntilDurable(lsn)
      engine.completeCommit(writer)
      #expect(try await engine.get(1, in: table, nil) == "late")
      try await engine.rollback(other)
    }
  }

  @Test func `ends a deadlock with an error for the one that closed it`() throws {
    try Self.run { bench, engine, table in
      let (first, second) = (
        engine.begin(.readCommitted, processID: 71), engine.begin(.readCommitted, processID: 72)
      )
      try await engine.set(1, "x", in: table, first)
      try await engine.set(2, "y", in: table, second)
      let waiting = bench.start { try await engine.set(2, "x", in: table, first) }
      // The first one looks for a deadlock before there is one, and does not look again.
      try await bench.process.sleep(for: .milliseconds(1_010))
      let began = bench.process.now
      do {
        try await engine.set(1, "y", in: table, second)
        Issue.record("both wait")
      } catch let error as StorageError {
        #expect(error.sqlState == "40P01" && error.description == "deadlock detected")
        #expect(bench.process.now == began + .seconds(1))
        guard case .deadlock(let detail) = error else { return }
        #expect(detail.hasPrefix("Process 72 waits for ShareLock on transaction"))
      }
      try await engine.rollback(second)
      #expect(try await waiting.value(in: bench.process).get())
      try await engine.commit(first)
      #expect(try await engine.all(of: table) == ["1:x", "2:x"])
    }
  }

  @Test func `does not wait if the statement would rather not`() throws {
    try Self.run { _, engine, table in
      let (first, second) = (engine.begin(.readCommitted), engine.begin(.readCommitted))
      try await engine.set(1, "x", in: table, first)
      func lock(_ waiting: LockWaiting) async throws -> LockedRow {
        try await engine.lockRow(
          table.key(1), of: table, .forShare, for: second, view: engine.view(for: second),
          waiting: waiting
        ) { state, _ in state }
      }
      #expect(try await lock(.skip) == .skipped)
      await #expect(throws: StorageError.lockNotAvailable) { try await lock(.fail) }
      second.lockTimeout = .milliseconds(5)
      await #expect(throws: StorageError.lockNotAvailable) { try await lock(.wait) }
      try await engine.rollback(first)
      #expect(try await lock(.fail) == .unchanged)
      try await engine.commit(second)
    }
  }

  @Test(arguments: [true, false])
  func `makes the second of two equal keys wait for the first`(commits: Bool) throws {
    try Self.run(isIndexed: true, isUnique: true) { bench, engine, table in
      for (key, word) in [(5, "other"), (6, "same")] as [(Int64, String)] {
        let (first, second) = (engine.begin(.readCommitted), engine.begin(.readCommitted))
        try await engine.put(5, "same", in: table, first)
        let waiting = bench.start { try await engine.put(key, word, in: table, second) }
        try await bench.process.sleep(for: .milliseconds(100))
        #expect(!waiting.isFulfilled)
        if commits {
          try await engine.commit(first)
          let index = key == 5 ? "pairs_pkey" : "pairs_word"
          await #expect(throws: StorageError.uniqueViolation(index: index)) {
            try await waiting.value(in: bench.process).get()
          }
          try await engine.rollback(second)
          let cleaner = engine.begin(.readCommitted)
          try await engine.remove(5, from: table, cleaner)
          try await engine.commit(cleaner)
        } else {
          try await engine.rollback(first)
          try await waiting.value(in: bench.process).get()
          try await engine.rollback(second)
        }
        #expect(try await engine.all(of: table) == ["1:a", "2:b"])
      }
    }
  }

  @Test(arguments: [true, false])
  func `makes an insert wait for who deletes its key`(commits: Bool) throws {
    try Self.run(isIndexed: true, isUnique: true) { bench, engine, table in
      let (first, second) = (engine.begin(.readCommitted), engine.begin(.readCommitted))
      try await engine.remove(1, from: table, first)
      let waiting = bench.start { try await engine.put(9, "a", in: table, second) }
      try await bench.process.sleep(for: .milliseconds(100))
      #expect(!waiting.isFulfilled)
      if commits {
        try await engine.commit(first)
        try await waiting.value(in: bench.process).get()
        try await engine.commit(second)
        #expect(try await engine.all(of: table) == ["2:b", "9:a"])
      } else {
        try await engine.rollback(first)
        await #expect(throws: StorageError.uniqueViolation(index: "pairs_word")) {
          try await waiting.value(in: bench.process).get()
        }
        try await engine.rollback(second)
        #expect(try await engine.all(of: table) == ["1:a", "2:b"])
      }
    }
  }

  @Test func `takes back to a savepoint and no further`() throws {
    try Self.run(isIndexed: true) { _, engine, table in
      let t = engine.begin(.readCommitted)
      try await engine.set(1, "one", in: table, t)
      let outer = engine.savepoint(t)
      try await engine.put(3, "c", in: table, t)
      try await engine.set(1, "two", in: table, t)
      let inner = engine.savepoint(t)
      try await engine.remove(1, from: table, t)
      try await engine.put(1, "again", in: table, t)
      try await engine.remove(2, from: table, t)
      #expect(try await engine.all(of: table, t) == ["1:again", "3:c"])
      try await engine.rollback(t, to: inner)
      #expect(try await engine.all(of: table, t) == ["1:two", "2:b", "3:c"])
      try await engine.rollback(t, to: outer)
      #expect(try await engine.all(of: table, t) == ["1:one", "2:b"])
      try await engine.put(4, "d", in: table, t)
      try await engine.commit(t)
      #expect(try await engine.all(of: table) == ["1:one", "2:b", "4:d"])
      let index = try #require(table.index(named: "pairs_word"))
      #expect(try await engine.all(of: table, by: index) == ["2:b", "4:d", "1:one"])
      try await engine.purge()
      #expect(try TreeInspector(index.tree).entries.count == 3)
      #expect(try TreeInspector(table.tree).entries.count == 3)
    }
  }
}
