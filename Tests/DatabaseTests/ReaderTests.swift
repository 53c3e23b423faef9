import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `A reader` {
  /// Follows a writer: mini-transactions go to the reader when they are durable, one by one.
  private final class Follower: ReadableVolume {
    let store: MemoryStore
    let writer: StorageEngine
    private(set) var engine: StorageEngine?
    private(set) var next = 0
    private(set) var durable = LSN.zero
    /// Stops after half of a mini-transaction: a planted defect.
    var tearsMiniTransactions = false

    init(_ bench: Bench, _ store: MemoryStore, _ writer: StorageEngine, pool: Int) {
      (self.store, self.writer) = (store, writer)
      durable = store.volumeDurableLSN
      next = store.encoded.firstIndex { $0.last > durable } ?? store.encoded.count
      engine = StorageEngine.openReader(
        process: bench.process, source: self, poolCapacity: pool, at: durable,
        snapshot: snapshot())
      store.onDurable = { [unowned self] lsn in
        do { try follow(to: lsn) } catch { Issue.record("\(error)") }
      }
    }

    private func snapshot() -> Snapshot {
      Snapshot(high: writer.nextTransaction, active: writer.activeTransactions(asOf: durable))
    }

    private func follow(to lsn: LSN) throws {
      guard let engine else { return }
      while next < store.encoded.count, store.encoded[next].last <= lsn {
        let bytes = store.encoded[next].bytes
        try engine.apply(tearsMiniTransactions ? Self.withoutLastRecord(bytes) : bytes)
        next += 1
      }
      durable = lsn
      engine.advance(to: lsn, snapshot: snapshot())
      writer.oldestReaderTransaction = engine.oldestTransactionNeeded
    }

    private static func withoutLastRecord(_ bytes: [UInt8]) -> [UInt8] {
      bytes.withUnsafeBytes { buffer in
        var (start, end) = (0, 0)
        while let record = LogRecord(buffer, at: end) {
          (start, end) = (end, record.edits.upperBound)
        }
        return start == 0 ? bytes : Array(bytes[..<start])
      }
    }

    func read(_ page: PageNumber, at readPoint: LSN) async throws -> [UInt8] {
      try await store.read(page, at: readPoint)
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `shows at every VDL exactly what was committed by then`(seed: UInt64) throws {
    try Bench.run(seed: seed) { bench in
      let store = bench.store()
      let writer = try await bench.engine(store)
      let table = try await writer.createPairs(isIndexed: true)
      let follower = Follower(bench, store, writer, pool: seed % 2 == 0 ? 4096 : 5)
      let reader = try #require(follower.engine)
      let same = try await reader.existing("pairs")
      let index = try #require(same.index(named: "pairs_word"))
      let workload = Workload(bench, writer, table, seed: seed)
      var checks = 0
      let watching = bench.start {
        let random = RandomStream(seed: seed).fork("watch")
        for _ in 0..<40 {
          try await bench.process.sleep(for: .microseconds(Int64(random.index(below: 3000))))
          let t = reader.begin(.repeatableRead)
          _ = reader.view(for: t)
          let expected = workload.rows(asOf: follower.durable)
          for _ in 0..<2 {
            let rows = try await reader.all(of: same, t, batch: 4)
            if rows != expected { Issue.record("seed \(seed): \(rows), not \(expected)") }
            let byWord = try await reader.all(of: same, t, by: index, batch: 4)
            if byWord != Workload.byWord(expected) {
              Issue.record("seed \(seed): the index gives \(byWord), not \(expected)")
            }
          }
          _ = reader.markCommitted(t)
          reader.completeCommit(t)
          checks += 1
        }
      }
      try await workload.run(sessions: 4, transactions: 15)
      try await watching.value(in: bench.process).get()
      #expect(workload.problems == [])
      #expect(checks == 40)
      #expect(bench.simulation.meters.total(of: .redoApplied) > 0)
    }
  }

  /// Trees are whole at every mini-transaction, whatever pages the reader happens to have.
  @Test func `never meets half a split`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let writer = try await bench.engine(store)
      let table = try await writer.createPairs()
      let follower = Follower(bench, store, writer, pool: 4096)
      let reader = try #require(follower.engine)
      let same = try await reader.existing("pairs")
      let random = RandomStream(seed: 9).fork("ids")
      for _ in 0..<40 {
        let t = writer.begin(.readCommitted)
        for _ in 0..<5 {
          let id = Int64(random.index(below: 100_000))
          let word = String(repeating: "s", count: 900)
          try await writer.put(id, word, in: table, t)
        }
        try await writer.commit(t)
        for number in 0..<MetaPage(try await reader.pool.fetch(.meta)).pageCount {
          _ = try await reader.pool.fetch(PageNumber(number))
        }
        #expect(try TreeInspector(same.tree).problems == [])
      }
      #expect(try TreeInspector(same.tree).leaves.count > 10)
    }
  }

  /// A planted defect: mini-transactions that are applied without their last record.
  @Test func `is found out if it applies half of a mini-transaction`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let writer = try await bench.engine(store)
      let table = try await writer.createPairs()
      let follower = Follower(bench, store, writer, pool: 4096)
      let reader = try #require(follower.engine)
      let same = try await reader.existing("pairs")
      _ = try await reader.all(of: same)
      follower.tearsMiniTransactions = true
      let t = writer.begin(.readCommitted)
      for id in 0..<5 { try await writer.put(Int64(id), "torn", in: table, t) }
      try await writer.commit(t)
      #expect(try await reader.all(of: same).count < 5)
    }
  }

  @Test func `learns of tables through the log`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let writer = try await bench.engine(store)
      let follower = Follower(bench, store, writer, pool: 64)
      let reader = try #require(follower.engine)
      #expect(try await !reader.has("pairs"))
      let table = try await writer.createPairs()
      #expect(try await reader.has("pairs"))
      let t = writer.begin(.readCommitted)
      try await writer.dropTable(table, for: t)
      #expect(try await reader.has("pairs"))
      try await writer.commit(t)
      #expect(try await !reader.has("pairs"))
    }
  }

  @Test func `refuses to write`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let writer = try await bench.engine(store)
      _ = try await writer.createPairs()
      let follower = Follower(bench, store, writer, pool: 64)
      let reader = try #require(follower.engine)
      let same = try await reader.existing("pairs")
      let t = reader.begin(.readCommitted)
      await #expect(throws: StorageError.readOnly) { try await reader.put(1, "x", in: same, t) }
      await #expect(throws: StorageError.readOnly) {
        _ = try await reader.createTable(.pairs("more"), for: t)
      }
    }
  }
}
