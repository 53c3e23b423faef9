import Simulation
import Statistics
import Wire

/// Transactions in parts, each between two savepoints: a part is a row of its own and a tally that counts it. Some parts
/// are rolled back on purpose, some because a statement in them fails, some with a part that came after them.
final class SavepointScript: TransactionScript {
  private let tallies: Int
  private var seen: [(instant: Instant, what: PartialRollbackChecker.Observation)] = []
  /// What each transaction has kept so far, in the order of the parts.
  private var kept = LookupTable<TransactionToken, [Int64]>()
  private var outcomes: [(token: TransactionToken, outcome: TransactionOutcome, instant: Instant)] =
    []
  private var found: LookupTable<TransactionToken, [Int64]>?
  private var finalTallies: [PartialRollbackChecker.Observation] = []

  let expectedErrors = [ExpectedError(sqlState: "23505", subject: "parts_pkey")]

  init(tallies: Int) { self.tallies = tallies }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE tallies(id int PRIMARY KEY, n bigint NOT NULL);
      CREATE TABLE parts(
        client int, sequence int, part int, tally int, PRIMARY KEY (client, sequence, part));
      """)
    try await console.insert(into: "tallies(id, n)", count: tallies) { "(\($0 + 1), 0)" }
  }

  /// What is done with a part.
  private enum Fate: CaseIterable {
    case kept, released, rolledBack
    /// A statement fails in it.
    case failed
    /// It is removed again, in a part of its own.
    case removed
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    let random = attempt.random
    let count = 2 + random.index(below: 4)
    let parts = (1...count).map { part in
      (
        number: Int64(part), tally: Int64(random.index(below: tallies) + 1),
        fate: Fate.allCases[random.index(below: Fate.allCases.count)]
      )
    }
    let token = attempt.token
    let (client, sequence) = (Int64(token.client), Int64(token.sequence))
    kept[token] = []
    try await connection.begin(attempt.begin)
    for part in parts {
      _ = try await connection.execute("SAVEPOINT part")
      _ = try await connection.execute(
        "INSERT INTO parts(client, sequence, part, tally) VALUES ($1, $2, $3, $4)", client,
        sequence,
        part.number, part.tally)
      _ = try await connection.execute("UPDATE tallies SET n = n + 1 WHERE id = $1", part.tally)
      switch part.fate {
      case .kept: kept[token, default: []].append(part.number)
      case .released:
        _ = try await connection.execute("RELEASE SAVEPOINT part")
        kept[token, default: []].append(part.number)
      case .rolledBack: _ = try await connection.execute("ROLLBACK TO SAVEPOINT part")
      case .failed: try await fail(part.number, part.tally, token, on: connection)
      case .removed:
        _ = try await connection.execute("SAVEPOINT removal")
        _ = try await connection.execute(
          "DELETE FROM parts WHERE client = $1 AND sequence = $2 AND part = $3", client, sequence,
          part.number)
        _ = try await connection.execute("UPDATE tallies SET n = n - 1 WHERE id = $1", part.tally)
        _ = try await connection.execute("RELEASE SAVEPOINT removal")
      }
    }
    let own = try await connection.execute(
      "SELECT part FROM parts WHERE client = $1 AND sequence = $2 ORDER BY part", client, sequence)
    seen.append(
      (
        connection.now,
        .own(
          token, expected: kept[token] ?? [],
          found: own.rows.indices.compactMap { own.integer(row: $0, column: 0) })
      ))
    attempt.writes = kept[token]?.isEmpty == false
    try await connection.commit()
  }

  /// Inserts the row a second time, which must fail, and goes back to before the part.
  private func fail(
    _ part: Int64, _ tally: Int64, _ token: TransactionToken, on connection: DatabaseConnection
  ) async throws {
    do {
      _ = try await connection.execute(
        "INSERT INTO parts(client, sequence, part, tally) VALUES ($1, $2, $3, $4)",
        Int64(token.client), Int64(token.sequence), part, tally)
    } catch let error as ErrorFields where error.sqlState == "23505" {
      _ = try await connection.execute("ROLLBACK TO SAVEPOINT part")
      return
    }
    // It was taken: the transaction goes on as if the part had been kept, and its own reading tells.
    kept[token, default: []].append(part)
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {
    outcomes.append((attempt.token, outcome, instant))
  }

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    let rows = try await console.query(
      "SELECT client, sequence, part FROM parts ORDER BY client, sequence, part")
    var found = LookupTable<TransactionToken, [Int64]>()
    var tokens: [TransactionToken] = []
    for row in rows.rows.indices {
      guard let client = rows.integer(row: row, column: 0),
        let sequence = rows.integer(row: row, column: 1),
        let part = rows.integer(row: row, column: 2)
      else { continue }
      let token = TransactionToken(client: Int(client), sequence: Int(sequence))
      if found[token] == nil { tokens.append(token) }
      found[token, default: []].append(part)
    }
    self.found = found
    let sums = try await console.query(
      """
      SELECT id, n, (SELECT count(*) FROM parts WHERE tally = tallies.id) FROM tallies ORDER BY id
      """)
    finalTallies = sums.rows.indices.map { row in
      .tally(
        sums.integer(row: row, column: 0) ?? 0, value: sums.integer(row: row, column: 1) ?? -1,
        parts: sums.integer(row: row, column: 2) ?? -1)
    }
    return tokens
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = PartialRollbackChecker()
    var violations = seen.compactMap {
      checker.observe($0.what, at: state.scenarioTime($0.instant))
    }
    if let found {
      for (token, outcome, instant) in outcomes {
        let isLate = instant >= state.reading?.start ?? .distantFuture
        let known: PartialRollbackChecker.Outcome =
          switch outcome {
          case .committed: isLate ? .inDoubt : .committed
          case .rolledBack: .rolledBack
          case .inDoubt: .inDoubt
          }
        let violation = checker.observe(
          .left(token, expected: kept[token] ?? [], found: found[token] ?? [], outcome: known),
          at: state.now)
        if let violation { violations.append(violation) }
      }
      violations += finalTallies.compactMap { checker.observe($0, at: state.now) }
    }
    let committed = outcomes.count { if case .committed = $0.outcome { true } else { false } }
    return [
      Judgement(
        .partialRollbackExact, violations: violations, wasJudged: found != nil && committed > 0,
        evidence: found == nil
          ? "the parts could not be read at the end"
          : "\(FixedPoint.grouped(committed)) committed transactions in parts, looked at"
            + " \(FixedPoint.grouped(checker.checkCount)) times")
    ]
  }
}
