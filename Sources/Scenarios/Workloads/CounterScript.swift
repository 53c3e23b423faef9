import Simulation
import Statistics

/// Counts counters up by one, in two ways that must both be safe, and writes each step down.
final class CounterScript: TransactionScript {
  private let counters: Int
  private var seen: [(instant: Instant, what: CounterChecker.Observation)] = []
  private var left: [CounterChecker.Observation] = []
  private var stepCount = 0

  init(counters: Int) { self.counters = counters }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE counters(id int PRIMARY KEY, n bigint NOT NULL);
      CREATE TABLE counter_steps(
        client int, sequence int, counter int, n bigint, PRIMARY KEY (client, sequence));
      CREATE INDEX counter_steps_counter ON counter_steps(counter);
      """)
    try await console.insert(into: "counters(id, n)", count: counters) { "(\($0 + 1), 0)" }
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? CounterMix else {
      preconditionFailure("a counter script runs transactions on counters")
    }
    let random = attempt.random
    let isRead = random.chance(mix.reads.fraction)
    let isLocking = random.chance(0.5)
    let counter = Int64(random.index(below: counters) + 1)
    attempt.writes = false
    try await connection.begin(attempt.begin)
    if isRead {
      let answer = try await connection.execute(
        """
        SELECT n, (SELECT count(*) FROM counter_steps WHERE counter = $1) FROM counters WHERE id = $1
        """, counter)
      note(
        .read(
          by: "\(attempt.token)", counter: Int(counter),
          value: answer.integer(row: 0, column: 0) ?? -1,
          steps: answer.integer(row: 0, column: 1) ?? -1), connection)
      return try await connection.commit()
    }
    let count =
      isLocking
      ? try await connection.execute("SELECT n FROM counters WHERE id = $1 FOR UPDATE", counter)
      : try await connection.execute("SELECT n FROM counters WHERE id = $1", counter)
    let next = (count.integer(row: 0, column: 0) ?? -1) + 1
    let update =
      isLocking
      ? try await connection.execute("UPDATE counters SET n = $2 WHERE id = $1", counter, next)
      : try await connection.execute(
        "UPDATE counters SET n = n + 1 WHERE id = $1 AND n = $2", counter, next - 1)
    note(
      .changed(by: "\(attempt.token)", counter: Int(counter), rows: update.count), connection)
    if update.count > 0 {
      attempt.writes = true
      stepCount += 1
      _ = try await connection.execute(
        "INSERT INTO counter_steps(client, sequence, counter, n) VALUES ($1, $2, $3, $4)",
        Int64(attempt.token.client), Int64(attempt.token.sequence), counter, next)
    }
    try await connection.commit()
  }

  private func note(_ what: CounterChecker.Observation, _ connection: DatabaseConnection) {
    seen.append((connection.now, what))
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    left = []
    let values = try await console.query("SELECT id, n FROM counters ORDER BY id")
    let steps = try await console.query("SELECT counter, n FROM counter_steps ORDER BY counter, n")
    for row in values.rows.indices {
      let counter = values.integer(row: row, column: 0) ?? 0
      let own = steps.rows.indices.filter { steps.integer(row: $0, column: 0) == counter }
        .compactMap { steps.integer(row: $0, column: 1) }
      left.append(
        .left(
          counter: Int(counter), value: values.integer(row: row, column: 1) ?? -1, steps: own))
    }
    return try await console.tokens("SELECT client, sequence FROM counter_steps")
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = CounterChecker()
    var violations = seen.compactMap {
      checker.observe($0.what, at: state.scenarioTime($0.instant))
    }
    violations += left.compactMap { checker.observe($0, at: state.now) }
    return [
      Judgement(
        .noLostUpdate, violations: violations, wasJudged: !left.isEmpty && stepCount > 0,
        evidence: left.isEmpty
          ? "the counters could not be read at the end"
          : stepCount == 0
            ? "nobody counted"
            : "\(FixedPoint.grouped(checker.stepCount)) steps, and"
              + " \(FixedPoint.grouped(checker.readCount)) comparisons")
    ]
  }
}
