import Simulation
import Testing

@testable import Database
@testable import SQL
@testable import Volume

/// One host with one process, on which a test opens engines.
final class Bench {
  let simulation: Simulation
  let process: Process
  private(set) var isDone = false
  private(set) var failure: (any Error)?

  init(seed: UInt64 = 1) {
    simulation = Simulation(seed: seed)
    let region = simulation.addRegion("us-east-1", zones: ["a"])
    process = simulation.addHost("db", in: region.zone("a"), capacity: 2).start("engine")
  }

  /// Runs a body to its end, on virtual time.
  static func run(
    seed: UInt64 = 1, for limit: Interval = .seconds(3600),
    _ body: @escaping (Bench) async throws -> Void
  ) throws {
    let bench = Bench(seed: seed)
    bench.process.spawn {
      do { try await body(bench) } catch { bench.failure = error }
      bench.isDone = true
      bench.process.end()
    }
    bench.simulation.loop.run(until: .start + limit)
    if let failure = bench.failure { throw failure }
    #expect(bench.isDone, "seed \(seed): the test still waits for something")
  }

  func store(_ log: [MemoryStore.Record] = []) -> MemoryStore {
    MemoryStore(process: process, log: log)
  }

  func engine(_ store: MemoryStore, pool: Int = 4096) async throws -> StorageEngine {
    try await StorageEngine.open(process: process, store: store, poolCapacity: pool)
  }

  /// Starts a task and gives its result when it is asked for.
  func start<Value>(
    _ body: @escaping () async throws -> Value
  ) -> Promise<Result<Value, any Error>> {
    let promise = Promise<Result<Value, any Error>>()
    process.spawn {
      do { promise.fulfil(.success(try await body())) } catch { promise.fulfil(.failure(error)) }
    }
    return promise
  }
}

/// A table of a number and a text, with or without an index on the text.
extension TableDescription {
  static func pairs(_ name: String = "pairs", isIndexed: Bool = false, isUnique: Bool = false)
    -> TableDescription
  {
    TableDescription(
      name: name,
      columns: [
        ColumnDescription(name: "id", type: .bigint, isNotNull: true),
        ColumnDescription(name: "word", type: .text),
      ],
      primaryKey: [0], primaryKeyName: "\(name)_pkey",
      indexes: isIndexed
        ? [IndexDescription(name: "\(name)_word", columns: [1], isUnique: isUnique)] : [])
  }
}

extension Table {
  func key(_ id: Int64) -> [UInt8] { keyEncoding.encode([.integer(id)]) }
  func row(_ id: Int64, _ word: String) -> [UInt8] {
    rowEncoding.encode([.integer(id), .text(word)])
  }
  func id(_ row: UnsafeRawBufferPointer) -> Int64 {
    guard case .integer(let id) = rowEncoding.decode(column: 0, from: row) else { return -1 }
    return id
  }
  func word(_ row: UnsafeRawBufferPointer) -> String {
    guard case .text(let word) = rowEncoding.decode(column: 1, from: row) else { return "" }
    return word
  }
}

/// Statements as a session would do them.
extension StorageEngine {
  func has(_ name: String) async throws -> Bool { try await table(named: name, for: nil) != nil }

  /// A table that must be there.
  func existing(_ name: String, schema: String = "public") async throws -> Table {
    guard let table = try await table(named: name, schema: schema, for: nil) else {
      throw StorageError.undefinedTable(name)
    }
    return table
  }

  func createPairs(
    _ name: String = "pairs", isIndexed: Bool = false, isUnique: Bool = false
  ) async throws -> Table {
    let transaction = begin(.readCommitted)
    let table = try await createTable(
      .pairs(name, isIndexed: isIndexed, isUnique: isUnique), for: transaction)
    try await commit(transaction)
    return table
  }

  func put(_ id: Int64, _ word: String, in table: Table, _ t: Transaction) async throws {
    try await insert(table.key(id), table.row(id, word), into: table, for: t)
  }

  /// UPDATE … WHERE id = …; returns whether there was such a row.
  @discardableResult
  func set(_ id: Int64, _ word: String, in table: Table, _ t: Transaction) async throws -> Bool {
    let view = view(for: t)
    let key = table.key(id)
    let isThere = try await lookup(key, in: table, view: view) { _ in true } ?? false
    guard isThere else { return false }
    let found = try await lockRow(key, of: table, .forUpdate, for: t, view: view) { state, _ in
      state
    }
    guard found == .unchanged || found == .changed else { return false }
    try await update(key, to: table.row(id, word), of: table, for: t)
    return true
  }

  @discardableResult
  func remove(_ id: Int64, from table: Table, _ t: Transaction) async throws -> Bool {
    let view = view(for: t)
    let key = table.key(id)
    let isThere = try await lookup(key, in: table, view: view) { _ in true } ?? false
    guard isThere else { return false }
    let found = try await lockRow(key, of: table, .forUpdate, for: t, view: view) { state, _ in
      state
    }
    guard found == .unchanged || found == .changed else { return false }
    try await delete(key, from: table, for: t)
    return true
  }

  func get(_ id: Int64, in table: Table, _ t: Transaction?) async throws -> String? {
    let view = t.map { self.view(for: $0) } ?? self.view()
    return try await lookup(table.key(id), in: table, view: view) { table.word($0) }
  }

  /// All rows in order, as `id:word`.
  func all(
    of table: Table, _ t: Transaction? = nil, by index: Index? = nil,
    direction: ScanDirection = .forward, batch: Int = 7
  ) async throws -> [String] {
    let view = t.map { self.view(for: $0) } ?? self.view()
    let scan =
      index.map { self.scan(table, by: $0, direction: direction, view: view) }
      ?? self.scan(table, direction: direction, view: view)
    var rows: [String] = []
    while !scan.isAtEnd {
      try await scan.next(batch) { _, row in
        rows.append("\(table.id(row)):\(table.word(row))")
        return true
      }
    }
    return rows
  }
}
