import Simulation
import Testing

@testable import Database
@testable import Volume

/// Sessions that do at random what sessions do, and the history of what they committed.
final class Workload {
  /// The writes of one committed transaction, in order; `nil` is a delete.
  struct Commit {
    let lsn: LSN
    let writes: [(id: Int64, word: String?)]
  }

  let bench: Bench
  let engine: StorageEngine
  let table: Table
  private let seed: UInt64
  private(set) var commits: [Commit] = []
  private(set) var problems: [String] = []
  private(set) var counts = LookupTable<String, Int>()

  init(_ bench: Bench, _ engine: StorageEngine, _ table: Table, seed: UInt64) {
    (self.bench, self.engine, self.table, self.seed) = (bench, engine, table, seed)
  }

  /// Every committed row as of an LSN, as `id:word`, in the order of ids.
  func rows(asOf lsn: LSN) -> [String] {
    var rows: [Int64: String] = [:]
    for commit in commits.sorted(by: { $0.lsn < $1.lsn }) where commit.lsn <= lsn {
      for write in commit.writes { rows[write.id] = write.word }
    }
    return rows.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
  }

  /// The same in the order of words.
  static func byWord(_ rows: [String]) -> [String] {
    rows.map { row in
      let colon = row.firstIndex(of: ":") ?? row.startIndex
      return (Int64(row[..<colon]) ?? 0, String(row[row.index(after: colon)...]), row)
    }.sorted {
      $0.1 == $1.1
        ? $0.0 < $1.0 : Array($0.1.utf8).lexicographicallyPrecedes(Array($1.1.utf8))
    }.map(\.2)
  }

  /// Runs sessions side by side until each has done its transactions.
  func run(sessions: Int, transactions: Int) async throws {
    let done = (0..<sessions).map { number in
      bench.start {
        let random = RandomStream(seed: self.seed).fork("session/\(number)")
        for _ in 0..<transactions { try await self.transaction(random) }
      }
    }
    for promise in done { try await promise.value(in: bench.process).get() }
  }

  private func transaction(_ random: RandomStream) async throws {
    let level = random.chance(0.5) ? IsolationLevel.readCommitted : .repeatableRead
    let t = engine.begin(level)
    var writes: [(id: Int64, word: String?)] = []
    var savepoint: (point: Savepoint, count: Int)?
    do {
      if level == .repeatableRead { try await checkSnapshot(t) }
      for _ in 0..<1 + random.index(below: 5) {
        let id = Int64(random.index(below: 40))
        let statement = engine.savepoint(t)
        let choice = random.index(below: 10)
        do {
          switch choice {
          case 0..<4:
            let word = Self.word(random)
            try await engine.put(id, word, in: table, t)
            writes.append((id, word))
          case 4..<7:
            let word = Self.word(random)
            if try await engine.set(id, word, in: table, t) { writes.append((id, word)) }
          case 7: if try await engine.remove(id, from: table, t) { writes.append((id, nil)) }
          case 8: savepoint = (statement, writes.count)
          default:
            if let saved = savepoint {
              try await engine.rollback(t, to: saved.point)
              writes.removeSubrange(saved.count...)
            }
          }
        } catch StorageError.uniqueViolation {
          counts["unique", default: 0] += 1
          try await engine.rollback(t, to: statement)
        }
        if random.chance(0.3) { try await bench.process.sleep(for: .microseconds(300)) }
      }
      if random.chance(0.25) {
        try await engine.rollback(t)
      } else {
        let lsn = engine.markCommitted(t)
        // From here on the commit counts, whether or not anybody lives to hear of it.
        if let lsn { commits.append(Commit(lsn: lsn, writes: writes)) }
        if lsn == nil, !writes.isEmpty { problems.append("writes without a commit record") }
        if let lsn { try await engine.store?.waitUntilDurable(lsn) }
        engine.completeCommit(t)
        counts["commit", default: 0] += 1
      }
    } catch let error as StorageError {
      counts[error.sqlState, default: 0] += 1
      try await engine.rollback(t)
    }
  }

  /// A snapshot must hold exactly what had been committed and durable when it was taken.
  private func checkSnapshot(_ t: Transaction) async throws {
    let view = engine.view(for: t)
    let expected = rows(asOf: engine.store?.volumeDurableLSN ?? .zero)
    let visible = engine.transactions.activeIDs
    _ = (view, visible)
    let found = try await engine.all(of: table, t, batch: 3)
    // Who is durable, but has not been woken yet, counts as in progress.
    if found != expected, !isMissingOnlyUnfinished(found, expected) {
      problems.append("a snapshot shows \(found), not \(expected)")
    }
  }

  private func isMissingOnlyUnfinished(_ found: [String], _ expected: [String]) -> Bool {
    commits.contains { rows(asOf: $0.lsn) == found } || found.isEmpty && expected.isEmpty
  }

  private static func word(_ random: RandomStream) -> String {
    let word = "w\(random.index(below: 12))"
    switch random.index(below: 12) {
    case 0: return word + String(repeating: "x", count: 3000)
    case 1, 2: return word + String(repeating: "y", count: random.index(below: 900))
    default: return word
    }
  }
}
