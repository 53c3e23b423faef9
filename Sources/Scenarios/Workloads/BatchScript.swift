import OrderedCollections
import Simulation
import Statistics

/// Writes, changes and removes batches of rows, and reads all of them in one snapshot, page by page as an application
/// does.
final class BatchScript: TransactionScript {
  private let batches: Int
  private let rows: Int
  private var seen: [(instant: Instant, what: BatchChecker.Observation)] = []
  private var left: [BatchChecker.Observation] = []
  private var isRead = false
  private var batchCount = 0

  /// Rows that one statement of a scan reads.
  private static let piece: Int64 = 100

  init(batches: Int, rows: Int) { (self.batches, self.rows) = (batches, rows) }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE batch_rows(
        id bigint PRIMARY KEY, batch bigint NOT NULL, stamp bigint NOT NULL, filler text NOT NULL);
      CREATE INDEX batch_rows_batch ON batch_rows(batch);
      CREATE TABLE batch_turns(batch bigint PRIMARY KEY, turns bigint NOT NULL);
      CREATE TABLE batch_log(client int, sequence int, PRIMARY KEY (client, sequence));
      """)
    try await console.insert(into: "batch_turns(batch, turns)", count: batches) { "(\($0), 0)" }
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? BatchMix else {
      preconditionFailure("a batch script runs transactions on batches")
    }
    let random = attempt.random
    let isScan = random.chance(mix.reads.fraction)
    let batch = Int64(random.index(below: batches))
    let isGivenUp = random.chance(0.2)
    let isRemoval = random.chance(0.4)
    attempt.writes = !isScan
    if isScan {
      try await connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await scan("\(attempt.token)", on: connection)
      return try await connection.commit()
    }
    let stamp = Self.stamp(of: attempt.token)
    try await connection.begin(attempt.begin)
    // One at a time, and at REPEATABLE READ nobody who has not seen what the last one did.
    _ = try await connection.execute(
      "UPDATE batch_turns SET turns = turns + 1 WHERE batch = $1", batch)
    let changed = try await connection.execute(
      "UPDATE batch_rows SET stamp = $2 WHERE batch = $1", batch, stamp)
    if changed.count == 0 {
      try await write(batch, stamp, on: connection)
    } else if isRemoval {
      _ = try await connection.execute("DELETE FROM batch_rows WHERE batch = $1", batch)
    }
    batchCount += 1
    _ = try await connection.execute(
      "INSERT INTO batch_log(client, sequence) VALUES ($1, $2)", Int64(attempt.token.client),
      Int64(attempt.token.sequence))
    if isGivenUp {
      attempt.writes = false
      return try await connection.rollBack()
    }
    try await connection.commit()
  }

  private static func stamp(of token: TransactionToken) -> Int64 {
    Int64(token.client) * 1_000_000 + Int64(token.sequence)
  }

  private func write(
    _ batch: Int64, _ stamp: Int64, on connection: DatabaseConnection
  ) async throws {
    _ = try await connection.execute(
      """
      INSERT INTO batch_rows(id, batch, stamp, filler) \
      SELECT $1::bigint + i, $2::bigint, $3::bigint, repeat('x', 100) \
      FROM generate_series(1, $4::bigint) AS g(i)
      """, batch * 100_000, batch, stamp, Int64(rows))
  }

  /// Reads all rows, a piece at a time, each from where the last one ended.
  private func scan(_ reader: String, on connection: DatabaseConnection) async throws {
    var keys: [Int64] = []
    var batches = OrderedDictionary<Int64, (rows: Int64, stamps: ClosedRange<Int64>)>()
    while true {
      let answer = try await connection.execute(
        "SELECT id, batch, stamp FROM batch_rows WHERE id > $1 ORDER BY id LIMIT $2",
        keys.last ?? 0, Self.piece)
      for row in answer.rows.indices {
        guard let id = answer.integer(row: row, column: 0),
          let batch = answer.integer(row: row, column: 1),
          let stamp = answer.integer(row: row, column: 2)
        else { continue }
        keys.append(id)
        let known = batches[batch]
        let stamps = known?.stamps ?? stamp...stamp
        batches[batch] = (
          (known?.rows ?? 0) + 1,
          min(stamps.lowerBound, stamp)...max(stamps.upperBound, stamp)
        )
      }
      if answer.rows.count < Int(Self.piece) { break }
    }
    seen.append((connection.now, .order(by: reader, keys)))
    for (batch, found) in batches {
      seen.append(
        (connection.now, .batch(by: reader, batch: batch, rows: found.rows, stamps: found.stamps)))
    }
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    left = []
    isRead = false
    let tokens = try await console.tokens("SELECT client, sequence FROM batch_log")
    let stamps = tokens.map(Self.stamp)
    let answer = try await console.query(
      "SELECT batch, count(*), min(stamp), max(stamp) FROM batch_rows GROUP BY batch ORDER BY batch"
    )
    let turns = try await console.query("SELECT coalesce(sum(turns), 0) FROM batch_turns")
    left.append(.turns(turns.integer(row: 0, column: 0) ?? -1, logged: Int64(tokens.count)))
    for row in answer.rows.indices {
      let values = (0..<4).map { answer.integer(row: row, column: $0) ?? -1 }
      left.append(
        .batch(
          by: "the final read", batch: values[0], rows: values[1],
          stamps: min(values[2], values[3])...max(values[2], values[3])))
      left.append(
        .stamped(batch: values[0], stamp: values[3], isLogged: stamps.contains(values[3])))
    }
    isRead = true
    return tokens
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = BatchChecker(rowsPerBatch: rows)
    var violations = seen.compactMap {
      checker.observe($0.what, at: state.scenarioTime($0.instant))
    }
    violations += left.compactMap { checker.observe($0, at: state.now) }
    return [
      Judgement(
        .largeTransactionsWhole, violations: violations,
        wasJudged: isRead && batchCount > 0 && checker.batchCount > 0,
        evidence: !isRead
          ? "the batches could not be read at the end"
          : checker.batchCount == 0
            ? "nobody saw a batch"
            : "\(FixedPoint.grouped(checker.batchCount)) batches looked at, after"
              + " \(FixedPoint.grouped(batchCount)) transactions on them")
    ]
  }
}
