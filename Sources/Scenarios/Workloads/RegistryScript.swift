import Simulation
import Statistics
import Wire

/// Takes names, gives them up and passes them on: rows are deleted and put in again under a unique key, and change the
/// columns of another index.
final class RegistryScript: TransactionScript {
  private let names: Int
  private var seen: [(instant: Instant, what: RegistryChecker.Observation)] = []
  private var left: [RegistryChecker.Observation] = []
  private var isRead = false

  private static let kinds = 4

  let expectedErrors = ["23505"]

  init(names: Int) { self.names = names }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE registry(
        id bigint PRIMARY KEY, name bigint NOT NULL UNIQUE, kind bigint NOT NULL, note text);
      CREATE INDEX registry_kind ON registry(kind, name);
      CREATE TABLE registry_log(client int, sequence int, PRIMARY KEY (client, sequence));
      """)
    try await console.insert(into: "registry(id, name, kind, note)", count: names / 2) {
      "(\($0 + 1), \($0 * 2 + 1), \($0 % Self.kinds), 'first')"
    }
  }

  private enum Action: CaseIterable {
    case take, takeIfFree, giveUp, passOn, rename, recast
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? RegistryMix else {
      preconditionFailure("a registry script runs transactions on the registry")
    }
    let random = attempt.random
    let isRead = random.chance(mix.reads.fraction)
    let kind = Int64(random.index(below: Self.kinds))
    let name = Int64(random.index(below: names) + 1)
    let other = Int64(random.index(below: names) + 1)
    let action = Action.allCases[random.index(below: Action.allCases.count)]
    attempt.writes = !isRead
    try await connection.begin(attempt.begin)
    if isRead {
      try await compare(kind, "\(attempt.token)", on: connection)
      return try await connection.commit()
    }
    // No two transactions, and none of the rows that were there first, have the same.
    let id = Int64(attempt.token.client) * 1_000_000 + Int64(attempt.token.sequence) + 1_000_000_000
    switch action {
    case .take:
      _ = try await connection.execute(
        "INSERT INTO registry(id, name, kind, note) VALUES ($1, $2, $3, 'taken')", id, name, kind)
    case .takeIfFree:
      _ = try await connection.execute(
        """
        INSERT INTO registry(id, name, kind, note) VALUES ($1, $2, $3, 'free') \
        ON CONFLICT (name) DO NOTHING
        """, id, name, kind)
    case .giveUp:
      _ = try await connection.execute("DELETE FROM registry WHERE name = $1", name)
    case .passOn:
      _ = try await connection.execute("DELETE FROM registry WHERE name = $1", name)
      _ = try await connection.execute(
        "INSERT INTO registry(id, name, kind, note) VALUES ($1, $2, $3, 'passed')", id, name, kind)
    case .rename:
      _ = try await connection.execute(
        "UPDATE registry SET name = $2 WHERE name = $1", name, other)
    case .recast:
      _ = try await connection.execute(
        "UPDATE registry SET kind = $2 WHERE name = $1", name, kind)
    }
    _ = try await connection.execute(
      "INSERT INTO registry_log(client, sequence) VALUES ($1, $2)", Int64(attempt.token.client),
      Int64(attempt.token.sequence))
    try await connection.commit()
  }

  /// By the index, and by a condition that no index knows.
  private func compare(
    _ kind: Int64, _ reader: String, on connection: DatabaseConnection
  ) async throws {
    let answer = try await connection.execute(
      """
      SELECT (SELECT count(*) FROM registry WHERE kind = $1), \
      (SELECT coalesce(sum(name), 0) FROM registry WHERE kind = $1), \
      (SELECT count(*) FROM registry WHERE kind + 0 = $1), \
      (SELECT coalesce(sum(name), 0) FROM registry WHERE kind + 0 = $1)
      """, kind)
    let values = (0..<4).map { answer.integer(row: 0, column: $0) ?? -1 }
    seen.append(
      (
        connection.now,
        .compared(
          by: reader, kind: kind, index: Array(values[..<2]), table: Array(values[2...]))
      ))
    let all = try await connection.execute(
      "SELECT name FROM registry WHERE kind + 0 >= 0 ORDER BY name + 0")
    seen.append((connection.now, .names(by: reader, Self.column(of: all))))
  }

  private static func column(of answer: DatabaseConnection.Answer, _ column: Int = 0) -> [Int64] {
    answer.rows.indices.compactMap { answer.integer(row: $0, column: column) }
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    left = []
    isRead = false
    let rows = try await console.query("SELECT id, name FROM registry ORDER BY name + 0")
    let reader = "the final read"
    left.append(.names(by: reader, Self.column(of: rows, 1)))
    for row in rows.rows.indices {
      guard let id = rows.integer(row: row, column: 0), let name = rows.integer(row: row, column: 1)
      else { continue }
      let found = try await console.execute("SELECT id FROM registry WHERE name = $1", name)
      left.append(.found(name: name, id: id, byName: Self.column(of: found)))
    }
    for kind in 0..<Int64(Self.kinds) {
      let byIndex = try await console.execute(
        "SELECT name FROM registry WHERE kind = $1 ORDER BY name", kind)
      let byTable = try await console.execute(
        "SELECT name FROM registry WHERE kind + 0 = $1 ORDER BY name + 0", kind)
      left.append(
        .compared(
          by: reader, kind: kind, index: Self.column(of: byIndex), table: Self.column(of: byTable)))
    }
    isRead = true
    return try await console.tokens("SELECT client, sequence FROM registry_log")
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = RegistryChecker()
    var violations = seen.compactMap {
      checker.observe($0.what, at: state.scenarioTime($0.instant))
    }
    if isRead { violations += left.compactMap { checker.observe($0, at: state.now) } }
    func judgement(_ invariant: Invariant, _ count: Int, _ what: String) -> Judgement {
      Judgement(
        invariant, violations: violations.filter { $0.invariant == invariant },
        wasJudged: isRead && count > 0,
        evidence: isRead
          ? "\(FixedPoint.grouped(count)) \(what)" : "the registry could not be read at the end")
    }
    return [
      judgement(.uniqueKeysHold, checker.readingCount, "readings of all names"),
      judgement(
        .indexesAgreeWithTables, checker.comparisonCount, "comparisons of an index with its table"),
    ]
  }
}
